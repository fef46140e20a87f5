#include "core/scheduler.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/random.hh"

namespace violin {
namespace {

using namespace literals;

Time at(int64_t ns) { return Time::from_ns(ns); }

// Calls a function when a timer expires.
class Target final : public TimerTarget {
 public:
  explicit Target(std::function<void(Timer&, Time)> action) : action_(std::move(action)) {}
  void expire(Timer& timer, Time now) override { action_(timer, now); }

 private:
  std::function<void(Timer&, Time)> action_;
};

class SchedulerTest : public ::testing::Test {
 protected:
  Entity& entity(const std::string& name) { return entities_.emplace_back(name); }
  void rank(uint64_t seed = 1) {
    std::vector<Entity*> all;
    for (Entity& one : entities_) all.push_back(&one);
    assign_ranks(all, seed);
  }
  bool run(int64_t until_ns, uint64_t events_max = ~uint64_t{0}) {
    return scheduler_.run_until(at(until_ns), warp_, events_max);
  }

  std::deque<Entity> entities_;
  Scheduler scheduler_;
  Warp warp_;
};

TEST_F(SchedulerTest, RunsEventsInOrderOfTimeAndStandsAtTheEnd) {
  Entity& owner = entity("a");
  std::vector<int64_t> times;
  Target target([&](Timer& timer, Time now) {
    EXPECT_EQ(scheduler_.now(), now);
    EXPECT_FALSE(timer.armed());
    times.push_back(now.ns());
  });
  Timer late(scheduler_, owner, target), early(scheduler_, owner, target);
  Timer beyond(scheduler_, owner, target);
  late.arm(at(20));
  early.arm(at(10));
  beyond.arm(at(31));
  EXPECT_EQ(scheduler_.now(), Time::beginning());
  EXPECT_EQ(scheduler_.next_time(), at(10));
  EXPECT_TRUE(run(30));
  EXPECT_EQ(times, (std::vector<int64_t>{10, 20}));
  EXPECT_EQ(scheduler_.now(), at(30));
  EXPECT_TRUE(beyond.armed());
  EXPECT_TRUE(run(31));
  EXPECT_EQ(times.back(), 31);
  EXPECT_EQ(scheduler_.events_run(), 3u);
}

TEST_F(SchedulerTest, TheHorizonIsTheNextEventOrTheEndOfTheRun) {
  Entity& owner = entity("a");
  std::vector<Time> horizons;
  Target target([&](Timer&, Time) { horizons.push_back(scheduler_.horizon()); });
  rank();
  Timer first(scheduler_, owner, target), second(scheduler_, owner, target);
  first.arm(at(10));
  second.arm(at(20));
  run(15);
  run(20);
  EXPECT_EQ(horizons, (std::vector<Time>{at(16), at(21)}));
  first.arm(at(25));
  second.arm(at(30));
  run(30);
  EXPECT_EQ(horizons[2], at(30));
}

TEST_F(SchedulerTest, WhileAnEventRunsTheNextTimeIsThatOfTheOthers) {
  Entity& owner = entity("a");
  std::vector<Time> next;
  Target target([&](Timer& timer, Time now) {
    next.push_back(scheduler_.next_time());
    if (now != at(10)) return;
    timer.arm(at(15));
    next.push_back(scheduler_.next_time());
  });
  rank();
  std::deque<Timer> timers;
  for (const int64_t time : {10, 40, 30, 20, 50, 60}) {
    timers.emplace_back(scheduler_, owner, target).arm(at(time));
  }
  EXPECT_EQ(scheduler_.next_time(), at(10));
  run(30);
  EXPECT_EQ(next, (std::vector<Time>{at(20), at(15), at(20), at(30), at(40)}));
  run(100);
  EXPECT_EQ(next.back(), Time::never());
}

TEST_F(SchedulerTest, RunsAThousandTimersAtOneInstantInOrderOfRankThenOfArming) {
  for (int i = 0; i < 10; ++i) entity("node" + std::to_string(i));
  rank();
  struct Fired {
    uint32_t rank;
    int armed;
    bool operator==(const Fired&) const = default;
  };
  std::vector<Fired> fired, expected;
  std::vector<std::unique_ptr<Target>> targets;
  std::vector<std::unique_ptr<Timer>> timers;
  Random random(3);
  for (int i = 0; i < 1'000; ++i) {
    Entity& owner = entities_[random.below(10)];
    const Fired mark{owner.rank(), i};
    targets.push_back(
        std::make_unique<Target>([&fired, mark](Timer&, Time) { fired.push_back(mark); }));
    timers.push_back(std::make_unique<Timer>(scheduler_, owner, *targets.back()));
    timers.back()->arm(at(5));
    expected.push_back(mark);
  }
  std::stable_sort(expected.begin(), expected.end(),
                   [](const Fired& a, const Fired& b) { return a.rank < b.rank; });
  EXPECT_TRUE(run(5));
  EXPECT_EQ(fired, expected);
}

TEST_F(SchedulerTest, RunsWhatIsArmedForNowWithinTheSameInstant) {
  Entity& owner = entity("a");
  int left = 5;
  Target target([&](Timer& timer, Time now) {
    if (--left > 0) timer.arm(now);
  });
  Timer timer(scheduler_, owner, target);
  timer.arm(at(7));
  EXPECT_TRUE(run(7));
  EXPECT_EQ(left, 0);
}

TEST_F(SchedulerTest, DoesNotRunWhatWasCancelled) {
  Entity& owner = entity("a");
  int fired = 0;
  Target target([&](Timer&, Time) { ++fired; });
  Timer timer(scheduler_, owner, target);
  timer.arm(at(5));
  timer.cancel();
  EXPECT_FALSE(timer.armed());
  EXPECT_TRUE(run(10));
  EXPECT_EQ(fired, 0);
  timer.arm(at(15));
  EXPECT_TRUE(run(20));
  EXPECT_EQ(fired, 1);
}

TEST_F(SchedulerTest, RunsATimerArmedAgainAfterCancelOnce) {
  Entity& owner = entity("a");
  std::vector<int64_t> times;
  Target target([&](Timer&, Time now) { times.push_back(now.ns()); });
  Timer timer(scheduler_, owner, target);
  for (const int64_t deadline : {5, 5, 8, 3}) {
    timer.cancel();
    timer.arm(at(deadline));
  }
  EXPECT_TRUE(run(10));
  EXPECT_EQ(times, (std::vector<int64_t>{3}));
}

TEST_F(SchedulerTest, RearmingToALaterDeadlineQueuesNothing) {
  Entity& owner = entity("a");
  std::vector<int64_t> times;
  Target target([&](Timer&, Time now) { times.push_back(now.ns()); });
  Timer timer(scheduler_, owner, target);
  for (int64_t deadline = 10; deadline <= 1'000; ++deadline) timer.arm(at(deadline));
  EXPECT_EQ(scheduler_.events_pending(), 1u);
  EXPECT_TRUE(run(999));
  EXPECT_TRUE(times.empty());
  EXPECT_EQ(scheduler_.events_pending(), 1u);
  EXPECT_TRUE(run(1'000));
  EXPECT_EQ(times, (std::vector<int64_t>{1'000}));
  EXPECT_EQ(scheduler_.events_run(), 1u);
}

TEST_F(SchedulerTest, RearmingToAnEarlierDeadlineTakesEffectAndRunsOnce) {
  Entity& owner = entity("a");
  std::vector<int64_t> times;
  Target target([&](Timer&, Time now) { times.push_back(now.ns()); });
  Timer timer(scheduler_, owner, target);
  timer.arm(at(100));
  timer.arm(at(10));
  EXPECT_EQ(scheduler_.next_time(), at(10));
  EXPECT_TRUE(run(1'000));
  EXPECT_EQ(times, (std::vector<int64_t>{10}));
}

TEST_F(SchedulerTest, ForgetsATimerDestroyedWhileQueuedAlsoWhenItsPlaceIsTakenAnew) {
  Entity& owner = entity("a");
  int fired = 0, fired_anew = 0;
  Target target([&](Timer&, Time) { ++fired; });
  Target anew([&](Timer&, Time) { ++fired_anew; });
  auto timer = std::make_unique<Timer>(scheduler_, owner, target);
  timer->arm(at(5));
  timer.reset();
  Timer successor(scheduler_, owner, anew);  // takes the freed slot
  EXPECT_TRUE(run(6));
  EXPECT_EQ(fired, 0);
  EXPECT_EQ(fired_anew, 0);
  successor.arm(at(7));
  EXPECT_TRUE(run(8));
  EXPECT_EQ(fired_anew, 1);
}

TEST_F(SchedulerTest, DoesNotGiveASuccessorThePlaceOfADestroyedTimer) {
  for (const char* name : {"a", "b", "c"}) entity(name);
  rank();
  std::array<Entity*, 3> by_rank{};
  for (Entity& one : entities_) by_rank[one.rank()] = &one;
  std::string fired;
  Target low([&](Timer&, Time) { fired += "low "; });
  Target middle([&](Timer&, Time) { fired += "middle "; });
  Target high([&](Timer&, Time) { fired += "high "; });
  auto dead = std::make_unique<Timer>(scheduler_, *by_rank[0], low);
  dead->arm(at(5));
  dead.reset();
  Timer successor(scheduler_, *by_rank[2], high);
  Timer other(scheduler_, *by_rank[1], middle);
  successor.arm(at(5));
  other.arm(at(5));
  EXPECT_TRUE(run(5));
  EXPECT_EQ(fired, "middle high ");
}

TEST_F(SchedulerTest, LetsATimerDestroyAnotherThatIsDueAtTheSameInstant) {
  Entity& owner = entity("a");
  int fired = 0;
  std::unique_ptr<Timer> first, second;
  Target target([&](Timer& timer, Time) {
    ++fired;
    (&timer == first.get() ? second : first).reset();
  });
  first = std::make_unique<Timer>(scheduler_, owner, target);
  second = std::make_unique<Timer>(scheduler_, owner, target);
  first->arm(at(5));
  second->arm(at(5));
  EXPECT_TRUE(run(5));
  EXPECT_EQ(fired, 1);
}

TEST_F(SchedulerTest, LetsATimerDestroyItself) {
  Entity& owner = entity("a");
  int fired = 0;
  std::unique_ptr<Timer> timer;
  Target target([&](Timer&, Time) {
    ++fired;
    timer.reset();
  });
  timer = std::make_unique<Timer>(scheduler_, owner, target);
  timer->arm(at(5));
  EXPECT_TRUE(run(10));
  EXPECT_EQ(fired, 1);
}

TEST_F(SchedulerTest, StopsAtTheEventLimitAndResumesWhereItStopped) {
  Entity& owner = entity("a");
  std::vector<int64_t> times;
  Target target([&](Timer& timer, Time now) {
    times.push_back(now.ns());
    timer.arm(now + 1_ns);
  });
  Timer timer(scheduler_, owner, target);
  timer.arm(at(1));
  EXPECT_FALSE(run(10, 4));
  EXPECT_EQ(scheduler_.now(), at(4));
  EXPECT_FALSE(run(10, 0));
  EXPECT_FALSE(run(10, 3));
  EXPECT_TRUE(run(10));
  EXPECT_EQ(times, (std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
}

TEST_F(SchedulerTest, EndsAClockThatStandsStillNamingTheEntities) {
  Entity& one = entity("v1/h1");
  Entity& other = entity("v1/s1");
  entity("v1/innocent");
  rank();
  Target target([&](Timer& timer, Time now) { timer.arm(now); });
  Timer first(scheduler_, one, target), second(scheduler_, other, target);
  first.arm(at(42));
  second.arm(at(42));
  try {
    run(100);
    FAIL() << "a million events at one instant went unnoticed";
  } catch (const StalledClock& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("v1/h1"), std::string::npos) << what;
    EXPECT_NE(what.find("v1/s1"), std::string::npos) << what;
    EXPECT_EQ(what.find("innocent"), std::string::npos) << what;
    EXPECT_NE(what.find("42 ns"), std::string::npos) << what;
  }
}

TEST_F(SchedulerTest, CountsEventsPerInstantOnly) {
  Entity& owner = entity("a");
  Target target([&](Timer& timer, Time now) { timer.arm(now + 1_ns); });
  Timer timer(scheduler_, owner, target);
  timer.arm(at(1));
  EXPECT_NO_THROW(run(static_cast<int64_t>(Scheduler::kEventsPerInstant) + 1'000));
}

TEST_F(SchedulerTest, RunsEventsBeforeTimeZero) {
  Entity& owner = entity("a");
  std::vector<int64_t> times;
  Target target([&](Timer&, Time now) { times.push_back(now.ns()); });
  Timer timer(scheduler_, owner, target);
  timer.arm(at(-5));
  EXPECT_TRUE(run(-1));
  EXPECT_EQ(times, (std::vector<int64_t>{-5}));
  EXPECT_EQ(scheduler_.now(), at(-1));
}

// Lets the clock move a step at a time, and has something new scheduled while it waits.
class Interrupted final : public Pacer {
 public:
  explicit Interrupted(std::function<void()> once) : once_(std::move(once)) {}
  Time advance_to(Time due) override {
    if (std::exchange(waits_, waits_ + 1) == 0) {
      once_();
      return at(0);
    }
    return due;
  }

 private:
  std::function<void()> once_;
  int waits_ = 0;
};

TEST_F(SchedulerTest, LooksAgainWhenThePacerSaysSomethingNewMayBeDueEarlier) {
  Entity& owner = entity("a");
  std::vector<int64_t> times;
  Target target([&](Timer&, Time now) { times.push_back(now.ns()); });
  Timer known(scheduler_, owner, target), sudden(scheduler_, owner, target);
  known.arm(at(100));
  Interrupted pacer([&] { sudden.arm(at(50)); });
  EXPECT_TRUE(scheduler_.run_until(at(200), pacer));
  EXPECT_EQ(times, (std::vector<int64_t>{50, 100}));
}

TEST_F(SchedulerTest, DoesAsAListSearchedForTheEarliestWould) {
  // Random arming, re-arming, cancelling; each timer's deadline is the only truth.
  constexpr size_t kTimers = 60;
  for (size_t i = 0; i < 7; ++i) entity("e" + std::to_string(i));
  rank(9);
  Random random(5);
  std::vector<std::unique_ptr<Timer>> timers;
  std::vector<Time> deadlines(kTimers, Time::never());
  size_t fired = 0;
  Target target([&](Timer& timer, Time now) {
    ++fired;
    for (size_t i = 0; i < kTimers; ++i) {
      if (timers[i].get() == &timer) {
        ASSERT_EQ(deadlines[i], now);
        deadlines[i] = Time::never();
      }
      ASSERT_GE(deadlines[i], now);
    }
    for (int k = 0; k < 2; ++k) {
      const size_t i = random.below(kTimers);
      if (random.below(5) == 0) {
        timers[i]->cancel();
        deadlines[i] = Time::never();
      } else {
        deadlines[i] = now + Duration::nanoseconds(static_cast<int64_t>(random.below(50)));
        timers[i]->arm(deadlines[i]);
      }
    }
  });
  for (size_t i = 0; i < kTimers; ++i) {
    timers.push_back(std::make_unique<Timer>(scheduler_, entities_[random.below(7)], target));
    deadlines[i] = at(static_cast<int64_t>(random.below(50)));
    timers[i]->arm(deadlines[i]);
  }
  EXPECT_TRUE(run(20'000));
  EXPECT_GT(fired, 10'000u);
  EXPECT_LT(scheduler_.events_pending(), 5'000u);
}

TEST_F(SchedulerTest, KeepsRelativeOrderWhenAnUnrelatedEntityIsThere) {
  const auto order = [](bool with_another) {
    std::deque<Entity> entities;
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) entities.emplace_back(name);
    if (with_another) entities.emplace_back("unrelated");
    std::vector<Entity*> all;
    for (Entity& one : entities) all.push_back(&one);
    assign_ranks(all, 4);
    Scheduler scheduler;
    Warp warp;
    std::string names;
    std::deque<Target> targets;
    std::deque<Timer> timers;
    for (Entity& one : entities) {
      targets.emplace_back([&names, &one](Timer&, Time) { names += one.name() + " "; });
      timers.emplace_back(scheduler, one, targets.back());
      timers.back().arm(at(1));
    }
    scheduler.run_until(at(1), warp);
    const size_t other = names.find("unrelated ");
    if (other != std::string::npos) names.erase(other, 10);
    return names;
  };
  EXPECT_EQ(order(false), order(true));
}

TEST_F(SchedulerTest, RefusesToArmInThePast) {
  Entity& owner = entity("a");
  Target target([](Timer&, Time) {});
  Timer timer(scheduler_, owner, target);
  timer.arm(at(5));
  run(10);
  EXPECT_DEATH(timer.arm(at(9)), "CHECK");
  timer.arm(at(10));
  EXPECT_TRUE(timer.armed());
}

}  // namespace
}  // namespace violin
