#pragma once

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <vector>

#include "emulator/network/network.hh"
#include "emulator/network/network_cut.hh"
#include "emulator/network/slice_exit.hh"

namespace violin {

// The parts of a network that is cut, each a slice with a thread and a processor of its own. All
// run for one window of virtual time, from the next event of anybody on and as long as the
// lookahead; then what they sent to each other is handed over, and the next window begins. What is
// sent within a window comes out after it, and of events at one instant the order is the same in a
// slice as in the whole: so each slice does what it does in the whole.
class ParallelSlices {
 public:
  // Asked between windows, at its end, while nobody runs: whether to go on. Never throws.
  using Look = std::function<bool(Time now)>;

  // More than one part. Throws std::system_error.
  ParallelSlices(const NetworkPlan& plan, const NetworkCut& cut);

  // Of a part, for its Network::Slice.
  Network::Slice slice(int part, Network::Outside* outside);
  // Of the next part; lives as long as this.
  void add(Network& network) { networks_.push_back(&network); }
  int processor(int part) const {
    return processors_[static_cast<size_t>(part) % processors_.size()];
  }

  // Runs all up to and including `end`; false when `look` said not to. Throws what the first part,
  // in their order, could not go on for.
  bool run_to(Time end, const Look& look);

 private:
  template <class Barrier>
  void work(size_t part, Barrier& barrier);
  void run_window(size_t part);
  void hand_over(size_t part, size_t side);
  void end_window() noexcept;
  void begin_window(Time first);

  const NetworkCut& cut_;
  std::vector<int> processors_;
  std::deque<SliceExit> exits_;  // by part, as all that follows
  std::vector<Network*> networks_;
  std::vector<Time> next_;  // event, or frame that comes out elsewhere
  std::vector<std::exception_ptr> failures_;
  // Written while nobody runs.
  const Look* look_ = nullptr;
  Time end_;
  Time window_end_;  // included
  size_t side_ = 0;
  bool is_over_ = false;
  bool was_stopped_ = false;
};

}  // namespace violin
