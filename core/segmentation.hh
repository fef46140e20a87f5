#pragma once

#include <cstdint>
#include <utility>

#include "core/frame.hh"

// Splitting a super-frame (gso_size set) into the frames that a wire carries, as Linux's generic
// segmentation offload and a network card's TSO do: each segment has a copy of the headers and
// shares its part of the payload. Lengths are those of the segment; the IPv4 identification counts
// up; the TCP sequence number advances, FIN and PSH stay only on the last segment and CWR only on
// the first (RFC 3168 section 6.1.2); every checksum is made anew, so the segments' checksum_good
// is true. A UDP checksum of zero over IPv4 means "none" and stays.

namespace violin {

// How many frames segment() makes of it; 1 for an ordinary frame.
uint32_t segment_count(const Frame& frame);

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
  uint32_t network_at_ = 0;  // where the IP header begins
  uint32_t transport_at_ = 0;
  uint32_t payload_at_ = 0;
  uint8_t protocol_ = 0;
  bool is_v6_ = false;
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
