#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "core/frame_sink.hh"

namespace violin::testing {

// Keeps every frame it receives, with its time.
class CollectingSink final : public FrameSink {
 public:
  struct Arrival {
    Frame frame;
    Time at;
  };
  void receive(Frame frame, Time now) override { arrivals.push_back({std::move(frame), now}); }

  size_t count() const { return arrivals.size(); }
  Frame& frame(size_t index) { return arrivals.at(index).frame; }
  // The bytes of one frame.
  std::vector<std::byte> bytes(size_t index) const {
    const Frame& frame = arrivals.at(index).frame;
    std::vector<std::byte> all(frame.size());
    frame.copy_to(all);
    return all;
  }

  std::vector<Arrival> arrivals;
};

}  // namespace violin::testing
