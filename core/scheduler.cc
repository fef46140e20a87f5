#include "core/scheduler.hh"

#include <algorithm>
#include <set>
#include <string>

#include "core/check.hh"

namespace violin {

Timer::Timer(Scheduler& scheduler, Entity& entity, TimerTarget& target)
    : scheduler_(scheduler), entity_(entity), target_(target), slot_(scheduler.add_slot(*this)) {}

Timer::~Timer() { scheduler_.release_slot(slot_); }

void Timer::arm(Time deadline) {
  CHECK_COMPARE(deadline.ns(), >=, scheduler_.now_.ns());
  deadline_ = deadline;
  if (deadline < queued_) scheduler_.push(*this, deadline);
}

uint32_t Scheduler::add_slot(Timer& timer) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<uint32_t>(timers_.size()));
    timers_.push_back(nullptr);
    generations_.push_back(0);
  }
  const uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  timers_[slot] = &timer;
  return slot;
}

void Scheduler::release_slot(uint32_t slot) {
  timers_[slot] = nullptr;
  free_slots_.push_back(slot);
}

Time Scheduler::next_time() const {
  if (!top_is_free_) return heap_.empty() ? Time::never() : heap_.front().time;
  Time next = Time::never();
  for (size_t child = 1; child < std::min<size_t>(heap_.size(), 5); ++child) {
    next = std::min(next, heap_[child].time);
  }
  return next;
}

Time Scheduler::horizon() const {
  const Time next = next_time();
  return next > end_ ? end_ + Duration::nanoseconds(1) : next;
}

void Scheduler::push(Timer& timer, Time at) {
  // A new generation makes an event that is still queued for this slot a stale one.
  const Event event{at, timer.entity_.next_order(), timer.slot_, ++generations_[timer.slot_]};
  timer.queued_ = at;
  if (top_is_free_) {
    top_is_free_ = false;
    sift_down(event);
    return;
  }
  size_t hole = heap_.size();
  heap_.push_back(event);
  while (hole > 0) {
    const size_t parent = (hole - 1) / 4;
    if (!event.before(heap_[parent])) break;
    heap_[hole] = heap_[parent];
    hole = parent;
  }
  heap_[hole] = event;
}

void Scheduler::sift_down(const Event& event) {
  const size_t size = heap_.size();
  size_t hole = 0;
  for (;;) {
    const size_t first = 4 * hole + 1;
    if (first >= size) break;
    const size_t last = std::min(first + 4, size);
    size_t least = first;
    for (size_t child = first + 1; child < last; ++child) {
      if (heap_[child].before(heap_[least])) least = child;
    }
    if (!heap_[least].before(event)) break;
    heap_[hole] = heap_[least];
    hole = least;
  }
  heap_[hole] = event;
}

void Scheduler::remove_top() {
  const Event last = heap_.back();
  heap_.pop_back();
  if (!heap_.empty()) sift_down(last);
}

bool Scheduler::run_until(Time end, Pacer& pacer, uint64_t events_max) {
  end_ = end;
  for (uint64_t run = 0; run < events_max; ++run) {
    if (heap_.empty() || heap_.front().time > end) {
      if (now_ < end && pacer.advance_to(end) == end) now_ = end;
      return now_ >= end;
    }
    const Event event = heap_.front();
    if (event.time != now_) {
      if (pacer.advance_to(event.time) < event.time) continue;
      now_ = event.time;
      events_this_instant_ = 0;
    }
    top_is_free_ = true;
    fire(event);
    if (top_is_free_) {
      top_is_free_ = false;
      remove_top();
    }
  }
  return false;
}

void Scheduler::fire(const Event& event) {
  Timer* timer = timers_[event.slot];
  if (timer == nullptr || generations_[event.slot] != event.generation) return;
  timer->queued_ = Time::never();
  if (timer->deadline_ > now_) {  // cancelled, or re-armed to a later deadline
    if (timer->armed()) push(*timer, timer->deadline_);
    return;
  }
  count_instant(event);
  timer->deadline_ = Time::never();
  ++events_run_;
  timer->target_.expire(*timer, now_);
}

void Scheduler::count_instant(const Event& event) {
  if (++events_this_instant_ < kEventsPerInstant) [[likely]]
    return;
  std::set<std::string> names{timers_[event.slot]->entity_.name()};
  for (const Event& other : heap_) {
    if (other.time == now_ && timers_[other.slot] != nullptr && names.size() < 8) {
      names.insert(timers_[other.slot]->entity_.name());
    }
  }
  std::string message = "more than " + std::to_string(kEventsPerInstant) +
                        " events at t = " + std::to_string(now_.ns()) + " ns, among them of";
  for (const std::string& name : names) message += " " + name;
  throw StalledClock(message);
}

}  // namespace violin
