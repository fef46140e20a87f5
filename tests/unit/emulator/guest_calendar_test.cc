#include "emulator/timetravel/guest_calendar.hh"

#include <unistd.h>

#include "tests/support/scripted_kernel.hh"

namespace violin {
namespace {

using Operation = CalendarOperation;

constexpr uint64_t kForEver = INT64_MAX;

Time second(int64_t value) { return Time::zero() + Duration::seconds(value); }
constexpr uint64_t ticks(int64_t seconds) { return static_cast<uint64_t>(seconds) * 1'000'000'000; }

GuestCalendarOptions options(bool shares_memory) {
  return {.beginning = second(-10), .epoch_ns = 1'000'000'000'000, .shares_memory = shares_memory};
}

struct Shared {
  GuestCalendar calendar{options(true)};
  ScriptedKernel kernel{calendar};
  Shared() { kernel.start(); }
};

struct Plain {
  GuestCalendar calendar{options(false)};
  ScriptedKernel kernel{calendar};
  Plain() { kernel.start(); }
};

TEST(GuestCalendar, GivesAStartingKernelMemoryWithTwoPlacesItsOwnBeingTheSecond) {
  Shared guest;
  const SharedCalendar& memory = guest.kernel.memory();
  EXPECT_EQ(memory.version, 2u);
  EXPECT_EQ(memory.length, 4096u + 2 * 128);
  EXPECT_EQ(memory.clients_max, 2u);
  EXPECT_EQ(memory.current_time, 0u);
  EXPECT_EQ(memory.running, 1u);
  EXPECT_EQ(&guest.kernel.me(), &memory.clients[1]);
  EXPECT_FALSE(guest.calendar.is_waiting());
}

TEST(GuestCalendar, AnswersTheTimeOfDayFromTheEpochOfScenarioTimeZero) {
  for (const bool shares : {true, false}) {
    GuestCalendar calendar(options(shares));
    ScriptedKernel kernel(calendar);
    kernel.start();
    EXPECT_EQ(kernel.ask(Operation::kGetTimeOfDay), 1'000'000'000'000u - ticks(10));
  }
}

TEST(GuestCalendar, KnowsWhatAKernelAsksForInMemoryWhenItWaits) {
  Shared guest;
  guest.kernel.wait_until(ticks(3));
  EXPECT_TRUE(guest.calendar.is_waiting());
  EXPECT_EQ(guest.calendar.request(), second(-7));
  EXPECT_EQ(guest.kernel.memory().running, 0u) << "the word is ours";
  EXPECT_FALSE(guest.kernel.hear()) << "who waits is not answered";
}

TEST(GuestCalendar, TakesWhoAsksForNothingForOneThatSleepsUntilItIsInterrupted) {
  Shared guest;
  guest.kernel.say(Operation::kWait);
  EXPECT_EQ(guest.calendar.request(), Time::never());
  Shared sleeper;
  sleeper.kernel.wait_until(kForEver);
  EXPECT_EQ(sleeper.calendar.request(), Time::never());
}

TEST(GuestCalendar, LetsAKernelRunAtAnInstantAndUpToTheLimit) {
  Shared guest;
  guest.kernel.wait_until(ticks(3));
  guest.calendar.run(second(-7), second(-5));
  const auto run = guest.kernel.hear();
  ASSERT_TRUE(run);
  EXPECT_EQ(run->operation, Operation::kRun);
  EXPECT_EQ(run->time, ticks(3));
  EXPECT_EQ(guest.kernel.memory().current_time, ticks(3));
  EXPECT_EQ(guest.kernel.memory().free_until, ticks(5));
  EXPECT_EQ(guest.kernel.memory().running, 1u);
  guest.kernel.memory().current_time = ticks(4);
  EXPECT_EQ(guest.calendar.now(), second(-6));
  EXPECT_EQ(guest.calendar.trouble(), "");
}

TEST(GuestCalendar, LowersTheLimitOfARunningKernelInMemoryWithoutAWord) {
  Shared guest;
  guest.kernel.wait_until(0);
  guest.calendar.run(second(-10), second(0));
  guest.kernel.hear();
  guest.calendar.limit(second(-9));
  EXPECT_EQ(guest.kernel.memory().free_until, ticks(1));
  EXPECT_FALSE(guest.kernel.hear());
}

TEST(GuestCalendar, ShowsAnInterruptedKernelTheTimeOfTheInterrupt) {
  Shared guest;
  guest.kernel.wait_until(ticks(9));
  guest.calendar.begin_interrupt(second(-8));
  EXPECT_EQ(guest.kernel.memory().current_time, ticks(2));
  EXPECT_TRUE(guest.calendar.has_noticed()) << "its handler comes before what it reads next";
  EXPECT_FALSE(guest.kernel.hear());
}

TEST(GuestCalendar, SealsTheMemorySoThatAKernelCannotTakeItAway) {
  Shared guest;
  EXPECT_NE(ftruncate(guest.kernel.memory_file(), 0), 0);
  guest.kernel.wait_until(ticks(1));
  EXPECT_EQ(guest.calendar.request(), second(-9));
}

// ---- without shared memory --------------------------------------------------------------------

TEST(GuestCalendar, WithoutSharedMemoryAnswersEveryWord) {
  Plain guest;
  EXPECT_EQ(guest.kernel.memory().version, 0u) << "nobody uses memory of this version";
  EXPECT_EQ(guest.kernel.ask(Operation::kRequest, ticks(2)), 0u);
  EXPECT_EQ(guest.kernel.ask(Operation::kWait), 0u);
  EXPECT_TRUE(guest.calendar.is_waiting());
  EXPECT_EQ(guest.calendar.request(), second(-8));
}

TEST(GuestCalendar, WithoutSharedMemoryTellsTheLimitBeforeItTellsToRun) {
  Plain guest;
  guest.kernel.ask(Operation::kRequest, ticks(2));
  guest.kernel.ask(Operation::kWait);
  guest.calendar.run(second(-8), second(-5));
  const auto limit = guest.kernel.hear(), run = guest.kernel.hear();
  ASSERT_TRUE(limit && run);
  EXPECT_EQ(limit->operation, Operation::kFreeUntil);
  EXPECT_EQ(limit->time, ticks(5));
  EXPECT_EQ(run->operation, Operation::kRun);
  EXPECT_EQ(run->time, ticks(2));
  EXPECT_NE(limit->number, run->number);
}

TEST(GuestCalendar, WithoutSharedMemoryLearnsTheTimeFromUpdates) {
  Plain guest;
  guest.kernel.ask(Operation::kRequest, 0);
  guest.kernel.ask(Operation::kWait);
  guest.calendar.run(second(-10), second(0));
  while (guest.kernel.hear()) {
  }
  guest.kernel.ask(Operation::kUpdate, ticks(4));
  EXPECT_EQ(guest.calendar.now(), second(-6));
  EXPECT_EQ(guest.kernel.ask(Operation::kGet), ticks(4));
}

TEST(GuestCalendar, WithoutSharedMemoryWaitsUntilAnInterruptedKernelHasAskedToRunNow) {
  Plain guest;
  guest.kernel.ask(Operation::kRequest, ticks(9));
  guest.kernel.ask(Operation::kWait);
  guest.calendar.begin_interrupt(second(-8));
  EXPECT_FALSE(guest.calendar.has_noticed());
  EXPECT_EQ(guest.kernel.ask(Operation::kGet), ticks(2));
  EXPECT_FALSE(guest.calendar.has_noticed());
  guest.kernel.ask(Operation::kRequest, ticks(2));
  EXPECT_TRUE(guest.calendar.has_noticed());
  EXPECT_EQ(guest.calendar.request(), second(-8));
}

// ---- what no kernel does ----------------------------------------------------------------------

TEST(GuestCalendar, EndsWithTheKernelsConnection) {
  Shared guest;
  guest.kernel.close();
  guest.calendar.read_message();
  EXPECT_TRUE(guest.calendar.has_ended());
  EXPECT_EQ(guest.calendar.trouble(), "");
}

TEST(GuestCalendar, BreaksWithAKernelWhoseClockGoesBack) {
  Shared guest;
  guest.kernel.wait_until(ticks(3));
  guest.calendar.run(second(-7), second(0));
  guest.kernel.memory().current_time = ticks(2);
  EXPECT_EQ(guest.calendar.now(), second(-7));
  EXPECT_NE(guest.calendar.trouble(), "");
  EXPECT_TRUE(guest.calendar.is_waiting()) << "nobody waits for it any more";
}

TEST(GuestCalendar, BreaksWithAKernelWhoseClockPassesTheLimit) {
  Shared guest;
  guest.kernel.wait_until(ticks(3));
  guest.calendar.run(second(-7), second(-5));
  guest.kernel.memory().current_time = ticks(5);
  EXPECT_EQ(guest.calendar.now(), second(-7));
  EXPECT_NE(guest.calendar.trouble(), "");
}

TEST(GuestCalendar, TakesARequestForThePastForOneForNow) {
  Shared guest;
  guest.kernel.wait_until(ticks(3));
  guest.calendar.run(second(-7), second(-5));
  guest.kernel.wait_until(ticks(1));
  EXPECT_EQ(guest.calendar.request(), second(-7));
}

TEST(GuestCalendar, TakesARequestBeyondAllTimesForNone) {
  Shared guest;
  guest.kernel.wait_until(UINT64_MAX);
  EXPECT_EQ(guest.calendar.request(), Time::never());
}

TEST(GuestCalendar, BreaksWithAKernelThatSaysWhatNoKernelSays) {
  for (const uint32_t word : {6u, 7u, 10u, 0xffffffffu}) {
    Shared guest;
    guest.kernel.say(static_cast<Operation>(word), 1);
    EXPECT_NE(guest.calendar.trouble(), "") << word;
  }
}

TEST(GuestCalendar, BreaksWithAKernelThatSendsHalfAMessage) {
  Shared guest;
  guest.kernel.send_half();
  guest.calendar.read_message();
  EXPECT_NE(guest.calendar.trouble(), "");
}

TEST(GuestCalendar, WaitsForNothingThatWasNotSaid) {
  Shared guest;
  guest.calendar.read_message();
  EXPECT_EQ(guest.calendar.trouble(), "");
  EXPECT_FALSE(guest.calendar.is_waiting());
}

TEST(GuestCalendar, BreaksWithAKernelThatStartsTwiceOrWaitsTwice) {
  Shared starts;
  starts.kernel.say(Operation::kStart, 1);
  EXPECT_NE(starts.calendar.trouble(), "");
  Shared waits;
  waits.kernel.wait_until(1);
  waits.kernel.say(Operation::kWait);
  EXPECT_NE(waits.calendar.trouble(), "");
}

TEST(GuestCalendar, BreaksWithAKernelThatDoesNotBeginWithAStart) {
  GuestCalendar calendar(options(true));
  ScriptedKernel kernel(calendar);
  kernel.say(Operation::kGetTimeOfDay);
  EXPECT_NE(calendar.trouble(), "");
}

}  // namespace
}  // namespace violin
