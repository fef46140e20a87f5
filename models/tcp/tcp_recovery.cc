#include "models/tcp/tcp_recovery.hh"

#include <algorithm>

namespace violin {

void TcpRecovery::begin(State state, const Start& start) {
  state_ = state;
  point_ = start.nxt;
  threshold_ = start.threshold;
  window_ = std::max<int64_t>(start.window, 1);
  delivered_ = sent_ = 0;
}

void TcpRecovery::repair(const Start& start) {
  if (state_ != State::kReducing) {
    begin(State::kRepairing, start);
    return;
  }
  state_ = State::kRepairing;
  point_ = start.nxt;
}

int64_t TcpRecovery::window_after(const Step& step) {
  delivered_ += step.delivered;
  int64_t allowed;
  if (step.pipe > threshold_) {
    allowed = (delivered_ * threshold_ + window_ - 1) / window_ - sent_;
  } else {
    int64_t limit = std::max(delivered_ - sent_, step.delivered);
    if (step.safe) limit += step.segment_size;
    allowed = std::min(threshold_ - step.pipe, limit);
  }
  // The first segment of a repair always goes out.
  if (sent_ == 0) allowed = std::max(allowed, step.segment_size);
  // One segment at least: with an empty pipe nothing would ever come back to let another out.
  return std::max(step.pipe + allowed, step.segment_size);
}

}  // namespace violin
