#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/frame.hh"
#include "core/frame_sink.hh"

namespace violin::testing {

// Keeps every frame that arrives, with when it did.
class FrameLog final : public FrameSink {
 public:
  struct Arrival {
    Time when;
    Frame frame;
  };

  void receive(Frame frame, Time now) override { arrivals_.push_back({now, std::move(frame)}); }
  const std::vector<Arrival>& arrivals() const { return arrivals_; }
  size_t count() const { return arrivals_.size(); }
  std::vector<int64_t> times_ns() const {
    std::vector<int64_t> times;
    for (const Arrival& arrival : arrivals_) times.push_back(arrival.when.ns());
    return times;
  }

 private:
  std::vector<Arrival> arrivals_;
};

// A frame of `size` bytes whose first four bytes are `number`, the rest a stream.
inline Frame numbered_frame(BufferPools& pools, uint32_t number, uint32_t size) {
  Frame frame = Frame::allocate(pools);
  std::byte* at = frame.append(14);
  std::fill(at, at + 14, std::byte{0});
  for (int i = 0; i < 4; ++i) at[i] = static_cast<std::byte>(number >> (24 - 8 * i));
  frame.set_payload(Payload::of_stream(number, 0, size - 14));
  return frame;
}

inline uint32_t number_of(const Frame& frame) {
  uint32_t number = 0;
  for (int i = 0; i < 4; ++i)
    number = number << 8 | static_cast<uint32_t>(frame.headers()[static_cast<size_t>(i)]);
  return number;
}

// Of every frame that arrived, in the order of arrival.
inline std::vector<uint32_t> numbers_of(const FrameLog& log) {
  std::vector<uint32_t> numbers;
  for (const FrameLog::Arrival& arrival : log.arrivals()) {
    numbers.push_back(number_of(arrival.frame));
  }
  return numbers;
}

}  // namespace violin::testing
