#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/buffers.hh"
#include "core/drop_reason.hh"
#include "core/frame.hh"
#include "emulator/os/tap_device.hh"
#include "emulator/realtime/realtime.hh"

namespace violin {

// Who gets the frames that a kernel sends to a port.
class PortOwner {
 public:
  virtual void port_received(int port, Frame frame, Time now) = 0;
  // A frame from the kernel could not be taken in.
  virtual void port_dropped(int port, DropReason reason) = 0;

 protected:
  ~PortOwner() = default;
};

// Our end of a kernel's network interface: frames through a TAP device that has virtio headers.
// Each frame is copied once in either direction; super-frames stay whole.
class TapPort final : public InputSource {
 public:
  // Frames read per round: enough to pay for waking up, few enough to be fair to other ports.
  static constexpr int kBurst = 64;

  // `index` is what the owner is told.
  TapPort(TapDevice tap, BufferPools& pools, PortOwner& owner, int index);
  ~TapPort();
  TapPort(const TapPort&) = delete;
  TapPort& operator=(const TapPort&) = delete;

  int descriptor() const { return tap_.fd(); }
  void read_input(Time now) override;
  // Hands a frame to the kernel. False when the kernel would not take it.
  bool write(Frame frame);

 private:
  bool read_one(Time now);
  Payload take_payload(uint32_t size);

  TapDevice tap_;
  BufferPools& pools_;
  PortOwner& owner_;
  int index_;
  Slot* spare_ = nullptr;           // where the next frame's payload is read into
  std::vector<std::byte> scratch_;  // a payload that lies nowhere is written out here
};

}  // namespace violin
