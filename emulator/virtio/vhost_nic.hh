#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/addresses.hh"
#include "core/buffers.hh"
#include "core/frame.hh"
#include "core/frame_train.hh"
#include "emulator/virtio/vhost_device.hh"
#include "emulator/virtio/vhost_nic_owner.hh"
#include "emulator/virtio/vhost_session.hh"
#include "emulator/virtio/vnet_header.hh"

namespace violin {

struct VhostNicOptions {
  MacAddress mac;
  int64_t mtu = 1500;     // bytes of an IP packet; 68 to 65 535
  bool offloads = true;   // checksums and super-frames, both ways
  uint64_t withheld = 0;  // feature bits that are not offered in any case
  bool in_band = true;    // VhostSessionOptions
  bool confirm_interrupts = false;
};

// A guest's network interface (Virtual I/O Device specification 1.2, section 5.1), reached by
// vhost-user: the cable's end of it. Each frame is copied once in either direction; super-frames
// stay whole where the guest agreed to them, and are segmented where it did not.
class VhostNic final : public VhostDevice {
 public:
  // Frames taken at a time: in band all that a ring can hold; otherwise enough to pay for waking
  // up, and few enough to be fair to others.
  static constexpr size_t kBurstInBand = Virtqueue::kSizeMax;
  static constexpr size_t kBurst = 64;
  // A super-frame of more segments than any kernel makes of one is dropped as malformed.
  static constexpr uint32_t kSegmentsMax = 1024;

  enum class Delivery {
    kDone,
    kNoBuffer,    // the guest has no room for it now
    kRefused,     // it fits into nothing that the guest puts out, or the pools are empty
    kNotRunning,  // there is no guest, or it does not receive
  };

  // `index` is what the owner is told.
  VhostNic(const VhostNicOptions& options, BufferPools& pools, VhostNicOwner& owner, int index);

  // Serves the guest at the other end of a connected stream socket. Throws std::system_error.
  void connect(FileDescriptor socket) { session_.connect(std::move(socket)); }
  // Takes the interface away from the guest.
  void disconnect() { session_.disconnect(); }
  bool is_connected() const { return session_.is_connected(); }
  bool is_running() const { return session_.is_enabled(kReceive); }  // the guest receives
  // To be polled; readable when there is something for read_messages(). In band -1 without a
  // connection, otherwise always the same.
  int descriptor() const { return session_.descriptor(); }
  // Deals with what is there, never waits. The frames of a kick are the owner's before the guest
  // gets its answer.
  void read_messages() { session_.read_messages(); }
  // Takes frames from the guest without a kick, at most a burst; says how many.
  size_t collect();
  // Whether the guest is to kick when it sends; from the next collect() on.
  void set_kicks(bool wanted);

  // Puts a frame into the guest's receive ring, where it cannot be seen yet. The frame is the
  // caller's to try again with.
  Delivery deliver(Frame&& frame);
  // The same of a train, as one super-frame of a kind that is taken; closes the train.
  Delivery deliver(FrameTrain& train);
  // After kNoBuffer: has the owner told when there is more room. False when there is by now.
  bool awaits_room();
  // Whether the guest takes super-frames of such frames.
  bool takes_super_frames(const TransportLayout& layout) const;
  // Shows the guest all that was delivered, and interrupts it once if it wants that: then true.
  bool publish();

  bool has_carrier() const { return has_carrier_; }
  // Plugs the cable in or out; true when the guest is told of it.
  bool set_carrier(bool on);

  // With confirm_interrupts (VhostSession).
  int answers_due() const { return session_.answers_due(); }
  int answer_descriptor() const { return session_.answer_descriptor(); }
  void read_answers() { session_.read_answers(); }

  // Why a guest was cut off last; empty when none was.
  const std::string& trouble() const { return session_.trouble(); }
  const VhostCounters& counters() const { return session_.counters(); }

 private:
  static constexpr size_t kReceive = 0;  // the guest's directions
  static constexpr size_t kTransmit = 1;

  void read_config(std::span<std::byte> to) const override;
  void queue_enabled(int queue) override;
  bool queue_kicked(int queue) override;
  bool collect_burst(size_t& frames);
  bool collect_one(Virtqueue& queue);
  std::optional<Frame> take_frame(const DescriptorChain& chain, DropReason& reason);
  bool agreed(int feature) const { return (session_.features() >> feature & 1) != 0; }
  bool takes(const VnetHeader& header) const;
  Delivery finish_delivery(Delivery outcome, Virtqueue::Mark before);
  Delivery place(Frame& frame, const VnetHeader& header);
  Delivery place_segments(Frame frame);
  using Parts = std::span<std::span<const std::byte>>;
  Delivery place(Parts frame, uint32_t size, VnetHeader header);

  VhostNicOptions options_;
  BufferPools& pools_;
  VhostNicOwner& owner_;
  int index_;
  bool has_carrier_ = true;
  bool wants_kicks_ = true;
  VhostSession session_;
};

}  // namespace violin
