#include "models/node/host.hh"

#include <utility>

#include "models/tcp/tcp_layer.hh"

namespace violin {
namespace {

constexpr uint32_t kHopSlots = 16;

}  // namespace

Host::Host(std::string name, const NodeContext& context)
    : IpNode(std::move(name), context, {.forwards = false, .hop_slots = kHopSlots}),
      udp_(*this, upper_drops_) {}

Host::~Host() = default;

TcpLayer& Host::tcp() {
  if (!tcp_) {
    tcp_ = std::make_unique<TcpLayer>(scheduler(), entity(), *this,
                                      substream(seed(), name(), "tcp"), upper_drops_);
  }
  return *tcp_;
}

Frame Host::receive_transport(Frame frame, const IpReceived& ip, Time now) {
  if (ip.protocol == ip_protocol::kTcp) {
    tcp().receive(std::move(frame), ip, now);
    return {};
  }
  if (ip.protocol == ip_protocol::kUdp) return udp_.receive(std::move(frame), ip, now);
  return frame;
}

void Host::receive_transport_error(const IcmpError& error, Time now) {
  if (error.sent.protocol == ip_protocol::kUdp) return udp_.receive_error(error, now);
  if (error.sent.protocol != ip_protocol::kTcp || !tcp_) return;
  if (error.is_fragmentation_needed()) {
    tcp_->fragmentation_needed(error.sent, error.quoted, mtu_towards(error.sent.destination), now);
  } else if (error.type == IcmpHeader::kDestinationUnreachable) {
    tcp_->unreachable(error.sent, error.quoted);
  }
}

void Host::forget_soft_state(Time now) {
  IpNode::forget_soft_state(now);
  if (tcp_) tcp_->drop_all(now);
}

}  // namespace violin
