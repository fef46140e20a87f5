#pragma once

#include <cstdint>

#include "core/frame.hh"
#include "core/frame_train.hh"

// What a kernel says about a frame beside its bytes. Frames inside carry finished checksums, except
// super-frames, whose segments get theirs when they are made.

namespace violin {

// struct virtio_net_hdr (Virtual I/O Device specification 1.2, section 5.1.6), which stands in
// front of each frame of a port, in the byte order of the machine. (Linux's own header is not C++.)
struct VnetHeader {
  static constexpr uint8_t kNeedsChecksum = 1;  // flags
  static constexpr uint8_t kDataValid = 2;
  static constexpr uint8_t kGsoNone = 0;  // gso_type
  static constexpr uint8_t kGsoTcpV4 = 1;
  static constexpr uint8_t kGsoTcpV6 = 4;
  static constexpr uint8_t kGsoUdpL4 = 5;
  static constexpr uint8_t kGsoEcn = 0x80;

  uint8_t flags = 0;
  uint8_t gso_type = kGsoNone;
  uint16_t hdr_len = 0;      // all headers of a super-frame, bytes
  uint16_t gso_size = 0;     // payload bytes of each segment
  uint16_t csum_start = 0;   // the checksum covers everything from here on …
  uint16_t csum_offset = 0;  // … and is stored here, counted from csum_start
  uint16_t num_buffers = 1;
};
static_assert(sizeof(VnetHeader) == 12);

// Makes a frame read from a kernel what every frame here is: sets gso_size, or completes the
// checksum the kernel left to the hardware. False when header and frame contradict each other.
bool finish_received(Frame& frame, const VnetHeader& header);

// What to tell a kernel about a frame. Its headers become contiguous, and the checksum field of a
// super-frame is made the pseudo-header's, as a kernel expects.
VnetHeader vnet_header_of(Frame& frame);

// The same of a train that is given to a kernel as one super-frame; closes it.
VnetHeader vnet_header_of(FrameTrain& train);

}  // namespace violin
