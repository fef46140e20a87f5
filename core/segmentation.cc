#include "core/segmentation.hh"

#include <algorithm>
#include <cstring>
#include <optional>

#include "core/byte_order.hh"
#include "core/checksum.hh"
#include "core/ethernet.hh"
#include "core/ip_header.hh"
#include "core/tcp_header.hh"
#include "core/transport_header.hh"

namespace violin {
namespace {

constexpr uint32_t kVlanTag = 4;
constexpr uint32_t kIpv4TotalLength = 2;
constexpr uint32_t kIpv4Identification = 4;
constexpr uint32_t kIpv4Checksum = 10;
constexpr uint32_t kIpv6PayloadLength = 4;
constexpr uint32_t kTcpSequence = 4;
constexpr uint32_t kTcpFlags = 13;
constexpr uint32_t kUdpLength = 4;

// How many bytes of the frame, from its start, a parser can look at.
constexpr uint32_t kVisible = 14 + kVlanTag + 60 + 60;

bool find_transport(std::span<const std::byte> bytes, TransportLayout& layout) {
  uint32_t at = EthernetHeader::kSize;
  uint16_t type = load_be16(bytes.data() + at - 2);
  if (type == ether_type::kVlan && bytes.size() >= at + kVlanTag) {
    at += kVlanTag;
    type = load_be16(bytes.data() + at - 2);
  }
  layout.network_at = at;
  layout.is_v6 = type == ether_type::kIpv6;
  if (type == ether_type::kIpv4) {
    const std::optional<Ipv4Header> ip = Ipv4Header::read(bytes.subspan(at));
    if (!ip || ip->is_fragment()) return false;
    layout.transport_at = at + ip->header_length;
    layout.protocol = ip->protocol;
    return true;
  }
  const std::optional<Ipv6Header> ip = Ipv6Header::read(bytes.subspan(at));
  if (!layout.is_v6 || !ip) return false;
  layout.transport_at = at + Ipv6Header::kSize;
  layout.protocol = ip->next_header;
  return true;
}

uint32_t pieces(uint32_t length, uint32_t piece) {
  return std::max(1u, (length + piece - 1) / piece);
}

}  // namespace

std::optional<TransportLayout> transport_layout(const Frame& frame) {
  std::byte copy[kVisible];
  const uint32_t visible = std::min(frame.size(), kVisible);
  if (visible < EthernetHeader::kSize) return std::nullopt;
  frame.copy_to({copy, visible});
  const std::span<const std::byte> bytes(copy, visible);
  TransportLayout layout;
  if (!find_transport(bytes, layout)) return std::nullopt;
  uint32_t size = UdpHeader::kSize;
  if (layout.protocol == ip_protocol::kTcp) {
    if (visible < layout.transport_at + TcpHeader::kSize) return std::nullopt;
    size = static_cast<uint32_t>(bytes[layout.transport_at + 12] >> 4) * 4;
    if (size < TcpHeader::kSize) return std::nullopt;
  } else if (layout.protocol != ip_protocol::kUdp) {
    return std::nullopt;
  }
  layout.payload_at = layout.transport_at + size;
  if (visible < layout.payload_at) return std::nullopt;
  return layout;
}

uint64_t pseudo_header_sum(const Frame& frame, const TransportLayout& layout, uint32_t length) {
  // Source and destination address lie side by side in both IP headers.
  const std::span<const std::byte> addresses =
      layout.is_v6 ? frame.headers().subspan(layout.network_at + 8, 32)
                   : frame.headers().subspan(layout.network_at + 12, 8);
  return word_sum(addresses) + layout.protocol + length;
}

SegmentShape segment_shape(const Frame& frame) {
  const std::optional<TransportLayout> layout =
      frame.gso_size() == 0 ? std::nullopt : transport_layout(frame);
  if (!layout) return {1, frame.size(), frame.size()};
  const uint32_t count = pieces(frame.size() - layout->payload_at, frame.gso_size());
  const uint32_t full = std::min<uint32_t>(frame.size(), layout->payload_at + frame.gso_size());
  return {count, full, frame.size() + uint64_t{count - 1} * layout->payload_at};
}

bool is_sound_super_frame(const Frame& frame) {
  if (frame.gso_size() < kSegmentPayloadMin) return false;
  const std::optional<TransportLayout> layout = transport_layout(frame);
  return layout && frame.size() > layout->payload_at + frame.gso_size();
}

Segmenter::Segmenter(Frame frame) : frame_(std::move(frame)) {
  if (!frame_ || frame_.gso_size() == 0) return;
  const std::optional<TransportLayout> layout = transport_layout(frame_);
  if (!layout) return;
  splits_ = true;
  layout_ = *layout;
}

Frame Segmenter::next() {
  if (!splits_ || !frame_) return std::move(frame_);
  Frame segment = make_segment();
  if (layout_.payload_at + done_ >= frame_.size()) frame_ = Frame();
  return segment;
}

Frame Segmenter::make_segment() {
  Frame segment = Frame::allocate(frame_.pools());
  frame_.copy_to({segment.append(layout_.payload_at), layout_.payload_at});
  const uint32_t left = frame_.size() - layout_.payload_at - done_;
  const uint32_t length = std::min<uint32_t>(left, frame_.gso_size());
  segment.set_payload(frame_.slice(layout_.payload_at + done_, length));
  finish_network_header(segment);
  if (layout_.protocol == ip_protocol::kTcp) {
    finish_tcp(segment);
  } else {
    finish_udp(segment);
  }
  segment.set_checksum_good(true);
  done_ += length;
  ++index_;
  return segment;
}

void Segmenter::finish_network_header(Frame& segment) const {
  std::byte* ip = segment.headers().data() + layout_.network_at;
  const uint32_t length = segment.size() - layout_.network_at;
  if (layout_.is_v6) {
    store_be16(ip + kIpv6PayloadLength, static_cast<uint16_t>(length - Ipv6Header::kSize));
    return;
  }
  store_be16(ip + kIpv4TotalLength, static_cast<uint16_t>(length));
  store_be16(ip + kIpv4Identification,
             static_cast<uint16_t>(load_be16(ip + kIpv4Identification) + index_));
  store_be16(ip + kIpv4Checksum, 0);
  store_be16(ip + kIpv4Checksum,
             checksum_of(word_sum({ip, layout_.transport_at - layout_.network_at})));
}

void Segmenter::finish_tcp(Frame& segment) const {
  std::byte* tcp = segment.headers().data() + layout_.transport_at;
  store_be32(tcp + kTcpSequence, load_be32(tcp + kTcpSequence) + done_);
  const bool is_first = done_ == 0;
  const bool is_last = layout_.payload_at + done_ + segment.payload().size() == frame_.size();
  uint8_t cleared = 0;
  if (!is_first) cleared |= TcpHeader::kCwr;
  if (!is_last) cleared |= TcpHeader::kFin | TcpHeader::kPsh;
  tcp[kTcpFlags] &= static_cast<std::byte>(~cleared);
  finish_checksum(segment, layout_.transport_at + TcpHeader::kChecksumOffset);
}

void Segmenter::finish_udp(Frame& segment) const {
  std::byte* udp = segment.headers().data() + layout_.transport_at;
  store_be16(udp + kUdpLength, static_cast<uint16_t>(segment.size() - layout_.transport_at));
  if (!layout_.is_v6 && load_be16(udp + UdpHeader::kChecksumOffset) == 0) return;
  finish_checksum(segment, layout_.transport_at + UdpHeader::kChecksumOffset);
  // A sum that comes out as zero is sent as its other form, for zero says "none" (RFC 768).
  if (load_be16(udp + UdpHeader::kChecksumOffset) == 0) {
    store_be16(udp + UdpHeader::kChecksumOffset, 0xffff);
  }
}

void Segmenter::finish_checksum(Frame& segment, uint32_t field) const {
  std::byte* bytes = segment.headers().data();
  store_be16(bytes + field, 0);
  // The transport header is of even length, so the payload's words begin where its bytes do.
  const uint64_t sum =
      pseudo_header_sum(segment, layout_) +
      word_sum({bytes + layout_.transport_at, layout_.payload_at - layout_.transport_at}) +
      segment.payload().sums().word_sum();
  store_be16(bytes + field, checksum_of(sum));
}

}  // namespace violin
