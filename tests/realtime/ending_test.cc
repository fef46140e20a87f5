#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <random>

#include "emulator/results/run_record.hh"
#include "tests/realtime/run_fixture.hh"

// Whoever dies, and whenever: nothing of the run is left, and nothing else is touched.

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

enum class Victim { kCoordinator, kSandbox, kFirstAgent, kHostAgent };

const char* name_of(Victim victim) {
  switch (victim) {
    case Victim::kCoordinator:
      return "the coordinator";
    case Victim::kSandbox:
      return "PID 1 of the sandbox";
    case Victim::kFirstAgent:
      return "the agent of this machine";
    case Victim::kHostAgent:
      return "the agent of an overlay host";
  }
  return "";
}

// The process, when it is there yet, or still.
std::optional<pid_t> find(Victim victim, pid_t coordinator) {
  if (victim == Victim::kCoordinator) return coordinator;
  const std::vector<pid_t> sandboxes = children_of(coordinator);
  if (sandboxes.empty()) return std::nullopt;
  if (victim == Victim::kSandbox) return sandboxes.front();
  const std::vector<pid_t> bodies = children_of(sandboxes.front());
  if (bodies.empty()) return std::nullopt;
  if (victim == Victim::kFirstAgent) return bodies.front();
  for (const pid_t process : children_of(bodies.front())) {
    if (command_of(process).find(" agent --socket /run/violin/a.sock") != std::string::npos)
      return process;
  }
  return std::nullopt;
}

// How many deaths are tried per kind: a few, or as many as the environment says.
int trials() {
  const char* asked = std::getenv("VIOLIN_DEATHS");
  return asked == nullptr ? 1 : std::atoi(asked);
}

class Ending : public RunTest {
 protected:
  void SetUp() override {
    RunTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    write("scenario.yaml", two_hosts(R"(workloads:
  - { name: rtt, ping: { from: v/h1, to: v/h2, count: 40, interval: 20 ms } }
  - { name: bulk, tcp: { from: v/h1, to: v/h2, duration: 800 ms } }
  - { name: busy, exec: { node: v/r1, command: [sh, -c, "sleep 1000 & sleep 1000"] } }
)",
                                     "1 s"));
  }

  std::vector<std::string> run_words() const {
    return {"run", "--clock", "real", "--out", "out", "--force", "scenario.yaml"};
  }

  // One run in which the victim gets the signal after so many milliseconds.
  void end_after(int milliseconds, Victim victim, int signal, const Processes& bystanders) {
    SCOPED_TRACE(std::string(name_of(victim)) + ", " + strsignal(signal) + " after " +
                 std::to_string(milliseconds) + " ms");
    const std::string before = leftovers();
    Outcome ended;
    {
      Violin run(run_words(), here());
      poll(nullptr, 0, milliseconds);
      const std::optional<pid_t> target = find(victim, run.pid());
      const bool in_the_middle = !children_of(run.pid()).empty();
      if (target && kill(*target, signal) == 0 && in_the_middle) ++hits_;
      ended = run.wait();
    }
    // Nobody is left then who could hold a namespace; mounts that do are looked for below.
    EXPECT_TRUE(all_ended(bystanders));
    if (ended.status == 128 + SIGKILL) {
      EXPECT_EQ(victim, Victim::kCoordinator);
      EXPECT_EQ(violin({"clean", "--runs", "."}).status, 0);
    }
    EXPECT_EQ(leftovers(), before);
    check(ended, victim, signal);
  }

  // Deaths in the middle of something.
  int hits_ = 0;

  static void check(const Outcome& ended, Victim victim, int signal) {
    const std::string said = ended.output + ended.error;
    if (victim == Victim::kCoordinator) {
      const bool by_itself = ended.status == 0 || ended.status == 3;
      EXPECT_TRUE(by_itself || ended.status == 128 + signal) << ended.status << said;
      return;
    }
    if (ended.status == 0) return;  // it had done its work before
    EXPECT_EQ(ended.status, 3) << said;
    EXPECT_NE(ended.error.find("agent of "), std::string::npos) << said;
    EXPECT_NE(ended.error.find(std::string("was ended by SIG") + sigabbrev_np(signal)),
              std::string::npos)
        << said;
  }
};

