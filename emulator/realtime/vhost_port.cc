#include "emulator/realtime/vhost_port.hh"

#include <utility>

namespace violin {
namespace {

VhostNicOptions by_descriptors(VhostNicOptions options) {
  options.in_band = false;
  options.confirm_interrupts = false;
  return options;
}

}  // namespace

VhostPort::VhostPort(const VhostNicOptions& options, Realtime& realtime, BufferPools& pools,
                     PortOwner& owner, int index)
    : GatheringPort(realtime, owner, index), nic_(by_descriptors(options), pools, *this, index) {
  realtime_.add_input(nic_.descriptor(), *this);
}

VhostPort::~VhostPort() { realtime_.remove_input(nic_.descriptor()); }

size_t VhostPort::read_input(Time now) {
  now_ = now;
  frames_ = 0;
  nic_.read_messages();
  return frames_;
}

void VhostPort::nic_received(int index, Frame frame) {
  ++frames_;
  owner_.port_received(index, std::move(frame), now_);
}

void VhostPort::nic_dropped(int index, DropReason reason) {
  ++frames_;
  owner_.port_dropped(index, reason);
}

template <class What>
VhostPort::Given VhostPort::deliver(What&& what) {
  while (true) {
    const VhostNic::Delivery outcome = nic_.deliver(std::forward<What>(what));
    if (outcome == VhostNic::Delivery::kDone) return Given::kTaken;
    if (outcome != VhostNic::Delivery::kNoBuffer) return Given::kRefused;
    // The guest must see what it is to make room for.
    nic_.publish();
    if (nic_.awaits_room()) return Given::kNoRoom;
  }
}

VhostPort::Given VhostPort::give(Frame& frame) { return deliver(std::move(frame)); }

VhostPort::Given VhostPort::give(FrameTrain& train) { return deliver(train); }

bool VhostPort::may_gather(const TransportLayout& layout) const {
  return nic_.takes_super_frames(layout);
}

void VhostPort::finish_round() { nic_.publish(); }

}  // namespace violin
