#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/buffers.hh"
#include "core/frame.hh"
#include "core/frame_train.hh"
#include "emulator/os/tap_device.hh"
#include "emulator/realtime/gathering_port.hh"
#include "emulator/realtime/realtime.hh"

namespace violin {

// Our end of a kernel's network interface: frames through a TAP device that has virtio headers.
// Each frame is copied once in either direction; super-frames stay whole.
class TapPort final : public InputSource, public GatheringPort {
 public:
  // Frames read per round: enough to pay for waking up, few enough to be fair to other ports.
  static constexpr size_t kBurst = 64;

  // `index` is what the owner is told. Registers with `realtime` until it is destroyed.
  TapPort(TapDevice tap, Realtime& realtime, BufferPools& pools, PortOwner& owner, int index);
  ~TapPort();

  size_t read_input(Time now) override;
  void set_carrier(bool on) override { tap_.set_carrier(on); }
  // Not when the namespace has removed it.
  bool is_there() const override { return is_there_; }

 private:
  bool read_one(Time now);
  void lose_device();
  Payload take_payload(uint32_t size);
  bool may_gather(const TransportLayout& layout) const override;
  Given give(Frame& frame) override;
  Given give(FrameTrain& train) override;
  Given write_parts(std::span<const iovec> parts);

  TapDevice tap_;
  BufferPools& pools_;
  bool is_there_ = true;
  Slot* spare_ = nullptr;  // where the next frame's payload is read into
};

}  // namespace violin
