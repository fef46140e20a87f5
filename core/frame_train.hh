#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/frame.hh"
#include "core/segmentation.hh"
#include "core/time.hh"

namespace violin {

// TCP or UDP frames of one flow, one behind the other, that together say what one super-frame
// says: segment() of the super-frame would give them back byte for byte, but for the identification
// of packets that must not be fragmented. What a kernel's generic receive offload gathers; done
// before the kernel gets them, it pays for one frame instead of many. Payload stays where it lies.
class FrameTrain {
 public:
  // As many segments, and as many bytes, as every kernel takes as one.
  static constexpr uint32_t kFramesMax = 64;
  static constexpr uint32_t kBytesMax = 62'000;

  bool empty() const { return frames_ == 0; }
  uint32_t frames() const { return frames_; }
  // When each frame was due, in order.
  std::span<const Time> due() const { return {due_.data(), frames_}; }

  // Whether the frame could be the first of several: TCP data or UDP, right to the last checksum.
  static bool can_begin(Frame& frame, const TransportLayout& layout);
  // Begins with a frame that can_begin(); the train is empty.
  void begin(Frame frame, const TransportLayout& layout, Time due);
  // Whether it is a frame of the train's flow: the same addresses, protocol and ports.
  bool is_of_flow(const Frame& frame, const TransportLayout& layout) const;
  // Takes the frame over when it goes on where the train ends; leaves it alone when it does not.
  bool append(Frame& frame, const TransportLayout& layout, Time due);

  // Makes the first frame's headers those of the super-frame, when there are more frames than one:
  // lengths of the whole, gso_size, and flags of the last frame. Nothing is appended from then on.
  Frame& close();
  // What the super-frame consists of: the headers, and then the payload of each frame, which may
  // lie in two places.
  std::span<std::byte> headers() { return frame_[0].headers().first(layout_.payload_at); }
  struct Pieces {
    std::array<std::span<const std::byte>, 2> piece;
  };
  Pieces payload(uint32_t index) const;
  const TransportLayout& layout() const { return layout_; }
  // The whole as one super-frame, bytes.
  uint32_t size() const { return size_; }
  void clear();

 private:
  bool goes_on(const Frame& frame, const TransportLayout& layout) const;
  void take(Frame frame, Time due);

  std::array<Frame, kFramesMax> frame_;
  std::array<Time, kFramesMax> due_;
  TransportLayout layout_;
  uint32_t frames_ = 0;
  uint32_t size_ = 0;
  uint32_t segment_ = 0;    // payload bytes of every frame but the last
  uint8_t last_flags_ = 0;  // TCP's, of the last frame
  bool complete_ = false;   // nothing can follow
};

}  // namespace violin
