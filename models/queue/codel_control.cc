#include "models/queue/codel_control.hh"

#include <algorithm>
#include <limits>
#include <utility>

#include "models/queue/congestion_mark.hh"

namespace violin {
namespace {

// How recent a dropping state must be to begin from its drop rate, in intervals (section 5.5).
constexpr int64_t kRecentIntervals = 16;

// floor(span / sqrt(count)) = floor(sqrt(span^2 / count)), by Newton's method from above: each step
// takes the mean of the guess and what it must be multiplied with. From the result for count - 1
// two or three steps do; it never passes below the root.
uint64_t divided_by_root(uint64_t span, uint32_t count, uint64_t guess) {
  const auto square = static_cast<unsigned __int128>(span) * span / count;
  for (;;) {
    if (guess == 0) return 0;
    const auto other = static_cast<uint64_t>(square / guess);
    if (guess <= other) return guess;
    guess = static_cast<uint64_t>((static_cast<unsigned __int128>(guess) + other) / 2);
  }
}

}  // namespace

Time CodelControl::next_drop_after(Time when, Duration interval) {
  const auto span = static_cast<uint64_t>(interval.ns());
  wait_ = divided_by_root(span, count_, wait_ != 0 ? wait_ : span);
  return when + Duration::nanoseconds(static_cast<int64_t>(wait_));
}

CodelControl::Taken CodelControl::take(Fifo& queue, Time now, const Parameters& parameters) {
  Taken taken{queue.pop(now)};
  if (!taken.frame) {
    first_above_ = Time::never();
    return taken;
  }
  largest_ = std::max(largest_, taken.frame.size());
  if (queue.last_sojourn() < parameters.target || queue.bytes() <= Bytes(largest_)) {
    first_above_ = Time::never();
  } else if (first_above_ == Time::never()) {
    first_above_ = now + parameters.interval;
  } else {
    taken.ok_to_drop = now >= first_above_;
  }
  return taken;
}

Frame CodelControl::dequeue(Fifo& queue, Time now, const Parameters& parameters,
                            QueueEvents& events) {
  Taken taken = take(queue, now, parameters);
  if (dropping_) return keep_dropping(std::move(taken), queue, now, parameters, events);
  if (taken.ok_to_drop) return begin_dropping(std::move(taken), queue, now, parameters, events);
  return std::move(taken.frame);
}

Frame CodelControl::keep_dropping(Taken taken, Fifo& queue, Time now, const Parameters& parameters,
                                  QueueEvents& events) {
  if (!taken.ok_to_drop) dropping_ = false;
  while (dropping_ && now >= drop_next_) {
    if (count_ < std::numeric_limits<uint32_t>::max()) ++count_;
    if (parameters.ecn && mark_instead_of_dropping(taken.frame, now, events)) {
      drop_next_ = next_drop_after(drop_next_, parameters.interval);
      break;
    }
    events.queue_dropped(std::move(taken.frame), DropReason::kActiveQueue, now);
    taken = take(queue, now, parameters);
    if (taken.ok_to_drop) {
      drop_next_ = next_drop_after(drop_next_, parameters.interval);
    } else {
      dropping_ = false;
    }
  }
  return std::move(taken.frame);
}

Frame CodelControl::begin_dropping(Taken taken, Fifo& queue, Time now, const Parameters& parameters,
                                   QueueEvents& events) {
  if (!parameters.ecn || !mark_instead_of_dropping(taken.frame, now, events)) {
    events.queue_dropped(std::move(taken.frame), DropReason::kActiveQueue, now);
    taken = take(queue, now, parameters);
  }
  dropping_ = true;
  // When the queue stood a short while ago, the drop rate that helped then is a good start.
  const uint32_t drops_then = count_ - last_count_;
  const bool is_recent = now - drop_next_ < parameters.interval * kRecentIntervals;
  count_ = drops_then > 1 && is_recent ? drops_then : 1;
  last_count_ = count_;
  wait_ = 0;
  drop_next_ = next_drop_after(now, parameters.interval);
  return std::move(taken.frame);
}

}  // namespace violin
