#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/buffers.hh"
#include "core/drop_reason.hh"
#include "core/frame.hh"
#include "core/frame_train.hh"
#include "emulator/os/tap_device.hh"
#include "emulator/realtime/realtime.hh"

namespace violin {

// Who gets the frames that a kernel sends to a port.
class PortOwner {
 public:
  virtual void port_received(int port, Frame frame, Time now) = 0;
  // A frame from the kernel could not be taken in.
  virtual void port_dropped(int port, DropReason reason) = 0;
  // The kernel was given, at `at`, the frames that were due at these times; or would not take them.
  virtual void port_wrote(int port, std::span<const Time> due, Time at, bool taken) = 0;

 protected:
  ~PortOwner() = default;
};

// Our end of a kernel's network interface: frames through a TAP device that has virtio headers.
// Each frame is copied once in either direction; super-frames stay whole. Frames of one flow that
// are due in one round of the clock are given to the kernel as one super-frame: a call, and a way
// through its network stack, for all of them.
class TapPort final : public InputSource, public OutputBatch {
 public:
  // Frames read per round: enough to pay for waking up, few enough to be fair to other ports.
  static constexpr size_t kBurst = 64;
  // Flows whose frames are gathered at a time.
  static constexpr size_t kFlows = 8;
  // No frame waits for one that is due so much later.
  static constexpr Duration kGatherMax = Duration::microseconds(100);

  // `index` is what the owner is told. Registers with `realtime` until it is destroyed.
  TapPort(TapDevice tap, Realtime& realtime, BufferPools& pools, PortOwner& owner, int index);
  ~TapPort();
  TapPort(const TapPort&) = delete;
  TapPort& operator=(const TapPort&) = delete;

  size_t read_input(Time now) override;
  // Hands a frame to the kernel, now or with the next flush. Frames of a flow stay in order.
  void write(Frame frame, Time due);
  void flush() override;
  // Frames that wait for the next flush.
  uint64_t frames_held() const;
  // Link time of the longest train so far: no frame in it can have been placed better.
  Duration longest_gathering() const { return longest_; }

 private:
  bool read_one(Time now);
  Payload take_payload(uint32_t size);
  bool may_gather(const TransportLayout& layout) const;
  void gather(Frame frame, const TransportLayout& layout, Time due);
  FrameTrain& free_train();
  void write_train(FrameTrain& train);
  void write_alone(Frame frame, Time due);
  void write_parts(std::span<const iovec> parts, std::span<const Time> due);

  TapDevice tap_;
  Realtime& realtime_;
  BufferPools& pools_;
  PortOwner& owner_;
  int index_;
  Slot* spare_ = nullptr;                            // where the next frame's payload is read into
  std::vector<std::unique_ptr<FrameTrain>> trains_;  // those in use stand first, oldest first
  size_t used_ = 0;
  Duration longest_;
};

}  // namespace violin
