#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/simulation.hh"

namespace violin::testing {

// A scenario cut into slices that run side by side and share nothing: each has its own scheduler,
// buffers and workloads, and knows the others only through frames, which cross as bytes in a queue
// (so will they between processes). All run for one window, then the queues are emptied. A window
// is as long as the smallest delay of a cut wire: nothing sent within it can arrive within it.
class SlicedSimulation {
 public:
  // `part_of` says for each node of the scenario in which slice it is, from 0 on. Throws
  // std::invalid_argument for a cut through a wire whose delay is not a bound: none, or with jitter
  // or reordering.
  SlicedSimulation(const Scenario& scenario, const std::vector<int>& part_of);

  void run();
  // Of every wire, each from the slice that has its far end.
  WireDigests digests() const;
  // Frames that went from one slice to another.
  uint64_t crossed() const { return crossed_; }
  Duration lookahead() const { return lookahead_; }
  const Simulation& part(size_t index) const { return *parts_[index].simulation; }

 private:
  struct Crossing {
    uint32_t wire;
    Time due;
    std::vector<std::byte> bytes;  // none: the wire went down
  };
  // What leaves one slice within a window.
  class Exit final : public Frontier {
   public:
    void cross(uint32_t wire, const Frame& frame, Time due) override;
    void went_down(uint32_t wire) override { out.push_back({wire, Time(), {}}); }
    std::vector<Crossing> out;
  };
  struct Part {
    std::unique_ptr<Exit> exit;
    std::unique_ptr<Simulation> simulation;
  };

  void find_lookahead(const std::vector<int>& part_of);
  int part_of_far_end(uint32_t wire) const;
  void exchange();

  const Scenario scenario_;
  std::vector<int> part_of_;
  std::vector<Part> parts_;
  Duration lookahead_ = Duration::max();
  uint64_t crossed_ = 0;
};

// Virtual nodes go with the overlay host that carries them: the slice of each node when underlay
// node number i (counted within the underlay, in scenario order) is in slice `underlay_part[i]`.
std::vector<int> parts_by_place(const Scenario& scenario, const std::vector<int>& underlay_part);

}  // namespace violin::testing