TEST_F(Ending, LeavesNothingOfTheRunAndOthersAlone) {
  write("held.yaml", two_hosts("", "100 ms"));
  Violin held({"run", "--clock", "real", "--hold", "--out", "held", "held.yaml"}, here());
  ASSERT_TRUE(eventually([&] { return held.output().find("ends it") != std::string::npos; }))
      << held.error();
  const pid_t sleeper = fork();
  if (sleeper == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // where a failure ends the test early
    for (;;) pause();
  }
  std::minstd_rand random(1);
  for (int trial = 0; trial < trials(); ++trial) {
    for (const Victim victim :
         {Victim::kCoordinator, Victim::kSandbox, Victim::kFirstAgent, Victim::kHostAgent}) {
      for (const int signal : {SIGKILL, SIGTERM, SIGINT}) {
        end_after(static_cast<int>(random() % 1400), victim, signal, {held.pid(), sleeper});
        const Outcome inside = violin({"exec", "h1", "--", "ping", "-c1", "h2"});
        ASSERT_EQ(inside.status, 0) << "the other run has suffered: " << inside.error;
        ASSERT_EQ(kill(sleeper, 0), 0);
        if (HasFailure()) break;
      }
    }
  }
  EXPECT_GE(hits_, trials() * 3) << "most came too early or too late to mean anything";
  kill(sleeper, SIGKILL);
  held.signal(SIGTERM);
  EXPECT_EQ(held.wait().status, 0);
}

// When everything runs.
TEST_F(Ending, NamesTheAgentThatDiedAndHow) {
  for (const auto& [victim, words] :
       {std::pair{Victim::kHostAgent, "the agent of a was ended by SIGKILL"},
        std::pair{Victim::kFirstAgent,
                  "the agent of this machine, or the sandbox around it, was ended by SIGKILL"}}) {
    Violin run(run_words(), here());
    ASSERT_TRUE(eventually([&] { return violin({"ls"}).output.find(" s  ") != std::string::npos; }))
        << run.error();
    kill(find(victim, run.pid()).value(), SIGKILL);
    const Outcome ended = run.wait();
    EXPECT_EQ(ended.status, 3);
    EXPECT_NE(ended.error.find(words), std::string::npos) << ended.error;
    EXPECT_FALSE(fs::exists(folder() / "out"));
    EXPECT_TRUE(all_ended());
  }
}

TEST_F(Ending, KeepsTheResultsOfARunThatIsInterrupted) {
  const std::vector<std::function<void(const Violin&)>> ways = {
      [](const Violin& run) { run.signal(SIGINT); }, [](const Violin& run) { run.signal(SIGTERM); },
      [this](const Violin&) {
        EXPECT_EQ(violin({"clean", "two"}).status, 0);
      }};
  for (const auto& interrupt : ways) {
    Violin run(run_words(), here());
    ASSERT_TRUE(eventually([&] { return violin({"ls"}).output.find(" s  ") != std::string::npos; }))
        << run.error();
    interrupt(run);
    EXPECT_EQ(run.wait().status, 3) << run.error();
    EXPECT_TRUE(result().interrupted);
    EXPECT_TRUE(all_ended());
  }
}

TEST_F(Ending, LeavesAWorkingFolderThatCleanTellsFromAllOthers) {
  const fs::path runs = folder() / "runs";
  fs::create_directories(runs / "two" / ".001.partial-1");
  Violin live({"run", "--clock", "real", "--hold", "scenario.yaml"}, here());
  Violin killed({"run", "--clock", "real", "--out", "runs/two/007", "scenario.yaml"}, here());
  const fs::path work = runs / "two" / (".007.partial-" + std::to_string(killed.pid()));
  // It is there before it is written.
  ASSERT_TRUE(eventually([&] {
    std::ifstream in(work / RunRecord::kFile);
    return RunRecord::parse(std::string(std::istreambuf_iterator<char>(in), {})).has_value();
  }));
  killed.signal(SIGKILL);
  killed.wait();
  ASSERT_TRUE(eventually([&] { return is_left_behind(work); }));
  const std::string path = "runs/two/" + work.filename().string();
  EXPECT_NE(violin({"ls"}).output.find(path), std::string::npos);
  EXPECT_EQ(violin({"clean"}).output, "removed " + path + "\n");
  EXPECT_FALSE(fs::exists(work));
  EXPECT_EQ(violin({"clean"}).output, "Nothing was left behind.\n");
  EXPECT_TRUE(fs::exists(runs / "two" / ".001.partial-1")) << "nothing proves that it is ours";
  ASSERT_TRUE(eventually([&] { return fs::exists(runs / "two" / "latest"); })) << live.error();
  live.signal(SIGINT);
  live.wait();
  fs::remove_all(runs);
}

}  // namespace
}  // namespace violin::testing
