#include "emulator/network/idle_path.hh"

#include <algorithm>
#include <utility>

#include "core/ethernet.hh"
#include "core/ip_header.hh"
#include "core/transport_header.hh"
#include "emulator/network/network_plan.hh"
#include "models/link/serialiser.hh"

namespace violin {
namespace {

const WireSpec& wire_of(const NetworkPlan& plan, LinkStep step) {
  const LinkSpec& link = plan.scenario().links[static_cast<size_t>(step.link)];
  return step.a_to_b ? link.a_to_b : link.b_to_a;
}

// One processor that handles frame after frame, with the latency behind it (ProcessingStage).
class Processor {
 public:
  explicit Processor(ProcessingCost cost) : cost_(cost) {}
  Duration leaves(int64_t bytes, Duration at) {
    busy_until_ = std::max(busy_until_, at) + cost_.of(static_cast<uint32_t>(bytes));
    return busy_until_ + cost_.latency;
  }

 private:
  ProcessingCost cost_;
  Duration busy_until_;
};

}  // namespace

std::optional<Duration> IdlePath::one_way(NodePair ends, Bytes frame) const {
  Parcels parcels{{.size = frame.count()}};
  if (!carry(ends, parcels)) return std::nullopt;
  Duration last;
  for (const Parcel& parcel : parcels) last = std::max(last, parcel.at);
  return last;
}

bool IdlePath::carry(NodePair ends, Parcels& parcels) const {
  const Routing* routing = plan_.routing_of(ends.from);
  const std::optional<TopologyPath> path = routing == nullptr ? std::nullopt : routing->path(ends);
  if (!path) return false;
  for (const LinkStep step : path->steps) {
    fragment(step, parcels);
    cross_wire(step, parcels);
    const TunnelPlan* tunnel = plan_.tunnel_of(step.link);
    if (tunnel != nullptr && !cross_tunnel(*tunnel, step.a_to_b, parcels)) return false;
  }
  return true;
}

// As models/node/fragmentation.cc: every fragment but the last as long as fits, data in eights.
void IdlePath::fragment(LinkStep step, Parcels& parcels) const {
  constexpr int64_t kHeaders = EthernetHeader::kSize + Ipv4Header::kSize;
  const int64_t room = (wire_of(plan_, step).mtu - Ipv4Header::kSize) / 8 * 8;
  Parcels pieces;
  for (const Parcel& parcel : parcels) {
    int64_t data = parcel.size - kHeaders;
    const bool fits = parcel.size - EthernetHeader::kSize <= wire_of(plan_, step).mtu;
    for (; !fits && data > room; data -= room) {
      pieces.push_back({kHeaders + room, parcel.at, parcel.whole});
    }
    pieces.push_back({kHeaders + data, parcel.at, parcel.whole});
  }
  parcels = std::move(pieces);
}

void IdlePath::cross_wire(LinkStep step, Parcels& parcels) const {
  const WireSpec& wire = wire_of(plan_, step);
  Serialiser serialiser(wire.trace != nullptr ? mean_rate(*wire.trace) : wire.rate);
  for (Parcel& parcel : parcels) {
    const Bytes length =
        Bytes(std::max<int64_t>(parcel.size, EthernetHeader::kMinimumFrame)) + wire.overhead;
    parcel.at = serialiser.send(length, Time::zero() + parcel.at).end - Time::zero() + wire.delay;
  }
}

bool IdlePath::cross_tunnel(const TunnelPlan& tunnel, bool a_to_b, Parcels& parcels) const {
  const TunnelSpec& near = a_to_b ? tunnel.end_a : tunnel.end_b;
  const TunnelSpec& far = a_to_b ? tunnel.end_b : tunnel.end_a;
  const int64_t ip = near.remote.is_v6() ? Ipv6Header::kSize : Ipv4Header::kSize;
  const int64_t inside = TunnelHeader::kSize + (near.encrypted ? TunnelHeader::kTagSize : 0);
  const int64_t room = near.path_mtu - ip - UdpHeader::kSize - inside;
  const int64_t outside = EthernetHeader::kSize + ip + UdpHeader::kSize;
  Processor sender(near.cost);
  Parcels datagrams;
  for (size_t i = 0; i < parcels.size(); ++i) {
    const int64_t total = parcels[i].size;
    const Duration at = sender.leaves(total, parcels[i].at);
    const int64_t chunks = (total + room - 1) / room;
    const int64_t chunk = (total + chunks - 1) / chunks;
    for (int64_t from = 0; from < total; from += chunk) {
      datagrams.push_back({outside + inside + std::min(chunk, total - from), at, i});
    }
  }
  const NodePair hosts =
      a_to_b ? NodePair{tunnel.host_a, tunnel.host_b} : NodePair{tunnel.host_b, tunnel.host_a};
  if (!carry(hosts, datagrams)) return false;
  Processor receiver(far.cost);
  for (const Parcel& datagram : datagrams) {
    parcels[datagram.whole].at = receiver.leaves(datagram.size - outside, datagram.at);
  }
  return true;
}

}  // namespace violin
