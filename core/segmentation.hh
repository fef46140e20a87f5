#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "core/frame.hh"

// Splitting a super-frame (gso_size set) into the frames that a wire carries, as Linux's generic
// segmentation offload and a network card's TSO do: each segment has a copy of the headers and
// shares its part of the payload. Lengths are those of the segment; the IPv4 identification counts
// up; the TCP sequence number advances, FIN and PSH stay only on the last segment and CWR only on
// the first (RFC 3168 section 6.1.2); every checksum is made anew, so the segments' checksum_good
// is true. A UDP checksum of zero over IPv4 means "none" and stays.

namespace violin {

// Where the headers of a TCP or UDP frame lie, offsets in bytes from its start.
struct TransportLayout {
  uint32_t network_at = 0;    // the IP header
  uint32_t transport_at = 0;  // the TCP or UDP header
  uint32_t payload_at = 0;
  uint8_t protocol = 0;  // IANA number
  bool is_v6 = false;
};
// Nothing when it is not plain TCP or UDP over IPv4 or IPv6 (with or without one VLAN tag).
std::optional<TransportLayout> transport_layout(const Frame& frame);
// The sum of the pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1) of a packet whose
// transport header and payload have `length` bytes, not folded. The frame has its headers in
// headers().
uint64_t pseudo_header_sum(const Frame& frame, const TransportLayout& layout, uint32_t length);
inline uint64_t pseudo_header_sum(const Frame& frame, const TransportLayout& layout) {
  return pseudo_header_sum(frame, layout, frame.size() - layout.transport_at);
}

// What segment() makes of a frame: how many frames, and the length of all but the last of them. An
// ordinary frame is its own only segment.
struct SegmentShape {
  uint32_t count = 1;
  uint32_t size = 0;         // of a full segment, headers included, bytes
  uint64_t total_bytes = 0;  // of all segments together
};
SegmentShape segment_shape(const Frame& frame);
inline uint32_t segment_count(const Frame& frame) {
  return frame.gso_size() == 0 ? 1 : segment_shape(frame).count;
}

// Payload bytes of a segment below which nobody's kernel has reason to make super-frames.
constexpr uint16_t kSegmentPayloadMin = 64;
// True for a super-frame of at least two segments, each with at least kSegmentPayloadMin bytes of
// payload but for the last: whoever takes one from outside lets no frame become more than about a
// thousand.
bool is_sound_super_frame(const Frame& frame);

// The segments of one frame, first to last. An ordinary frame is its own only segment, untouched;
// so is a super-frame that is not plain TCP or UDP over IPv4 or IPv6 (with or without one VLAN
// tag), as no sender makes such: being too long for any link it is dropped there with a reason.
class Segmenter {
 public:
  explicit Segmenter(Frame frame);
  // The next segment; an empty handle when there is none left. Throws PoolExhausted.
  Frame next();

 private:
  Frame make_segment();
  void finish_network_header(Frame& segment) const;
  void finish_tcp(Frame& segment) const;
  void finish_udp(Frame& segment) const;
  void finish_checksum(Frame& segment, uint32_t field) const;

  Frame frame_;  // empty when done
  bool splits_ = false;
  TransportLayout layout_;
  uint32_t index_ = 0;
  uint32_t done_ = 0;  // payload bytes handed out
};

// Calls sink(Frame) with each segment in order.
template <class Sink>
void segment(Frame frame, Sink&& sink) {
  if (frame.gso_size() == 0) [[likely]] {
    sink(std::move(frame));
    return;
  }
  Segmenter segmenter(std::move(frame));
  while (Frame part = segmenter.next()) sink(std::move(part));
}

}  // namespace violin
