#include "tests/support/frame_text.hh"

#include <array>
#include <vector>

#include "core/byte_order.hh"
#include "core/checksum.hh"
#include "core/ethernet.hh"
#include "core/ip_header.hh"
#include "core/tcp_header.hh"
#include "core/transport_header.hh"
#include "models/tunnel/tunnel_header.hh"
#include "models/workload/udp_datagram.hh"

namespace violin::testing {
namespace {

using std::to_string;

std::string tcp_flags(const TcpHeader& tcp) {
  constexpr std::array<std::pair<uint8_t, const char*>, 8> kNames = {{{TcpHeader::kSyn, "SYN"},
                                                                      {TcpHeader::kFin, "FIN"},
                                                                      {TcpHeader::kRst, "RST"},
                                                                      {TcpHeader::kPsh, "PSH"},
                                                                      {TcpHeader::kUrg, "URG"},
                                                                      {TcpHeader::kEce, "ECE"},
                                                                      {TcpHeader::kCwr, "CWR"},
                                                                      {TcpHeader::kAck, "ACK"}}};
  std::string text;
  for (const auto& [flag, name] : kNames) {
    if (tcp.has(flag)) text += std::string(" ") + name;
  }
  return text;
}

}  // namespace

std::string FrameText::describe(const Frame& frame) {
  std::vector<std::byte> bytes(frame.size());
  frame.copy_to(bytes);
  return describe_ethernet(bytes);
}

std::string FrameText::describe_ethernet(Bytes bytes) {
  if (bytes.size() < EthernetHeader::kSize) return "short frame";
  const EthernetHeader header = EthernetHeader::read(bytes.data());
  const Bytes packet = bytes.subspan(EthernetHeader::kSize);
  if (header.type == ether_type::kIpv4) return describe_ipv4(packet);
  if (header.type != ether_type::kArp) return "ethertype " + to_string(header.type);
  const auto arp = ArpPacket::read(packet);
  if (!arp) return "ARP malformed";
  return arp->operation == ArpPacket::kRequest
             ? "ARP who-has " + to_string(arp->target) + " tell " + to_string(arp->sender)
             : "ARP " + to_string(arp->sender) + " is-at its MAC";
}

std::string FrameText::describe_ipv4(Bytes bytes) {
  const auto ip = Ipv4Header::read(bytes);
  if (!ip || ip->total_length > bytes.size()) return "IPv4 malformed";
  std::string text = to_string(ip->source) + " > " + to_string(ip->destination);
  if (!Ipv4Header::checksum_is_right(bytes)) text += " IP CHECKSUM WRONG";
  if (ip->ttl != 64) text += " ttl " + to_string(ip->ttl);
  if ((ip->traffic_class & 3) != 0) text += " ecn " + to_string(ip->traffic_class & 3);
  const Bytes data = bytes.first(ip->total_length).subspan(ip->header_length);
  if (ip->is_fragment()) {
    text += " fragment " + to_string(ip->fragment_offset) + "+" + to_string(data.size()) +
            (ip->more_fragments ? "" : " last");
    if (ip->fragment_offset != 0) return text;
  }
  if (!ip->is_fragment() && ip->protocol != ip_protocol::kIcmp) {
    const uint64_t pseudo = pseudo_header_sum(ip->source, ip->destination, ip->protocol,
                                              static_cast<uint32_t>(data.size()));
    if (fold_checksum(pseudo + word_sum(data)) != 0xffff) text += " CHECKSUM WRONG";
  }
  if (ip->protocol == ip_protocol::kIcmp) return text + describe_icmp(data);
  if (ip->protocol == ip_protocol::kUdp) return text + describe_udp(data);
  if (ip->protocol != ip_protocol::kTcp) return text + " protocol " + to_string(ip->protocol);
  return text + describe_tcp(to_string(ip->source), to_string(ip->destination), data);
}

std::string FrameText::describe_icmp(Bytes bytes) {
  const auto icmp = IcmpHeader::read(bytes);
  if (!icmp) return " ICMP malformed";
  switch (icmp->type) {
    case IcmpHeader::kEchoRequest:
      return " echo request " + to_string(icmp->sequence);
    case IcmpHeader::kEchoReply:
      return " echo reply " + to_string(icmp->sequence);
    case IcmpHeader::kTimeExceeded:
      return " time exceeded";
    case IcmpHeader::kDestinationUnreachable:
      return icmp->code == IcmpHeader::kFragmentationNeeded
                 ? " fragmentation needed, mtu " + to_string(icmp->sequence)
                 : " unreachable, code " + to_string(icmp->code);
    default:
      return " ICMP type " + to_string(icmp->type);
  }
}

std::string FrameText::describe_udp(Bytes bytes) {
  const auto udp = UdpHeader::read(bytes);
  if (!udp) return " UDP malformed";
  const Bytes data = bytes.subspan(UdpHeader::kSize);
  std::string text = " UDP " + to_string(udp->source_port) + ">" + to_string(udp->destination_port);
  if (udp->destination_port == TunnelHeader::kUdpPort) return text + describe_tunnel(data);
  text += ", " + to_string(data.size()) + " B";
  // Datagrams of a udp workload begin with their number.
  const bool numbered = udp->destination_port >= 5002 && udp->destination_port < 5100 &&
                        data.size() >= UdpDatagramHeader::kSize;
  return numbered ? text + " #" + to_string(load_be64(data.data())) : text;
}

std::string FrameText::describe_tunnel(Bytes bytes) {
  const auto tunnel = TunnelHeader::read(bytes);
  if (!tunnel) return " tunnel malformed";
  std::string text = " [#" + to_string(tunnel->counter);
  if (tunnel->chunks > 1) {
    text += " chunk " + to_string(tunnel->chunk + 1) + "/" + to_string(tunnel->chunks) + " at " +
            to_string(tunnel->offset) + " of " + to_string(tunnel->total);
  }
  if (tunnel->is_encrypted()) text += " encrypted";
  const Bytes inner = bytes.subspan(tunnel->overhead());
  if (tunnel->chunks > 1) return text + ", " + to_string(inner.size()) + " B]";
  return text + "] " + describe_ethernet(inner);
}

std::string FrameText::describe_tcp(const std::string& from, const std::string& to, Bytes bytes) {
  const auto tcp = TcpHeader::read(bytes);
  if (!tcp) return " TCP malformed";
  const std::string source = from + "." + to_string(tcp->source_port);
  const std::string target = to + "." + to_string(tcp->destination_port);
  const uint32_t first =
      first_sequences_.try_emplace({source, target}, tcp->sequence).first->second;
  std::string text = " TCP " + to_string(tcp->source_port) + ">" +
                     to_string(tcp->destination_port) + tcp_flags(*tcp) + " seq " +
                     to_string(tcp->sequence - first);
  const size_t data = bytes.size() - tcp->header_length;
  if (data > 0) text += "+" + to_string(data);
  const auto other = first_sequences_.find({target, source});
  const uint32_t peer = other == first_sequences_.end() ? 0 : other->second;
  if (tcp->has(TcpHeader::kAck)) text += " ack " + to_string(tcp->acknowledgment - peer);
  if (tcp->maximum_segment_size) text += " mss " + to_string(*tcp->maximum_segment_size);
  if (tcp->window_scale) text += " scale " + to_string(*tcp->window_scale);
  if (tcp->sack_permitted) text += " sack-ok";
  for (uint8_t i = 0; i < tcp->sack_count; ++i) {
    text += " sack " + to_string(tcp->sack_blocks[i].begin - peer) + "-" +
            to_string(tcp->sack_blocks[i].end - peer);
  }
  return text;
}

}  // namespace violin::testing
