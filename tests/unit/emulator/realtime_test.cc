#include "emulator/realtime/realtime.hh"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <memory>
#include <system_error>
#include <vector>

namespace violin {
namespace {

using namespace literals;

// Something to be read, which keeps when it was.
class Bell final : public InputSource {
 public:
  Bell() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  int descriptor() const { return event_.get(); }
  void ring() { ::eventfd_write(event_.get(), 1); }
  size_t read_input(Time now) override {
    if (silenced_) {
      eventfd_t ignored = 0;
      ::eventfd_read(event_.get(), &ignored);
    }
    heard_.push_back(now);
    return 1;
  }
  void set_silenced(bool silenced) { silenced_ = silenced; }
  const std::vector<Time>& heard() const { return heard_; }

 private:
  FileDescriptor event_;
  std::vector<Time> heard_;
  bool silenced_ = true;
};

class RealtimeTest : public ::testing::Test {
 protected:
  // Advances until `due` may run, as a scheduler does.
  Time run_until(Time due) {
    Time at = realtime_.advance_to(due);
    while (at < due) at = realtime_.advance_to(due);
    return at;
  }

  ScenarioClock clock_{ScenarioClock::monotonic_ns()};
  Realtime realtime_{clock_};
};

TEST_F(RealtimeTest, LetsNoEventRunBeforeItsTime) {
  for (int i = 1; i <= 5; ++i) {
    const Time due = Time::zero() + 3_ms * i;
    EXPECT_EQ(run_until(due), due) << "the nominal time, however late it is";
    EXPECT_GE(realtime_.clock_now(), due);
  }
}

TEST_F(RealtimeTest, LetsWhatIsOverdueRunAtOnceAndLooksAtNothingMeanwhile) {
  run_until(Time::zero() + 5_ms);
  const uint64_t polls = realtime_.polls();
  EXPECT_EQ(realtime_.advance_to(Time::zero() + 1_ms), Time::zero() + 1_ms);
  EXPECT_EQ(realtime_.polls(), polls);
}

TEST_F(RealtimeTest, StampsInputsAfterTheEventsThatRanAndBeforeTheNext) {
  Bell bell;
  realtime_.add_input(bell.descriptor(), bell);
  const Time before = run_until(Time::zero() + 2_ms);
  bell.ring();
  const Time due = Time::never();
  const Time reached = realtime_.advance_to(due);
  ASSERT_EQ(bell.heard().size(), 1u);
  EXPECT_GE(bell.heard()[0], before);
  EXPECT_LT(bell.heard()[0], due);
  EXPECT_EQ(bell.heard()[0], reached);
  EXPECT_GE(realtime_.clock_now(), reached) << "never ahead of the clock";
  realtime_.remove_input(bell.descriptor());
}

// However late we are: the event that is due next has not run yet.
TEST_F(RealtimeTest, AnInputThatIsReadLateIsStillBeforeTheEventThatIsDue) {
  Bell bell;
  realtime_.add_input(bell.descriptor(), bell);
  bell.ring();
  const Time due = Time::zero() + 1_ns;  // long past
  while (realtime_.clock_now() < Time::zero() + 1_ms) {
  }
  EXPECT_LE(realtime_.advance_to(due), due);
  ASSERT_EQ(bell.heard().size(), 1u);
  EXPECT_LT(bell.heard()[0], due);
  EXPECT_EQ(run_until(due), due);
  realtime_.remove_input(bell.descriptor());
}

// A source that always has more keeps nobody waiting, and is told times that never go back.
TEST_F(RealtimeTest, EventsRunAndTimeGoesForwardWhateverComesIn) {
  Bell bell;
  bell.set_silenced(false);
  realtime_.add_input(bell.descriptor(), bell);
  bell.ring();
  for (int i = 1; i <= 20; ++i) {
    const Time due = Time::zero() + 100_us * i;
    int rounds = 0;
    while (realtime_.advance_to(due) < due) {
      const bool is_due = realtime_.clock_now() > due;
      rounds += is_due ? 1 : 0;
      ASSERT_LE(rounds, 2) << "it is due, and is kept waiting";
    }
  }
  ASSERT_GE(bell.heard().size(), 2u);
  for (size_t i = 1; i < bell.heard().size(); ++i) {
    EXPECT_GE(bell.heard()[i], bell.heard()[i - 1]);
  }
  realtime_.remove_input(bell.descriptor());
}

TEST_F(RealtimeTest, HearsNothingOfWhatWasRemoved) {
  Bell bell, other;
  realtime_.add_input(bell.descriptor(), bell);
  realtime_.add_input(other.descriptor(), other);
  realtime_.remove_input(bell.descriptor());
  bell.ring();
  other.ring();
  realtime_.advance_to(Time::never());
  EXPECT_TRUE(bell.heard().empty());
  EXPECT_EQ(other.heard().size(), 1u);
  realtime_.remove_input(other.descriptor());
}

// Closed by somebody who was read in the same round.
TEST_F(RealtimeTest, AnInputMayRemoveOneThatIsReadyToo) {
  struct Remover final : InputSource {
    Realtime& realtime;
    int other = -1;
    int heard = 0;
    explicit Remover(Realtime& of) : realtime(of) {}
    size_t read_input(Time) override {
      ++heard;
      if (other >= 0) realtime.remove_input(other);
      return 1;
    }
  };
  Remover one(realtime_), two(realtime_);
  Bell bells[2];
  realtime_.add_input(bells[0].descriptor(), one);
  realtime_.add_input(bells[1].descriptor(), two);
  one.other = bells[1].descriptor();
  two.other = bells[0].descriptor();
  for (Bell& bell : bells) bell.ring();
  realtime_.advance_to(Time::never());
  EXPECT_EQ(one.heard + two.heard, 1);
}

TEST_F(RealtimeTest, ReturnsAtOnceWhenStoppedUntilItMayGoOn) {
  realtime_.stop();
  EXPECT_LT(realtime_.advance_to(Time::never()), Time::never());
  EXPECT_TRUE(realtime_.stopped());
  realtime_.resume();
  EXPECT_FALSE(realtime_.stopped());
  const Time due = realtime_.clock_now() + 1_ms;
  EXPECT_EQ(run_until(due), due);
}

TEST_F(RealtimeTest, RefusesADescriptorThatCannotBeWatched) {
  Bell bell;
  const FileDescriptor file = open_file("/proc/self/exe", 0);
  EXPECT_THROW(realtime_.add_input(file.get(), bell), std::system_error);
  // Its number is free for what can be watched.
  ASSERT_EQ(::dup2(bell.descriptor(), file.get()), file.get());
  realtime_.add_input(file.get(), bell);
  bell.ring();
  realtime_.advance_to(Time::never());
  EXPECT_EQ(bell.heard().size(), 1u);
  realtime_.remove_input(file.get());
}

TEST_F(RealtimeTest, SleepsUntilThereIsSomethingToDo) {
  const uint64_t before = realtime_.sleeps();
  run_until(realtime_.clock_now() + 20_ms);
  EXPECT_GT(realtime_.sleeps(), before);
}

TEST(ScenarioClock, SaysWhatTheCalendarShowsAtAnInstant) {
  const int64_t now = ScenarioClock::monotonic_ns();
  const int64_t there = ScenarioClock::calendar_ns(now + 5'000'000'000);
  const int64_t here = ScenarioClock::calendar_ns(now);
  EXPECT_NEAR(static_cast<double>(there - here), 5e9, 1e9);
  EXPECT_GT(here, 1'577'836'800'000'000'000) << "after 2020";
}

}  // namespace
}  // namespace violin
