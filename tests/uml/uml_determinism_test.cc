#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/uml/leftovers.hh"
#include "tests/uml/plain_calendar.hh"
#include "tests/uml/uml_fixture.hh"

// What our patches to the guests' kernel are for: in virtual time, with a seed, a guest's life is
// the same every time.

namespace violin::testing {
namespace {

// All that can be seen of a guest's life.
struct Life {
  PlainCalendar::Life calendar;
  std::vector<std::string> outputs;
  std::vector<int64_t> times;
  bool operator==(const Life&) const = default;
};

class UmlDeterminism : public Uml {
 protected:
  void add_script(const std::string& text) { add_job({"sh", "-c", text}); }
  void add_random_things() {
    add_script("head -c 64 /dev/urandom | sha256sum");
    add_job({"cat", "/proc/sys/kernel/random/uuid", "/proc/sys/kernel/random/boot_id"});
    add_job({"cat", "/proc/self/maps"});
    add_script("sleep 1.5; date +%s.%N; cat /proc/uptime /proc/interrupts /proc/meminfo");
  }

  Life live(const std::vector<std::string>& arguments) {
    options_.sockets = {"clock"};
    options_.kernel_arguments = {PlainCalendar::argument()};
    options_.kernel_arguments.insert(options_.kernel_arguments.end(), arguments.begin(),
                                     arguments.end());
    UmlGuest guest(options_);
    PlainCalendar calendar(guest.listener(0));
    calendar.serve();
    EXPECT_EQ(guest.wait(), UmlEnding::kDone) << guest.journal().failure << guest.console();
    Life life{.calendar = calendar.life(), .outputs = {}, .times = {guest.journal().ready_ns}};
    for (size_t job = 0; job < options_.order.jobs.size(); ++job) {
      life.outputs.push_back(guest.output(job) + guest.errors(job));
      life.times.push_back(guest.journal().jobs[job].began_ns);
      life.times.push_back(guest.journal().jobs[job].ended_ns);
    }
    return life;
  }
};

TEST_F(UmlDeterminism, OneSeedIsOneLife) {
  add_random_things();
  const Life first = live({"seed=42"});
  EXPECT_GT(first.calendar.messages, 100);
  for (int run = 1; run < 5; ++run) {
    const Life again = live({"seed=42"});
    EXPECT_EQ(first.outputs, again.outputs) << "in run " << run;
    EXPECT_EQ(first.times, again.times) << "in run " << run;
    EXPECT_EQ(first.calendar.messages, again.calendar.messages) << "in run " << run;
    EXPECT_EQ(first.calendar.runs, again.calendar.runs) << "in run " << run;
    EXPECT_EQ(first.calendar.end_ns, again.calendar.end_ns) << "in run " << run;
  }
}

TEST_F(UmlDeterminism, OtherSeedsAreOtherLives) {
  add_random_things();
  const Life one = live({"seed=42"}), low = live({"seed=43"});
  const Life high = live({"seed=" + std::to_string(42 + (uint64_t{1} << 32))});
  for (const size_t job : {0, 1, 2}) {
    EXPECT_NE(one.outputs[job], low.outputs[job]);
    EXPECT_NE(one.outputs[job], high.outputs[job]);
  }
}

TEST_F(UmlDeterminism, WithoutASeedRandomnessIsTheMachines) {
  add_random_things();
  const Life one = live({}), other = live({});
  for (const size_t job : {0, 1, 2}) EXPECT_NE(one.outputs[job], other.outputs[job]);
}

TEST_F(UmlDeterminism, ProgramsCannotReadTheSeed) {
  add_job({"cat", "/proc/cmdline", "/proc/1/environ"});
  options_.order.jobs.back().as_root = true;
  const Life life = live({"seed=42"});
  EXPECT_NE(life.outputs[0].find("time-travel="), std::string::npos) << life.outputs[0];
  EXPECT_EQ(life.outputs[0].find("seed"), std::string::npos) << life.outputs[0];
}

TEST_F(UmlDeterminism, SeedThatIsNoNumberIsRefused) {
  for (const char* seed : {"", "12x", "-1", "0x12", "18446744073709551616"}) {
    options_.kernel_arguments = {std::string("seed=") + seed};
    UmlGuest guest(options_);
    EXPECT_EQ(guest.wait(), UmlEnding::kPanicked) << seed;
    const std::string complaint = std::string("seed=") + seed + " is not a decimal number";
    EXPECT_NE(guest.console().find(complaint), std::string::npos) << guest.console();
  }
}

TEST_F(UmlDeterminism, TimeStampCounterShowsVirtualTimeWhereItIsToldTo) {
  options_.exposed = {VIOLIN_COUNTER_READER};
  add_job({VIOLIN_COUNTER_READER});
  add_job({"cat", "/proc/cmdline"});
  const Life life = live({"seed=42", "tsc=virtual"});
  uint64_t before = 0, after = 0, processor = 1;
  std::istringstream(life.outputs[0]) >> before >> after >> processor;
  EXPECT_GT(before, 0u) << life.outputs[0];
  EXPECT_GE(after, before + 1'000'000'000);
  EXPECT_LT(after, before + 1'000'000'000 + 2'000'000) << "the kernel's slack is 1 ms";
  EXPECT_EQ(processor, 0u);
  EXPECT_EQ(life.outputs[1].find("tsc"), std::string::npos) << life.outputs[1];
  EXPECT_EQ(life, live({"seed=42", "tsc=virtual"}));
  EXPECT_NE(life.outputs[0], live({"seed=42"}).outputs[0]) << "the machine's own counter";
}

TEST_F(UmlDeterminism, SystemCallsTakeTheVirtualTimeTheyAreToldTo) {
  add_job({"dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=1000"});
  const auto duration = [](const Life& life) { return life.times[2] - life.times[1]; };
  const int64_t free = duration(live({})), costly = duration(live({"syscall_cost=10000"}));
  EXPECT_GE(costly, free + 2'000 * 10'000) << "a thousand readings and writings";
  EXPECT_LE(costly, free + 3'000 * 10'000);
}

TEST_F(UmlDeterminism, OtherForbiddenInstructionsStillEndAProgram) {
  options_.exposed = {VIOLIN_COUNTER_READER};
  add_job({VIOLIN_COUNTER_READER, "halt"});
  options_.sockets = {"clock"};
  options_.kernel_arguments = {PlainCalendar::argument(), "tsc=virtual"};
  UmlGuest guest(options_);
  PlainCalendar calendar(guest.listener(0));
  calendar.serve();
  EXPECT_EQ(guest.wait(), UmlEnding::kDone) << guest.console();
  EXPECT_EQ(guest.journal().jobs[0].status, 128 + SIGSEGV);
}

// The beginning of vhost-user, as a driver speaks it.
struct VhostHeader {
  uint32_t request = 0, flags = 0, size = 0;
};
struct FeaturesReply {
  VhostHeader header{1, 5, 8};  // GET_FEATURES; version 1, a reply
  uint32_t features[2] = {0, 1};
};

// A device's answer and a message of the calendar that was there before it may reach the kernel
// together. Here they always do, for the kernel is stopped meanwhile.
TEST_F(UmlDeterminism, ReadsTheCalendarBeforeADevicesAnswer) {
  options_.sockets = {"clock", "eth0"};
  options_.kernel_arguments = {PlainCalendar::argument(),
                               std::string("virtio_uml.device=") + kCellSockets + "/eth0:1"};
  UmlGuest guest(options_);
  PlainCalendar calendar(guest.listener(0));
  GuestSocket device(guest.listener(1));
  ASSERT_TRUE(calendar.socket().accept());
  pollfd news[] = {{.fd = calendar.socket().get(), .events = POLLIN},
                   {.fd = device.listener(), .events = POLLIN}};
  while (poll(news, 2, 10'000) > 0 && news[1].revents == 0) ASSERT_TRUE(calendar.answer());
  ASSERT_TRUE(device.accept());
  VhostHeader header;
  while (header.request != 1) ASSERT_TRUE(device.read(header));

  ucred kernel = {};
  socklen_t size = sizeof kernel;
  ASSERT_EQ(getsockopt(device.get(), SOL_SOCKET, SO_PEERCRED, &kernel, &size), 0);
  kill(kernel.pid, SIGSTOP);
  ASSERT_TRUE(eventually([&] {
    std::string pid, name, state;
    std::ifstream("/proc/" + std::to_string(kernel.pid) + "/stat") >> pid >> name >> state;
    return state == "T";
  }));
  calendar.socket().write(um_timetravel_msg{
      .op = UM_TIMETRAVEL_FREE_UNTIL, .seq = 77, .time = calendar.life().end_ns + 1});
  device.write(FeaturesReply{});
  kill(kernel.pid, SIGCONT);

  um_timetravel_msg message = {};
  ASSERT_TRUE(calendar.socket().read(message));
  EXPECT_EQ(message.op, static_cast<uint32_t>(UM_TIMETRAVEL_ACK))
      << "the kernel went on without having read what the calendar had said";
  EXPECT_EQ(message.seq, 77u);
}

}  // namespace
}  // namespace violin::testing
