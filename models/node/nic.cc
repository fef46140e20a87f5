#include "models/node/nic.hh"

#include <algorithm>
#include <utility>

#include "models/node/node.hh"

namespace violin {

Nic::Nic(Node& node, int index, NicSpec spec)
    : node_(node),
      mac_(spec.mac),
      mtu_(spec.mtu),
      index_(index),
      addresses_(std::move(spec.addresses)),
      name_(std::move(spec.name)) {}

void Nic::receive(Frame frame, Time now) {
  if (observer_ != nullptr) [[unlikely]]
    observer_->observe(frame, now, false);
  ++node_.tally_.received;
  if (!node_.up_) [[unlikely]]
    return node_.drop(std::move(frame), DropReason::kNodeDown);
  node_.receive(*this, std::move(frame), now);
}

void Nic::send(Frame frame, Time now) {
  if (output_ == nullptr) [[unlikely]]
    return node_.drop(std::move(frame), DropReason::kLinkDown);
  if (observer_ != nullptr) [[unlikely]]
    observer_->observe(frame, now, true);
  ++node_.tally_.sent;
  output_->receive(std::move(frame), now);
}

void Nic::set_carrier(bool carrier, Time now) {
  if (carrier == carrier_) return;
  carrier_ = carrier;
  choose_output();
  node_.carrier_changed(*this, now);
}

bool Nic::has(IpAddress address) const {
  return std::any_of(addresses_.begin(), addresses_.end(),
                     [&](const InterfaceAddress& own) { return own.address == address; });
}

bool Nic::on_link(IpAddress address) const {
  return std::any_of(addresses_.begin(), addresses_.end(),
                     [&](const InterfaceAddress& own) { return own.prefix().contains(address); });
}

}  // namespace violin
