#pragma once

#include "core/byte_order.hh"
#include "core/checksum.hh"
#include "core/ip_header.hh"
#include "core/segmentation.hh"
#include "emulator/virtio/vnet_header.hh"

namespace violin::testing {

// Makes a frame what a kernel hands to a device that makes checksums: only the sum of the
// pseudo-header stands in the field.
inline VnetHeader leave_checksum_open(Frame& frame) {
  const TransportLayout layout = *transport_layout(frame);
  VnetHeader header;
  header.flags = VnetHeader::kNeedsChecksum;
  header.csum_start = static_cast<uint16_t>(layout.transport_at);
  header.csum_offset = layout.protocol == ip_protocol::kTcp ? 16 : 6;
  store_be16(frame.headers().data() + layout.transport_at + header.csum_offset,
             fold_checksum(pseudo_header_sum(frame, layout)));
  frame.set_checksum_good(false);
  return header;
}

}  // namespace violin::testing
