#include "models/node/ip_node.hh"

#include <algorithm>
#include <utility>

#include "core/byte_order.hh"
#include "core/random.hh"

// What an IpNode knows, and what it does with frames that come in. What it sends is in
// ip_node_output.cc.

namespace violin {
namespace {

constexpr uint32_t kIpAt = EthernetHeader::kSize;
constexpr uint8_t kProtocolUnreachable = 2;     // codes of "destination unreachable"
constexpr uint8_t kReassemblyTimeExceeded = 1;  // code of "time exceeded"
constexpr uint32_t kPathMtusMax = 1'024;

// 0.0.0.0 may send (a host that looks for its address); groups, reserved ones and 127.0.0.0/8
// appear on no link (RFC 1122 section 3.2.1.3).
bool may_be_source(uint32_t source) { return source < 0xe000'0000 && source >> 24 != 127; }

// The last address of an IPv4 subnet with room for one (not of /31, RFC 3021, nor of /32).
bool has_broadcast(const InterfaceAddress& address) {
  return address.address.is_v4() && address.prefix_length < 31;
}
IpAddress broadcast_of(const InterfaceAddress& address) {
  const uint32_t host_bits =
      address.prefix_length == 0 ? ~uint32_t{0} : (uint32_t{1} << (32 - address.prefix_length)) - 1;
  return IpAddress::v4(address.address.v4_bits() | host_bits);
}

void insert_sorted(std::vector<IpAddress>& addresses, IpAddress address) {
  addresses.insert(std::lower_bound(addresses.begin(), addresses.end(), address), address);
}

IpReceived received_from(const Ipv4Header& header) {
  return {header.source,
          header.destination,
          header.protocol,
          header.ttl,
          static_cast<uint8_t>(header.traffic_class >> 2),
          static_cast<Ecn>(header.traffic_class & 3)};
}

}  // namespace

IpNode::IpNode(std::string name, const NodeContext& context, Options options)
    : Node(std::move(name), context),
      options_(options),
      next_identification_(
          static_cast<uint16_t>(substream(seed(), Node::name(), "ip identification").next32())),
      hops_(options.hop_slots),
      neighbours_(scheduler(), entity(), *this),
      icmp_(*this, *this, upper_drops_) {}

IpNode::~IpNode() = default;

void IpNode::nic_added(Nic& nic) {
  std::vector<Route> connected;
  for (const InterfaceAddress& address : nic.addresses()) {
    insert_sorted(own_, address.address);
    if (has_broadcast(address)) insert_sorted(broadcasts_, broadcast_of(address));
    connected.push_back({address.prefix(), nic.index(), std::nullopt});
  }
  add_routes(connected);
}

void IpNode::add_routes(const std::vector<Route>& routes) {
  routes_.add(routes);
  hops_.invalidate();
}

void IpNode::add_static_neighbour(const Nic& nic, IpAddress address, MacAddress mac) {
  neighbours_.add_static({address, nic.index()}, mac);
}

bool IpNode::owns(IpAddress address) const {
  return std::binary_search(own_.begin(), own_.end(), address);
}

IpNode::Kind IpNode::kind_of(IpAddress destination) const {
  const bool is_loopback =
      destination.is_v4() ? destination.v4_bits() >> 24 == 127 : destination == IpAddress::v6(0, 1);
  if (is_loopback || owns(destination)) return Kind::kLocal;
  if (destination.is_limited_broadcast() ||
      std::binary_search(broadcasts_.begin(), broadcasts_.end(), destination)) {
    return Kind::kBroadcast;
  }
  // Above the groups are the reserved addresses (RFC 1112 section 4).
  const bool is_group =
      destination.is_v4() ? destination.v4_bits() >> 28 >= 0xe : destination.is_multicast();
  return is_group ? Kind::kGroup : Kind::kElsewhere;
}

DropCounters IpNode::drops() const {
  DropCounters all = drops_;
  all.add(upper_drops_);
  return all;
}

uint64_t IpNode::frames_held() const {
  return neighbours_.frames_held() + (loopback_ ? loopback_->queue.size() : 0) +
         (reassembly_ ? reassembly_->frames_held() : 0);
}

void IpNode::carrier_changed(Nic& nic, Time) {
  hops_.invalidate();
  if (!nic.carrier()) neighbours_.forget(nic.index(), DropReason::kLinkDown);
}

void IpNode::forget_soft_state(Time) {
  hops_.invalidate();
  path_mtus_.reset();
  neighbours_.forget_all(DropReason::kNodeDown);
  if (reassembly_) reassembly_->forget_all(DropReason::kNodeDown);
  if (!loopback_) return;
  loopback_->timer.cancel();
  while (!loopback_->queue.empty()) drop(loopback_->queue.pop_front(), DropReason::kNodeDown);
}

void IpNode::receive(Nic& at, Frame frame, Time now) {
  if (!frame.make_contiguous(EthernetHeader::kSize)) {
    return drop(std::move(frame), DropReason::kMalformed);
  }
  const std::byte* ethernet = frame.headers().data();
  const MacAddress to = MacAddress::from_bits(load_be48(ethernet));
  const bool link_group = to.is_group();
  if (to != at.mac() && !link_group) return drop(std::move(frame), DropReason::kNotForUs);
  switch (load_be16(ethernet + 12)) {
    case ether_type::kIpv4:
      return receive_v4(std::move(frame), link_group, now);
    case ether_type::kArp:
      return receive_arp(at, std::move(frame), now);
    case ether_type::kIpv6:
      return receive_v6(std::move(frame), link_group, now);
    default:
      return drop(std::move(frame), DropReason::kUnsupported);
  }
}

void IpNode::receive_arp(Nic& at, Frame frame, Time now) {
  frame.make_contiguous(kIpAt + ArpPacket::kSize);
  const auto arp = ArpPacket::read(frame.headers().subspan(kIpAt));
  const bool known_operation =
      arp && (arp->operation == ArpPacket::kRequest || arp->operation == ArpPacket::kReply);
  if (!known_operation || arp->sender_mac.is_group()) {
    return drop(std::move(frame), DropReason::kMalformed);
  }
  // RFC 826: whoever is known is updated from any message; whoever speaks to us becomes known. A
  // sender without address asks whether one is taken (RFC 5227).
  const bool for_us = at.has(arp->target);
  const bool usable_sender = at.on_link(arp->sender) && !owns(arp->sender);
  const auto how = for_us ? NeighbourCache::Learn::kAlways : NeighbourCache::Learn::kIfKnown;
  if (!for_us) {
    drop(std::move(frame), DropReason::kNotForUs);
  } else {
    ++tally_.consumed;
    frame = Frame();
  }
  if (usable_sender) neighbours_.learn({arp->sender, at.index()}, arp->sender_mac, how, now);
  if (for_us && arp->operation == ArpPacket::kRequest) answer_arp(at, *arp, now);
}

void IpNode::receive_v4(Frame frame, bool link_group, Time now) {
  if (!frame.make_contiguous(kIpAt + Ipv4Header::kSize)) {
    return drop(std::move(frame), DropReason::kMalformed);
  }
  // The common case: no options, checksum known to be right, no padding, and the way is in the
  // cache. Everything else, and every doubt, takes the slow way.
  std::byte* ip = frame.headers().data() + kIpAt;
  const Hop* hop = hops_.find(load_be32(ip + 16), now);
  const uint32_t length = load_be16(ip + 2);
  const bool plain = hop != nullptr && ip[0] == std::byte{0x45} && frame.checksum_good() &&
                     kIpAt + length == frame.size() && !link_group && frame.gso_size() == 0 &&
                     may_be_source(load_be32(ip + 12));
  if (!plain) return receive_v4_slowly(std::move(frame), link_group, now);
  if (hop->nic == nullptr) {
    constexpr uint16_t kFragmentBits = 0x3fff;
    if ((load_be16(ip + 6) & kFragmentBits) != 0) {
      return receive_v4_slowly(std::move(frame), link_group, now);
    }
    const auto traffic_class = static_cast<uint8_t>(ip[1]);
    const IpReceived received{IpAddress::v4(load_be32(ip + 12)),
                              IpAddress::v4(hop->destination),
                              static_cast<uint8_t>(ip[9]),
                              static_cast<uint8_t>(ip[8]),
                              static_cast<uint8_t>(traffic_class >> 2),
                              static_cast<Ecn>(traffic_class & 3)};
    frame.pull_front(kIpAt);
    return hand_up(std::move(frame), Ipv4Header::kSize, received, true, now);
  }
  const bool lives_on = static_cast<uint8_t>(ip[8]) > 1;
  if (!options_.forwards || !lives_on || length > hop->nic->mtu()) {
    return receive_v4_slowly(std::move(frame), link_group, now);
  }
  decrement_ttl_v4(ip);
  std::byte* ethernet = frame.headers().data();
  store_be48(ethernet, hop->mac.bits());
  store_be48(ethernet + 6, hop->nic->mac().bits());
  ++tally_.forwarded;
  hop->nic->send(std::move(frame), now);
}

void IpNode::receive_v4_slowly(Frame frame, bool link_group, Time now) {
  const uint32_t header_length = (static_cast<uint32_t>(frame.headers()[kIpAt]) & 0xf) * 4;
  const auto header = frame.make_contiguous(kIpAt + header_length)
                          ? Ipv4Header::read(frame.headers().subspan(kIpAt))
                          : std::nullopt;
  if (!header || kIpAt + header->total_length > frame.size() ||
      !may_be_source(header->source.v4_bits())) {
    return drop(std::move(frame), DropReason::kMalformed);
  }
  if (!frame.checksum_good() &&
      !Ipv4Header::checksum_is_right(frame.headers().subspan(kIpAt, header_length))) {
    return drop(std::move(frame), DropReason::kBadChecksum);
  }
  frame.truncate(kIpAt + header->total_length);
  const Kind kind = kind_of(header->destination);
  if (kind == Kind::kGroup) return drop(std::move(frame), DropReason::kUnsupported);
  if (kind == Kind::kElsewhere) {
    // RFC 1122 section 3.3.6: nobody forwards, or answers, what came to everybody.
    if (!options_.forwards || link_group) return drop(std::move(frame), DropReason::kNotForUs);
    return forward_v4(std::move(frame), *header, now);
  }
  if (kind == Kind::kLocal) {
    if (link_group) return drop(std::move(frame), DropReason::kNotForUs);
    hops_.put(header->destination, nullptr, MacAddress(), Time::never());
  }
  frame.pull_front(kIpAt);
  deliver_v4(std::move(frame), *header, kind != Kind::kBroadcast, now);
}

void IpNode::deliver_v4(Frame packet, Ipv4Header header, bool may_answer, Time now) {
  if (header.is_fragment()) {
    if (!reassembly_) {
      ReassemblyOwner& self = *this;
      reassembly_ = std::make_unique<Reassembly>(scheduler(), entity(), self);
    }
    packet = reassembly_->add(std::move(packet), header, now);
    if (!packet) return;
    header = *Ipv4Header::read(packet.headers());
  }
  hand_up(std::move(packet), header.header_length, received_from(header), may_answer, now);
}

void IpNode::hand_up(Frame packet, uint8_t header_length, const IpReceived& ip, bool may_answer,
                     Time now) {
  ++tally_.consumed;
  packet.pull_front(header_length);
  if (ip.protocol == ip_protocol::kIcmp && ip.source.is_v4()) {
    // RFC 1122 section 3.2.2.6 leaves answering a broadcast open; Linux keeps silent, so do we.
    if (may_answer) return icmp_.receive(std::move(packet), ip, now);
    upper_drops_.count(DropReason::kUnsupported);
    return;
  }
  Frame unwanted = receive_transport(std::move(packet), ip, now);
  if (!unwanted) return;
  const bool has_ports = ip.protocol == ip_protocol::kUdp || ip.protocol == ip_protocol::kTcp;
  upper_drops_.count(has_ports ? DropReason::kNoListener : DropReason::kUnsupported);
  if (!may_answer || ip.source.is_v6()) return;
  unwanted.push_front(header_length);  // the header's bytes are still there
  icmp_.send_error(unwanted, 0,
                   {.type = IcmpHeader::kDestinationUnreachable,
                    .code = has_ports ? IcmpHeader::kPortUnreachable : kProtocolUnreachable},
                   now);
}

void IpNode::receive_v6(Frame frame, bool link_group, Time now) {
  frame.make_contiguous(kIpAt + Ipv6Header::kSize);
  const auto header = Ipv6Header::read(frame.headers().subspan(kIpAt));
  if (!header || kIpAt + Ipv6Header::kSize + header->payload_length > frame.size() ||
      header->source.is_multicast()) {
    return drop(std::move(frame), DropReason::kMalformed);
  }
  frame.truncate(kIpAt + Ipv6Header::kSize + header->payload_length);
  const Kind kind = kind_of(header->destination);
  // Solicited-node and all-node groups are neighbour discovery, which is not here yet.
  if (kind == Kind::kGroup || kind == Kind::kBroadcast) {
    return drop(std::move(frame), DropReason::kUnsupported);
  }
  if (kind == Kind::kElsewhere) {
    if (!options_.forwards || link_group) return drop(std::move(frame), DropReason::kNotForUs);
    return forward_v6(std::move(frame), *header, now);
  }
  if (link_group) return drop(std::move(frame), DropReason::kNotForUs);
  frame.pull_front(kIpAt);
  hand_up(std::move(frame), Ipv6Header::kSize,
          {header->source, header->destination, header->next_header, header->hop_limit,
           static_cast<uint8_t>(header->traffic_class >> 2),
           static_cast<Ecn>(header->traffic_class & 3)},
          true, now);
}

void IpNode::reassembly_timed_out(const Frame& first, Time now) {
  icmp_.send_error(first, 0, {.type = IcmpHeader::kTimeExceeded, .code = kReassemblyTimeExceeded},
                   now);
}

void IpNode::fragment_dropped(Frame fragment, DropReason reason) {
  drop(std::move(fragment), reason);
}

void IpNode::icmp_error_withheld() {
  ++tally_.originated;
  drops_.count(DropReason::kRateLimited);
}

void IpNode::receive_icmp_error(const IcmpError& error, Time now) {
  if (!owns(error.sent.source)) return;
  if (error.is_fragmentation_needed()) {
    if (!path_mtus_) path_mtus_ = std::make_unique<PathMtus>(kPathMtusMax);
    PathMtu* known = path_mtus_->find(error.sent.destination);
    if (known == nullptr) {
      if (path_mtus_->full()) path_mtus_->erase(IpAddress(path_mtus_->oldest()));
      known = &path_mtus_->insert(error.sent.destination);
    }
    // It can only become less (RFC 1191 section 3); routers older than that RFC tell nothing.
    const int64_t before = mtu_towards(error.sent.destination);
    const int64_t told = error.mtu == 0 ? kPathMtuLeast : std::max(error.mtu, kPathMtuLeast);
    *known = {std::min(before, told), now + kPathMtuAge};
  }
  receive_transport_error(error, now);
}

}  // namespace violin
