#include "emulator/virtio/vnet_header.hh"

#include "core/byte_order.hh"
#include "core/checksum.hh"
#include "core/ip_header.hh"
#include "core/segmentation.hh"
#include "core/tcp_header.hh"
#include "core/transport_header.hh"

namespace violin {
namespace {

// Completes the checksum over everything from `start` on; the field at start + offset holds the
// pseudo-header's part.
bool complete_checksum(Frame& frame, uint32_t start, uint32_t offset) {
  const uint32_t field = start + offset;
  if (field + 2 > frame.size() || !frame.make_contiguous(field + 2)) return false;
  const ByteSums sums =
      sum_bytes(frame.headers().subspan(start)).followed_by(frame.payload().sums());
  uint16_t checksum = checksum_of(sums.word_sum());
  // Zero says "none" to UDP (RFC 768), and is the same number to the others.
  if (checksum == 0) checksum = 0xffff;
  store_be16(frame.headers().data() + field, checksum);
  return true;
}

uint32_t checksum_offset(const TransportLayout& layout) {
  return layout.protocol == ip_protocol::kTcp ? TcpHeader::kChecksumOffset
                                              : UdpHeader::kChecksumOffset;
}

bool has_cwr(const Frame& frame, const TransportLayout& layout) {
  const std::byte flags = frame.headers()[layout.transport_at + 13];
  return layout.protocol == ip_protocol::kTcp &&
         (flags & std::byte{TcpHeader::kCwr}) != std::byte{0};
}

uint8_t gso_type_of(const TransportLayout& layout) {
  if (layout.protocol == ip_protocol::kUdp) return VnetHeader::kGsoUdpL4;
  return layout.is_v6 ? VnetHeader::kGsoTcpV6 : VnetHeader::kGsoTcpV4;
}

// Of a super-frame of `size` bytes whose headers lie in `frame`.
VnetHeader super_header(Frame& frame, const TransportLayout& layout, uint32_t size) {
  VnetHeader header;
  const uint32_t offset = checksum_offset(layout);
  header.flags = VnetHeader::kNeedsChecksum;
  header.gso_type = gso_type_of(layout);
  if (has_cwr(frame, layout)) header.gso_type |= VnetHeader::kGsoEcn;
  header.hdr_len = static_cast<uint16_t>(layout.payload_at);
  header.gso_size = frame.gso_size();
  header.csum_start = static_cast<uint16_t>(layout.transport_at);
  header.csum_offset = static_cast<uint16_t>(offset);
  const uint64_t sum = pseudo_header_sum(frame, layout, size - layout.transport_at);
  store_be16(frame.headers().data() + layout.transport_at + offset, fold_checksum(sum));
  return header;
}

}  // namespace

bool finish_received(Frame& frame, const VnetHeader& header) {
  const bool is_super = (header.gso_type & ~VnetHeader::kGsoEcn) != VnetHeader::kGsoNone;
  if (is_super) {
    const std::optional<TransportLayout> layout = transport_layout(frame);
    const bool agrees = layout && gso_type_of(*layout) == (header.gso_type & ~VnetHeader::kGsoEcn);
    if (header.gso_size == 0 || !agrees) return false;
    frame.set_gso_size(header.gso_size);
    frame.set_checksum_good(true);
    return true;
  }
  if ((header.flags & VnetHeader::kNeedsChecksum) != 0) {
    if (!complete_checksum(frame, header.csum_start, header.csum_offset)) return false;
    frame.set_checksum_good(true);
    return true;
  }
  frame.set_checksum_good((header.flags & VnetHeader::kDataValid) != 0);
  return true;
}

VnetHeader vnet_header_of(Frame& frame) {
  VnetHeader header;
  if (frame.checksum_good()) header.flags = VnetHeader::kDataValid;
  if (frame.gso_size() == 0) return header;
  const std::optional<TransportLayout> layout = transport_layout(frame);
  if (!layout || !frame.make_contiguous(layout->payload_at)) return header;
  return super_header(frame, *layout, frame.size());
}

VnetHeader vnet_header_of(FrameTrain& train) {
  Frame& first = train.close();
  if (train.frames() > 1) return super_header(first, train.layout(), train.size());
  VnetHeader header;
  header.flags = VnetHeader::kDataValid;
  return header;
}

}  // namespace violin
