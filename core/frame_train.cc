#include "core/frame_train.hh"

#include <cstring>
#include <utility>

#include "core/byte_order.hh"
#include "core/check.hh"
#include "core/checksum.hh"
#include "core/ip_header.hh"
#include "core/tcp_header.hh"
#include "core/transport_header.hh"

namespace violin {
namespace {

constexpr uint32_t kIpv4Length = 2;
constexpr uint32_t kIpv4Identification = 4;
constexpr uint32_t kIpv4Fragment = 6;
constexpr uint16_t kDontFragment = 0x4000;
constexpr uint32_t kIpv4Checksum = 10;
constexpr uint32_t kIpv6Length = 4;
constexpr uint32_t kTcpSequence = 4;
constexpr uint32_t kTcpFlags = 13;
constexpr uint32_t kUdpLength = 4;
// What the frames of one super-frame may differ in: the last one may end a write, or the stream.
constexpr uint8_t kLastOnly = TcpHeader::kFin | TcpHeader::kPsh;

const std::byte* network(const Frame& frame, const TransportLayout& layout) {
  return frame.headers().data() + layout.network_at;
}
const std::byte* transport(const Frame& frame, const TransportLayout& layout) {
  return frame.headers().data() + layout.transport_at;
}
uint8_t tcp_flags(const Frame& frame, const TransportLayout& layout) {
  return static_cast<uint8_t>(transport(frame, layout)[kTcpFlags]);
}
bool is_tcp(const TransportLayout& layout) { return layout.protocol == ip_protocol::kTcp; }

bool length_fields_agree(const Frame& frame, const TransportLayout& layout) {
  const std::byte* ip = network(frame, layout);
  const uint32_t packet = frame.size() - layout.network_at;
  const uint32_t said =
      layout.is_v6 ? load_be16(ip + kIpv6Length) + Ipv6Header::kSize : load_be16(ip + kIpv4Length);
  if (said != packet) return false;
  return is_tcp(layout) ||
         load_be16(transport(frame, layout) + kUdpLength) == frame.size() - layout.transport_at;
}

bool checksums_are_right(const Frame& frame, const TransportLayout& layout) {
  if (frame.checksum_good()) return true;
  const std::span<const std::byte> headers = frame.headers();
  if (!layout.is_v6 && !Ipv4Header::checksum_is_right(headers.subspan(
                           layout.network_at, layout.transport_at - layout.network_at))) {
    return false;
  }
  const ByteSums sums =
      sum_bytes(headers.subspan(layout.transport_at)).followed_by(frame.payload().sums());
  return fold_checksum(pseudo_header_sum(frame, layout) + sums.word_sum()) == 0xffff;
}

// Whether two headers are equal but for [from, from + size), which lies in them.
bool equal_but(std::span<const std::byte> a, std::span<const std::byte> b, size_t from,
               size_t size) {
  return std::memcmp(a.data(), b.data(), from) == 0 &&
         std::memcmp(a.data() + from + size, b.data() + from + size, a.size() - from - size) == 0;
}

bool network_headers_agree(const Frame& first, const Frame& next, const TransportLayout& layout,
                           uint32_t index) {
  const size_t size = layout.transport_at;
  const std::span<const std::byte> a = first.headers().first(size);
  const std::span<const std::byte> b = next.headers().first(size);
  if (layout.is_v6) return equal_but(a, b, layout.network_at + kIpv6Length, 2);
  // Length and identification lie side by side; the checksum follows from the rest.
  const size_t checksum_at = layout.network_at + kIpv4Checksum;
  const bool equal =
      equal_but(a.first(checksum_at), b.first(checksum_at), layout.network_at + kIpv4Length, 4) &&
      equal_but(a.subspan(checksum_at), b.subspan(checksum_at), 0, 2);
  const std::byte* ip = network(first, layout);
  // Of a packet that nobody may fragment the identification means nothing (RFC 6864 section 4.1).
  const bool is_atomic = (load_be16(ip + kIpv4Fragment) & kDontFragment) != 0;
  const auto expected = static_cast<uint16_t>(load_be16(ip + kIpv4Identification) + index);
  return equal && (is_atomic || load_be16(network(next, layout) + kIpv4Identification) == expected);
}

bool tcp_headers_agree(const Frame& first, const Frame& next, const TransportLayout& layout,
                       uint32_t done) {
  const std::byte* a = transport(first, layout);
  const std::byte* b = transport(next, layout);
  const size_t options = layout.payload_at - layout.transport_at - TcpHeader::kSize;
  const uint8_t differing =
      tcp_flags(first, layout) ^ static_cast<uint8_t>(tcp_flags(next, layout) & ~kLastOnly);
  return load_be32(b + kTcpSequence) == load_be32(a + kTcpSequence) + done && differing == 0 &&
         std::memcmp(a + 8, b + 8, 4) == 0 &&    // acknowledgment
         a[12] == b[12] &&                       // header length
         std::memcmp(a + 14, b + 14, 2) == 0 &&  // window
         std::memcmp(a + TcpHeader::kSize, b + TcpHeader::kSize, options) == 0;
}

}  // namespace

bool FrameTrain::can_begin(Frame& frame, const TransportLayout& layout) {
  if (frame.gso_size() != 0 || frame.size() <= layout.payload_at || frame.size() > kBytesMax ||
      frame.payload().is_stream() || !frame.make_contiguous(layout.payload_at) ||
      !length_fields_agree(frame, layout)) {
    return false;
  }
  if (is_tcp(layout)) {
    constexpr uint8_t allowed = kLastOnly | TcpHeader::kAck | TcpHeader::kEce;
    if ((tcp_flags(frame, layout) & ~allowed) != 0) return false;
  } else if (load_be16(transport(frame, layout) + UdpHeader::kChecksumOffset) == 0) {
    return false;  // "none": a kernel would make one for each segment
  }
  if (!checksums_are_right(frame, layout)) return false;
  frame.set_checksum_good(true);
  return true;
}

void FrameTrain::begin(Frame frame, const TransportLayout& layout, Time due) {
  CHECK(empty());
  layout_ = layout;
  segment_ = frame.size() - layout.payload_at;
  size_ = layout.payload_at;
  complete_ = is_tcp(layout) && (tcp_flags(frame, layout) & kLastOnly) != 0;
  take(std::move(frame), due);
}

void FrameTrain::take(Frame frame, Time due) {
  size_ += frame.size() - layout_.payload_at;
  if (is_tcp(layout_)) last_flags_ = tcp_flags(frame, layout_);
  frame_[frames_] = std::move(frame);
  due_[frames_] = due;
  ++frames_;
}

bool FrameTrain::is_of_flow(const Frame& frame, const TransportLayout& layout) const {
  if (layout.network_at != layout_.network_at || layout.protocol != layout_.protocol ||
      layout.is_v6 != layout_.is_v6 || frame.header_size() < layout.transport_at + 4) {
    return false;
  }
  const uint32_t at = layout.is_v6 ? 8 : 12;
  const uint32_t size = layout.is_v6 ? 32 : 8;
  return std::memcmp(network(frame, layout) + at, network(frame_[0], layout_) + at, size) == 0 &&
         std::memcmp(transport(frame, layout), transport(frame_[0], layout_), 4) == 0;
}

bool FrameTrain::goes_on(const Frame& frame, const TransportLayout& layout) const {
  const uint32_t length = frame.size() - layout.payload_at;
  if (layout.payload_at != layout_.payload_at || layout.transport_at != layout_.transport_at ||
      length > segment_ || size_ + length > kBytesMax) {
    return false;
  }
  return network_headers_agree(frame_[0], frame, layout, frames_) &&
         (!is_tcp(layout) ||
          tcp_headers_agree(frame_[0], frame, layout, size_ - layout_.payload_at));
}

bool FrameTrain::append(Frame& frame, const TransportLayout& layout, Time due) {
  if (complete_ || frames_ == kFramesMax || !can_begin(frame, layout) || !goes_on(frame, layout)) {
    return false;
  }
  const bool is_last = frame.size() - layout.payload_at < segment_ ||
                       (is_tcp(layout) && (tcp_flags(frame, layout) & kLastOnly) != 0);
  complete_ = is_last;
  take(std::move(frame), due);
  return true;
}

Frame& FrameTrain::close() {
  Frame& first = frame_[0];
  if (frames_ == 1) return first;
  first.set_gso_size(static_cast<uint16_t>(segment_));
  std::byte* ip = first.headers().data() + layout_.network_at;
  std::byte* own = first.headers().data() + layout_.transport_at;
  const uint32_t packet = size_ - layout_.network_at;
  if (layout_.is_v6) {
    store_be16(ip + kIpv6Length, static_cast<uint16_t>(packet - Ipv6Header::kSize));
  } else {
    const uint16_t before = load_be16(ip + kIpv4Length);
    store_be16(ip + kIpv4Length, static_cast<uint16_t>(packet));
    store_be16(ip + kIpv4Checksum, updated_checksum(load_be16(ip + kIpv4Checksum), before,
                                                    static_cast<uint16_t>(packet)));
  }
  if (is_tcp(layout_)) {
    own[kTcpFlags] = std::byte{last_flags_};
  } else {
    store_be16(own + kUdpLength, static_cast<uint16_t>(size_ - layout_.transport_at));
  }
  return first;
}

FrameTrain::Pieces FrameTrain::payload(uint32_t index) const {
  const Frame& frame = frame_[index];
  return {{frame.headers().subspan(layout_.payload_at), frame.payload().stored()}};
}

void FrameTrain::clear() {
  for (uint32_t i = 0; i < frames_; ++i) frame_[i] = Frame();
  frames_ = 0;
}

}  // namespace violin
