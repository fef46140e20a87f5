#pragma once

#include <cstddef>

#include "core/buffers.hh"
#include "core/frame.hh"
#include "core/frame_train.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/realtime/gathering_port.hh"
#include "emulator/realtime/realtime.hh"
#include "emulator/virtio/vhost_nic.hh"

namespace violin {

// Our end of the network interface of a guest with a kernel of its own: frames through the rings of
// a VhostNic that is kicked by descriptor. A guest is interrupted once for all it is given in a
// round of the clock, and does not kick while it is being read. While its ring is full, which is as
// long as its kernel gets no processor, frames wait.
class VhostPort final : public InputSource, public GatheringPort, private VhostNicOwner {
 public:
  // `index` is what the owner is told. Registers with `realtime` until it is destroyed. Of the
  // options `in_band` does not count.
  VhostPort(const VhostNicOptions& options, Realtime& realtime, BufferPools& pools,
            PortOwner& owner, int index);
  ~VhostPort();

  // Serves the guest at the other end of a connected stream socket. Throws std::system_error.
  void connect(FileDescriptor socket) { nic_.connect(std::move(socket)); }
  // What the guest has made of it.
  const VhostNic& nic() const { return nic_; }
  void disconnect() { nic_.disconnect(); }
  void set_carrier(bool on) override { nic_.set_carrier(on); }

  size_t read_input(Time now) override;
  bool is_there() const override { return nic_.is_running(); }

 private:
  bool may_gather(const TransportLayout& layout) const override;
  template <class What>
  Given deliver(What&& what);
  Given give(Frame& frame) override;
  Given give(FrameTrain& train) override;
  void finish_round() override;
  void nic_kicked(int) override {}
  void nic_has_room(int) override { resume(); }
  void nic_received(int index, Frame frame) override;
  void nic_dropped(int index, DropReason reason) override;

  VhostNic nic_;
  Time now_;           // what frames that are read are stamped with
  size_t frames_ = 0;  // read in this round
};

}  // namespace violin
