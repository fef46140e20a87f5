#include "models/tunnel/processing_stage.hh"

#include <algorithm>
#include <utility>

namespace violin {

ProcessingStage::ProcessingStage(Scheduler& scheduler, Entity& entity, ProcessingCost cost,
                                 FrameSink& next, DropCounters& drops)
    : cost_(cost), next_(next), drops_(drops), timer_(scheduler, entity, *this) {}

void ProcessingStage::receive(Frame frame, Time now) {
  ++received_;
  const Duration cost = cost_.of(frame.size());
  if (cost == Duration() && waiting_.empty()) {
    next_.receive(std::move(frame), now);
    return;
  }
  if (waiting_.size() >= kQueueMax) {
    drops_.count(DropReason::kQueueFull);
    return;
  }
  busy_until_ = std::max(busy_until_, now) + cost;
  waiting_.push_back(std::move(frame), busy_until_);
  if (waiting_.size() == 1) timer_.arm(busy_until_);
}

void ProcessingStage::expire(Timer&, Time now) {
  Frame frame = waiting_.pop_front();
  if (!waiting_.empty()) timer_.arm(waiting_.front_stamp());
  next_.receive(std::move(frame), now);
}

}  // namespace violin
