#pragma once

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "core/entity.hh"
#include "core/pacer.hh"
#include "core/time.hh"

// The one event queue of a network. An event is 24 bytes of plain data, no closure, no allocation;
// events are totally ordered by (time, rank of the entity, the entity's own sequence). Time stands
// still while an event runs.

namespace violin {

class Scheduler;
class Timer;

// Whoever owns timers. One target may own several: compare addresses to tell them apart.
class TimerTarget {
 public:
  virtual void expire(Timer& timer, Time now) = 0;

 protected:
  ~TimerTarget() = default;
};

// One pending deadline of an entity; the only way to be called at a later time. Re-arming to a
// later deadline costs nothing: the event already queued finds out when it comes up. Destroying
// the timer cancels it. The scheduler must outlive it.
class Timer {
 public:
  Timer(Scheduler& scheduler, Entity& entity, TimerTarget& target);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // (Re)arms to `deadline`, which may be now but not earlier.
  void arm(Time deadline);
  void cancel() { deadline_ = Time::never(); }
  bool armed() const { return deadline_ != Time::never(); }
  Time deadline() const { return deadline_; }

 private:
  friend class Scheduler;
  Scheduler& scheduler_;
  Entity& entity_;
  TimerTarget& target_;
  Time deadline_ = Time::never();
  Time queued_ = Time::never();  // when the newest event of this timer comes up; never = none
  uint32_t slot_;
};

// More than Scheduler::kEventsPerInstant events at one instant: models that call each other without
// time passing. what() names the entities.
class StalledClock : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Scheduler {
 public:
  static constexpr uint64_t kEventsPerInstant = 1'000'000;

  Scheduler() = default;
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // The instant of the event that runs, or ran last. Time::beginning() before the first one.
  Time now() const { return now_; }
  // The instant of the earliest pending event (which may turn out to be cancelled).
  // While an event runs, that one does not count.
  Time next_time() const;
  // Before this instant nothing happens but what the event that runs does itself: the next event,
  // or the end of the run, beyond which nothing is known yet.
  Time horizon() const;
  uint64_t events_run() const { return events_run_; }
  size_t events_pending() const { return heap_.size(); }

  // Runs events up to and including `end`, at most `events_max` of them. True when none is left
  // before `end`; the clock then stands at `end`.
  bool run_until(Time end, Pacer& pacer, uint64_t events_max = ~uint64_t{0});

 private:
  friend class Timer;
  struct Event {
    Time time;
    uint64_t order;
    uint32_t slot;
    uint32_t generation;
    bool before(const Event& other) const {
      return time != other.time ? time < other.time : order < other.order;
    }
  };
  static_assert(sizeof(Event) == 24);

  uint32_t add_slot(Timer& timer);
  void release_slot(uint32_t slot);
  void push(Timer& timer, Time at);
  void sift_down(const Event& event);
  void remove_top();
  void fire(const Event& event);
  void count_instant(const Event& event);

  std::vector<Event> heap_;  // 4-ary: half the levels of a binary heap, children in two cache lines
  // While an event runs its place at the top is free: the first event pushed, usually the next one
  // of the same entity, takes it with one sift instead of two.
  bool top_is_free_ = false;
  std::vector<Timer*> timers_;
  std::vector<uint32_t> generations_;
  std::vector<uint32_t> free_slots_;
  Time now_ = Time::beginning();
  uint64_t events_run_ = 0;
  uint64_t events_this_instant_ = 0;
  Time end_ = Time::beginning();  // of the run
};

}  // namespace violin
