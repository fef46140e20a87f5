#include <algorithm>
#include <utility>

#include "core/byte_order.hh"
#include "core/segmentation.hh"
#include "models/node/ip_node.hh"

// What an IpNode sends: its own packets, those it forwards, and ARP.

namespace violin {
namespace {

constexpr uint32_t kPacketMax = 65'535;
constexpr int64_t kFragmentedMtuLeast = 68;  // RFC 791: every link takes that much

// The length of one segment of a super-frame, from its IP header on.
uint32_t segment_size(const Frame& packet, const Ipv4Header& header) {
  uint32_t transport = UdpHeader::kSize;
  if (header.protocol == ip_protocol::kTcp && packet.size() > header.header_length + 12u) {
    std::byte data_offset{};
    packet.copy_to({&data_offset, 1}, header.header_length + 12u);
    transport = (static_cast<uint32_t>(data_offset) >> 4) * 4;
  }
  return header.header_length + transport + packet.gso_size();
}

}  // namespace

IpAddress IpNode::source_for(IpAddress destination) const {
  if (kind_of(destination) == Kind::kLocal) return destination;
  const auto route = routes_.find(destination);
  if (!route) return {};
  const IpAddress next = route->gateway.is_unspecified() ? destination : route->gateway;
  IpAddress first;
  for (const InterfaceAddress& address : nic(static_cast<size_t>(route->nic)).addresses()) {
    if (address.address.is_v6() != destination.is_v6()) continue;
    if (address.prefix().contains(next)) return address.address;
    if (first.is_unspecified()) first = address.address;
  }
  return first;
}

int64_t IpNode::mtu_towards(IpAddress destination) const {
  if (kind_of(destination) == Kind::kLocal) return kPacketMax;
  const auto route = routes_.find(destination);
  if (!route) return nic_count() == 0 ? kPacketMax : nic(0).mtu();
  return path_mtu(destination, nic(static_cast<size_t>(route->nic)).mtu());
}

int64_t IpNode::path_mtu(IpAddress destination, int64_t link_mtu) const {
  const PathMtu* known = path_mtus_ ? path_mtus_->find(destination) : nullptr;
  const bool holds = known != nullptr && scheduler().now() < known->until;
  return holds ? std::min(link_mtu, known->mtu) : link_mtu;
}

void IpNode::send_ip(Frame transport, const IpFlow& flow, const IpSendOptions& options, Time now) {
  ++tally_.originated;
  if (!up()) return drop(std::move(transport), DropReason::kNodeDown);
  const uint32_t length = transport.size() + Ipv4Header::kSize;
  if (length > kPacketMax) return drop(std::move(transport), DropReason::kTooLongForLink);
  if (flow.destination.is_v6()) return send_v6(std::move(transport), flow, options, now);
  Ipv4Header header;
  header.traffic_class = static_cast<uint8_t>(options.dscp << 2 | static_cast<int>(options.ecn));
  header.total_length = static_cast<uint16_t>(length);
  header.identification = next_identification_++;
  header.dont_fragment = options.dont_fragment;
  header.ttl = options.ttl;
  header.protocol = flow.protocol;
  header.source = flow.source.is_unspecified() ? source_for(flow.destination) : flow.source;
  header.destination = flow.destination;
  header.write(transport.push_front(Ipv4Header::kSize));
  const Hop* hop = hops_.find(flow.destination.v4_bits(), now);
  const bool plain = hop != nullptr && hop->nic != nullptr && length <= hop->nic->mtu() &&
                     !path_mtus_ && transport.gso_size() == 0;
  if (!plain) return send_v4_slowly(std::move(transport), header, now);
  push_ethernet(transport, *hop->nic, hop->mac);
  hop->nic->send(std::move(transport), now);
}

void IpNode::send_v4_slowly(Frame packet, const Ipv4Header& header, Time now) {
  const Kind kind = kind_of(header.destination);
  if (kind == Kind::kLocal) return send_to_self(std::move(packet), now);
  if (kind == Kind::kBroadcast) return send_broadcast(std::move(packet), header, now);
  if (kind == Kind::kGroup) return drop(std::move(packet), DropReason::kUnsupported);
  const auto route = routes_.find(header.destination);
  if (!route) return drop(std::move(packet), DropReason::kNoRoute);
  const int64_t link_mtu = nic(static_cast<size_t>(route->nic)).mtu();
  const int64_t mtu = path_mtu(header.destination, link_mtu);
  if (header.dont_fragment && exceeds(packet, header, mtu)) {
    return drop(std::move(packet), DropReason::kFragmentationNeeded);
  }
  dispatch_v4(std::move(packet), *route, header.destination, mtu, now);
}

// Limited broadcasts leave by the interface that has the source address, directed ones by that of
// the subnet.
void IpNode::send_broadcast(Frame packet, const Ipv4Header& header, Time now) {
  Nic* out = nic_count() == 0 ? nullptr : &nic(0);
  for (size_t i = 0; i < nic_count(); ++i) {
    const bool chosen = header.destination.is_limited_broadcast()
                            ? nic(i).has(header.source)
                            : nic(i).on_link(header.destination);
    if (chosen) {
      out = &nic(i);
      break;
    }
  }
  if (out == nullptr) return drop(std::move(packet), DropReason::kNoRoute);
  if (exceeds(packet, header, out->mtu())) {
    return drop(std::move(packet), DropReason::kFragmentationNeeded);
  }
  push_ethernet(packet, *out, MacAddress::broadcast());
  out->send(std::move(packet), now);
}

void IpNode::send_to_self(Frame packet, Time now) {
  if (!loopback_) loopback_ = std::make_unique<Loopback>(*this);
  if (loopback_->queue.size() == kLoopbackMax)
    return drop(std::move(packet), DropReason::kQueueFull);
  loopback_->queue.push_back(std::move(packet), now + kLoopbackDelay);
  if (!loopback_->timer.armed()) loopback_->timer.arm(loopback_->queue.front_stamp());
}

void IpNode::deliver_loopback(Time now) {
  while (!loopback_->queue.empty() && loopback_->queue.front_stamp() <= now) {
    Frame packet = loopback_->queue.pop_front();
    if (const auto v4 = Ipv4Header::read(packet.headers())) {
      deliver_v4(std::move(packet), *v4, true, now);
    } else {
      const auto v6 = Ipv6Header::read(packet.headers());
      hand_up(
          std::move(packet), Ipv6Header::kSize,
          {v6->source, v6->destination, v6->next_header, v6->hop_limit,
           static_cast<uint8_t>(v6->traffic_class >> 2), static_cast<Ecn>(v6->traffic_class & 3)},
          true, now);
    }
  }
  if (!loopback_->queue.empty()) loopback_->timer.arm(loopback_->queue.front_stamp());
}

void IpNode::forward_v4(Frame frame, const Ipv4Header& header, Time now) {
  if (header.ttl <= 1) {
    icmp_.send_error(frame, EthernetHeader::kSize, {.type = IcmpHeader::kTimeExceeded}, now);
    return drop(std::move(frame), DropReason::kTtlExceeded);
  }
  const auto route = routes_.find(header.destination);
  if (!route) {
    icmp_.send_error(
        frame, EthernetHeader::kSize,
        {.type = IcmpHeader::kDestinationUnreachable, .code = IcmpHeader::kNetworkUnreachable},
        now);
    return drop(std::move(frame), DropReason::kNoRoute);
  }
  const int64_t mtu = nic(static_cast<size_t>(route->nic)).mtu();
  frame.pull_front(EthernetHeader::kSize);
  if (header.dont_fragment && exceeds(frame, header, mtu)) {
    icmp_.send_error(frame, 0,
                     {.type = IcmpHeader::kDestinationUnreachable,
                      .code = IcmpHeader::kFragmentationNeeded,
                      .mtu = mtu},
                     now);
    return drop(std::move(frame), DropReason::kFragmentationNeeded);
  }
  decrement_ttl_v4(frame.headers().data());
  ++tally_.forwarded;
  dispatch_v4(std::move(frame), *route, header.destination, mtu, now);
}

bool IpNode::exceeds(const Frame& packet, const Ipv4Header& header, int64_t mtu) const {
  return (packet.gso_size() == 0 ? packet.size() : segment_size(packet, header)) > mtu;
}

// Sends a packet that may be fragmented, and is where it has to be.
void IpNode::dispatch_v4(Frame packet, const RouteTable::Found& route, IpAddress destination,
                         int64_t mtu, Time now) {
  const NeighbourKey next{route.gateway.is_unspecified() ? destination : route.gateway, route.nic};
  const auto header = Ipv4Header::read(packet.headers());
  if (!exceeds(packet, *header, mtu))
    return to_neighbour(std::move(packet), next, destination, now);
  if (packet.gso_size() != 0) {
    // Its segments are packets that do not fit either: each is fragmented.
    push_ethernet(packet, nic(static_cast<size_t>(route.nic)), MacAddress());
    tally_.replicated += segment_count(packet) - 1;
    segment(std::move(packet), [&](Frame part) {
      part.pull_front(EthernetHeader::kSize);
      part.set_gso_size(0);
      dispatch_v4(std::move(part), route, destination, mtu, now);
    });
    return;
  }
  std::vector<Frame> fragments = fragment_v4(std::move(packet), std::max(mtu, kFragmentedMtuLeast));
  tally_.replicated += fragments.size() - 1;
  for (Frame& fragment : fragments) to_neighbour(std::move(fragment), next, destination, now);
}

void IpNode::to_neighbour(Frame packet, const NeighbourKey& key, IpAddress destination, Time now) {
  Nic& out = nic(static_cast<size_t>(key.nic));
  if (!out.carrier()) return drop(std::move(packet), DropReason::kLinkDown);
  const auto known = neighbours_.look_up(key, now);
  if (!known) {
    if (key.address.is_v6()) return drop(std::move(packet), DropReason::kUnsupported);
    return neighbours_.hold(std::move(packet), key, now);
  }
  if (key.address.is_v4()) hops_.put(destination, &out, known->mac, known->until);
  push_ethernet(packet, out, known->mac);
  out.send(std::move(packet), now);
}

void IpNode::push_ethernet(Frame& packet, const Nic& out, MacAddress to) {
  const bool is_v4 = (packet.headers()[0] >> 4) == std::byte{4};
  const EthernetHeader header{to, out.mac(), is_v4 ? ether_type::kIpv4 : ether_type::kIpv6};
  header.write(packet.push_front(EthernetHeader::kSize));
}

void IpNode::neighbour_resolved(Frame packet, const NeighbourKey& key, MacAddress mac, Time now) {
  Nic& out = nic(static_cast<size_t>(key.nic));
  push_ethernet(packet, out, mac);
  out.send(std::move(packet), now);
}

void IpNode::neighbour_unreachable(Frame packet, Time now) {
  icmp_.send_error(
      packet, 0,
      {.type = IcmpHeader::kDestinationUnreachable, .code = IcmpHeader::kHostUnreachable}, now);
  drop(std::move(packet), DropReason::kNeighbourUnreachable);
}

void IpNode::ask_neighbour(const NeighbourKey& key, MacAddress to, Time now) {
  Nic& out = nic(static_cast<size_t>(key.nic));
  ArpPacket request;
  request.sender_mac = out.mac();
  request.target = key.address;
  for (const InterfaceAddress& own : out.addresses()) {
    if (own.address.is_v6()) continue;
    const bool fits = own.prefix().contains(key.address);
    if (fits || request.sender.is_unspecified()) request.sender = own.address;
    if (fits) break;
  }
  Frame frame = new_frame();
  EthernetHeader{to, out.mac(), ether_type::kArp}.write(frame.append(EthernetHeader::kSize));
  request.write(frame.append(ArpPacket::kSize));
  frame.set_checksum_good(true);
  ++tally_.originated;
  out.send(std::move(frame), now);
}

void IpNode::answer_arp(Nic& at, const ArpPacket& request, Time now) {
  const ArpPacket reply{ArpPacket::kReply, at.mac(), request.target, request.sender_mac,
                        request.sender};
  Frame frame = new_frame();
  EthernetHeader{request.sender_mac, at.mac(), ether_type::kArp}.write(
      frame.append(EthernetHeader::kSize));
  reply.write(frame.append(ArpPacket::kSize));
  frame.set_checksum_good(true);
  ++tally_.originated;
  at.send(std::move(frame), now);
}

void IpNode::forward_v6(Frame frame, const Ipv6Header& header, Time now) {
  if (header.hop_limit <= 1) return drop(std::move(frame), DropReason::kTtlExceeded);
  const auto route = routes_.find(header.destination);
  if (!route) return drop(std::move(frame), DropReason::kNoRoute);
  frame.pull_front(EthernetHeader::kSize);
  // Routers do not fragment IPv6 (RFC 8200 section 5); "packet too big" is ICMPv6.
  if (frame.gso_size() == 0 && frame.size() > nic(static_cast<size_t>(route->nic)).mtu()) {
    return drop(std::move(frame), DropReason::kFragmentationNeeded);
  }
  frame.headers()[7] = static_cast<std::byte>(header.hop_limit - 1);
  ++tally_.forwarded;
  const IpAddress next = route->gateway.is_unspecified() ? header.destination : route->gateway;
  to_neighbour(std::move(frame), {next, route->nic}, header.destination, now);
}

void IpNode::send_v6(Frame transport, const IpFlow& flow, const IpSendOptions& options, Time now) {
  Ipv6Header header;
  header.traffic_class = static_cast<uint8_t>(options.dscp << 2 | static_cast<int>(options.ecn));
  header.payload_length = static_cast<uint16_t>(transport.size());
  header.next_header = flow.protocol;
  header.hop_limit = options.ttl;
  header.source = flow.source.is_unspecified() ? source_for(flow.destination) : flow.source;
  header.destination = flow.destination;
  header.write(transport.push_front(Ipv6Header::kSize));
  const Kind kind = kind_of(flow.destination);
  if (kind == Kind::kLocal) return send_to_self(std::move(transport), now);
  if (kind == Kind::kGroup) return drop(std::move(transport), DropReason::kUnsupported);
  const auto route = routes_.find(flow.destination);
  if (!route) return drop(std::move(transport), DropReason::kNoRoute);
  if (transport.gso_size() == 0 && transport.size() > nic(static_cast<size_t>(route->nic)).mtu()) {
    return drop(std::move(transport), DropReason::kFragmentationNeeded);
  }
  const IpAddress next = route->gateway.is_unspecified() ? flow.destination : route->gateway;
  to_neighbour(std::move(transport), {next, route->nic}, flow.destination, now);
}

}  // namespace violin
