#include "emulator/guest_init/job_list.hh"

#include <gtest/gtest.h>

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "tests/uml/job_fixture.hh"
#include "tests/uml/leftovers.hh"

namespace violin::testing {
namespace {

constexpr int64_t kMs = 1'000'000;
using State = GuestJournal::JobState;

GuestOrder::Job job(const std::vector<std::string>& argv, int64_t at_ns = 0,
                    std::optional<int64_t> stop_ns = {}) {
  return {.at_ns = at_ns, .as_root = true, .argv = argv, .stop_ns = stop_ns};
}

// A server says what it counted when it is interrupted.
TEST(JobList, InterruptsAJobWhenItIsToEnd) {
  GuestOrder order;
  order.jobs = {
      job({"sh", "-c", "trap 'echo counted; exit 5' INT; sleep 1000 & wait"}, 0, 500 * kMs),
      job({"true"}, 20 * kMs, 700 * kMs)};
  JobRunner runner(order);
  const GuestJournal journal = runner.wait();
  EXPECT_TRUE(journal.done);
  EXPECT_EQ(runner.output(0), "counted\n");
  EXPECT_EQ(journal.jobs[0].state, State::kEnded);
  EXPECT_EQ(journal.jobs[0].status, 5);
  ASSERT_TRUE(journal.jobs[0].stopped_ns);
  EXPECT_GE(*journal.jobs[0].stopped_ns - journal.ready_ns, 500 * kMs);
  EXPECT_LT(journal.jobs[0].ended_ns - *journal.jobs[0].stopped_ns, GuestOrder::kPatienceNs);
  EXPECT_FALSE(journal.jobs[1].stopped_ns) << "it had ended by itself";
}

TEST(JobList, KillsAJobThatDoesNotEndWhenInterrupted) {
  GuestOrder order;
  order.jobs = {job({"sh", "-c", "trap '' INT; sleep 1000; sleep 1000"}, 0, 500 * kMs)};
  const GuestJournal journal = JobRunner(order).wait();
  EXPECT_EQ(journal.jobs[0].status, 128 + SIGKILL);
  ASSERT_TRUE(journal.jobs[0].stopped_ns);
  EXPECT_GE(journal.jobs[0].ended_ns - *journal.jobs[0].stopped_ns, GuestOrder::kPatienceNs);
}

TEST(JobList, EndsWhatRunsAtTheEndAndBeginsNothingAfterwards) {
  GuestOrder order;
  order.jobs = {job({"sleep", "1000"}), job({"sh", "-c", "trap '' INT; sleep 1000; sleep 1000"}),
                job({"true"}, 500 * kMs), job({"true"}, 700 * kMs), job({"true"}, INT64_MAX)};
  order.end_ns = 500 * kMs;
  const GuestJournal journal = JobRunner(order).wait();
  EXPECT_TRUE(journal.done);
  EXPECT_EQ(journal.jobs[0].status, 128 + SIGINT);
  EXPECT_EQ(journal.jobs[1].status, 128 + SIGKILL);
  EXPECT_GE(journal.jobs[0].ended_ns - journal.ready_ns, 500 * kMs);
  for (const size_t number : {2, 3, 4}) EXPECT_EQ(journal.jobs[number].state, State::kWaiting);
}

// A router has no jobs, and is there until the end.
TEST(JobList, LastsUntilTheEndThatItsOrderNames) {
  GuestOrder order;
  order.jobs = {job({"true"})};
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  order.zero_ns = now.tv_sec * 1000 * kMs + now.tv_nsec;
  order.end_ns = 200 * kMs;
  JobRunner(order).wait();
  EXPECT_GE(guest_time_ns(), *order.zero_ns + *order.end_ns);
  order.jobs.clear();
  order.end_ns = 400 * kMs;
  JobRunner(order).wait();
  EXPECT_GE(guest_time_ns(), *order.zero_ns + *order.end_ns);
}

TEST(JobList, GivesAJobItsEnvironment) {
  GuestOrder order;
  order.jobs = {job({"env"})};
  order.jobs[0].environment = {"A=b c", "D="};
  JobRunner runner(order);
  runner.wait();
  EXPECT_EQ(runner.output(0),
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nHOME=/\n"
            "LANG=C.UTF-8\nTERM=dumb\nA=b c\nD=\n");
}

TEST(JobList, EndsWhatAJobLeavesInItsGroup) {
  GuestOrder order;
  order.jobs = {job({"sh", "-c", "sleep 1000 & echo $!"})};
  JobRunner runner(order);
  runner.wait();
  const pid_t left = std::stoi(runner.output(0));
  EXPECT_TRUE(eventually([left] {
    waitpid(left, nullptr, WNOHANG);  // where it has become a child of ours
    return kill(left, 0) != 0;
  }));
}

}  // namespace
}  // namespace violin::testing
