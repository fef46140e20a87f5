#include "emulator/network/parallel_slices.hh"

#include <algorithm>
#include <barrier>
#include <optional>
#include <system_error>
#include <thread>

#include "core/check.hh"
#include "core/pacer.hh"
#include "emulator/os/processor_pin.hh"

namespace violin {

ParallelSlices::ParallelSlices(const NetworkPlan& plan, const NetworkCut& cut)
    : cut_(cut), processors_(allowed_processors()) {
  CHECK(cut.parts > 1 && cut.lookahead > Duration());
  const auto parts = static_cast<size_t>(cut.parts);
  for (size_t part = 0; part < parts; ++part) exits_.emplace_back(plan.scenario(), cut);
  next_.resize(parts);
  failures_.resize(parts);
}

Network::Slice ParallelSlices::slice(int part, Network::Outside* outside) {
  Network::Slice slice;
  slice.frontier = &exits_[static_cast<size_t>(part)];
  slice.outside = outside;
  for (const int of_node : cut_.part_of) slice.owned.push_back(of_node == part);
  return slice;
}

bool ParallelSlices::run_to(Time end, const Look& look) {
  end_ = end;
  look_ = &look;
  is_over_ = was_stopped_ = false;
  Time first = end;
  for (Network* network : networks_) first = std::min(first, network->scheduler().next_time());
  begin_window(first);
  std::barrier barrier(cut_.parts, [this]() noexcept { end_window(); });
  {
    std::vector<std::jthread> threads;
    for (size_t part = 1; part < networks_.size(); ++part) {
      try {
        threads.emplace_back([this, part, &barrier] { work(part, barrier); });
      } catch (const std::system_error&) {
        failures_[part] = std::current_exception();
        barrier.arrive_and_drop();
      }
    }
    work(0, barrier);
  }
  for (const std::exception_ptr& failure : failures_) {
    if (failure) std::rethrow_exception(failure);
  }
  return !was_stopped_;
}

template <class Barrier>
void ParallelSlices::work(size_t part, Barrier& barrier) {
  std::optional<ProcessorPin> pin;
  try {
    pin.emplace(processor(static_cast<int>(part)));
  } catch (const std::system_error&) {
    failures_[part] = std::current_exception();
  }
  while (!is_over_) {
    const size_t side = side_;
    run_window(part);
    barrier.arrive_and_wait();
    hand_over(part, side);
  }
}

// Who has failed waits for the others, who would otherwise wait for ever.
void ParallelSlices::run_window(size_t part) try {
  if (failures_[part]) return;
  Warp warp;
  Scheduler& scheduler = networks_[part]->scheduler();
  exits_[part].begin(side_);
  scheduler.run_until(window_end_, warp);
  next_[part] = std::min(scheduler.next_time(), exits_[part].earliest());
} catch (...) {
  failures_[part] = std::current_exception();
}

void ParallelSlices::hand_over(size_t part, size_t side) try {
  for (const SliceExit& exit : exits_) {
    exit.deliver(side, static_cast<int>(part), *networks_[part]);
  }
} catch (...) {
  failures_[part] = std::current_exception();
}

// The last of the threads to end the window is here, the others wait for it.
void ParallelSlices::end_window() noexcept {
  const bool failed =
      std::any_of(failures_.begin(), failures_.end(),
                  [](const std::exception_ptr& failure) { return failure != nullptr; });
  was_stopped_ = !failed && !(*look_)(window_end_);
  is_over_ = failed || was_stopped_ || window_end_ >= end_;
  side_ = 1 - side_;
  if (!is_over_) begin_window(*std::min_element(next_.begin(), next_.end()));
}

void ParallelSlices::begin_window(Time first) {
  const bool to_the_end = first > end_ || end_ - first < cut_.lookahead;
  window_end_ = to_the_end ? end_ : first + cut_.lookahead - Duration::nanoseconds(1);
}

}  // namespace violin
