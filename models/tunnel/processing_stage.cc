#include "models/tunnel/processing_stage.hh"

#include <algorithm>
#include <utility>

namespace violin {

ProcessingStage::ProcessingStage(Scheduler& scheduler, Entity& entity, ProcessingCost cost,
                                 FrameSink& next, DropCounters& drops)
    : cost_(cost),
      next_(next),
      drops_(drops),
      processor_(scheduler, entity, *this),
      departure_(scheduler, entity, *this) {}

void ProcessingStage::receive(Frame frame, Time now) {
  ++received_;
  const Duration cost = cost_.of(frame.size());
  if (cost == Duration() && waiting_.empty()) {
    handled(std::move(frame), now);
    return;
  }
  if (waiting_.size() >= kQueueMax) {
    drops_.count(DropReason::kQueueFull);
    return;
  }
  busy_until_ = std::max(busy_until_, now) + cost;
  waiting_.push_back(std::move(frame), busy_until_);
  if (waiting_.size() == 1) processor_.arm(busy_until_);
}

void ProcessingStage::handled(Frame frame, Time now) {
  if (cost_.latency == Duration()) {
    next_.receive(std::move(frame), now);
    return;
  }
  if (pipeline_.size() >= kPipelineMax) {
    drops_.count(DropReason::kQueueFull);
    return;
  }
  pipeline_.push_back(std::move(frame), now + cost_.latency);
  if (pipeline_.size() == 1) departure_.arm(now + cost_.latency);
}

void ProcessingStage::expire(Timer& timer, Time now) {
  const bool leaves = &timer == &departure_;
  FrameQueue& queue = leaves ? pipeline_ : waiting_;
  Frame frame = queue.pop_front();
  if (!queue.empty()) timer.arm(queue.front_stamp());
  // The timer of the queue is armed first: the receiver may hand this stage its next frame.
  if (leaves) {
    next_.receive(std::move(frame), now);
  } else {
    handled(std::move(frame), now);
  }
}

}  // namespace violin
