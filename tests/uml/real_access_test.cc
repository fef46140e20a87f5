#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "emulator/kernel/kernel_recipe.hh"
#include "tests/realtime/shell.hh"
#include "tests/uml/real_machines.hh"

// Getting into machines that run under the real clock, and what becomes of them when somebody dies,
// or when they do not come up.

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

TEST_F(RealMachines, LetProgramsInWhileTheyRun) {
  write("scenario.yaml", five_nodes("", "60 s"));
  Violin live(run_words(), here());
  ASSERT_TRUE(eventually([&] { return answers("h1"); })) << live.error();
  const Outcome own =
      violin({"exec", "h1", "--", "sh", "-c", "hostname; id -u; cat; exit 7"}, "in");
  EXPECT_EQ(own.output, "h1\n65534\nin");
  EXPECT_EQ(own.status, 7);
  const Outcome root =
      violin({"exec", "r1", "--root", "--", "sysctl", "-n", "net.ipv4.ip_forward"});
  EXPECT_EQ(root.output, "1\n") << root.error;
  EXPECT_EQ(violin({"exec", "h1", "--", "no-such-program"}).status, 3);
  const Outcome console = violin({"console", "h1"});
  EXPECT_EQ(console.status, 0) << console.error;
  EXPECT_NE(console.output.find("Linux version 6.12"), std::string::npos) << console.output;
  const Outcome none = violin({"console", "n1"});
  EXPECT_EQ(none.status, 3);
  EXPECT_NE(none.error.find("no kernel of its own"), std::string::npos) << none.error;
  live.signal(SIGINT);
  EXPECT_EQ(live.wait().status, 3);
}

TEST_F(RealMachines, GiveAShellWithATerminalOfItsOwn) {
  write("scenario.yaml", five_nodes("", "60 s"));
  Violin live(run_words(), here());
  ASSERT_TRUE(eventually([&] { return answers("h1"); })) << live.error();
  Shell shell(folder(), "h1");
  shell.terminal().resize(99, 33);
  shell.type("PS1='for''ward> '; stty size; uname -n\n");
  EXPECT_NE(shell.read_until("h1\r\n").find("33 99"), std::string::npos);
  shell.type("sh -c \"echo at''work; exec cat\"; echo inter''rupted\n");
  EXPECT_NE(shell.read_until("atwork").find("atwork"), std::string::npos);
  shell.type("\x03");
  EXPECT_NE(shell.read_until("forward> ").find("^C"), std::string::npos);
  shell.type("exit 9\n");
  shell.read_until("logout");
  EXPECT_EQ(shell.violin().wait().status, 9);
  EXPECT_FALSE(shell.is_raw());
  live.signal(SIGINT);
  EXPECT_EQ(live.wait().status, 3);
}

TEST_F(RealMachines, AreFollowedOnTheirConsoleUntilTheRunEnds) {
  write("scenario.yaml", five_nodes("", "60 s"));
  Violin live(run_words(), here());
  ASSERT_TRUE(eventually([&] { return answers("h1"); })) << live.error();
  Violin console({"console", "--follow", "h1"}, here());
  ASSERT_TRUE(eventually([&] {
    return console.output().find("Linux version 6.12") != std::string::npos;
  })) << console.error();
  EXPECT_EQ(
      violin({"exec", "h1", "--root", "--", "sh", "-c", "echo seen there > /dev/kmsg"}).status, 0);
  EXPECT_TRUE(eventually([&] { return console.output().find("seen there") != std::string::npos; }));
  EXPECT_FALSE(console.has_ended());
  live.signal(SIGINT);
  EXPECT_EQ(console.wait().status, 0);
  EXPECT_EQ(live.wait().status, 3);
}

// The fixture finds whatever is left of it.
TEST_F(RealMachines, LeaveNothingWhoeverDies) {
  write("scenario.yaml", five_nodes("", "60 s"));
  for (const int signal : {SIGINT, SIGKILL}) {
    SCOPED_TRACE(signal);
    {
      Violin live(run_words(), here());
      ASSERT_TRUE(eventually([&] { return answers("h1"); })) << live.error();
      live.signal(signal);
      live.wait();
    }
    EXPECT_TRUE(all_ended());
    violin({"clean", "--runs", "."});
    EXPECT_EQ(leftovers(), "");
  }
  // The agent: the only child of the sandbox, which is the only one of the coordinator.
  Violin live(run_words(), here());
  ASSERT_TRUE(eventually([&] { return answers("h1"); })) << live.error();
  const std::vector<pid_t> sandbox = children_of(live.pid());
  ASSERT_FALSE(sandbox.empty());
  const std::vector<pid_t> agent = children_of(sandbox.front());
  ASSERT_FALSE(agent.empty());
  kill(agent.front(), SIGKILL);
  const Outcome ended = live.wait();
  EXPECT_EQ(ended.status, 3);
  EXPECT_NE(ended.error.find("agent of this machine"), std::string::npos) << ended.error;
  EXPECT_TRUE(all_ended());
}

TEST_F(RealMachines, LeaveNothingWhenTheAgentOfTheirOverlayHostDies) {
  write("scenario.yaml", two_machines("", "60 s"));
  Violin live(run_words(), here());
  ASSERT_TRUE(eventually([&] { return answers("h1"); })) << live.error();
  const std::vector<pid_t> sandbox = children_of(live.pid());
  ASSERT_FALSE(sandbox.empty());
  const std::vector<pid_t> underlay = children_of(sandbox.front());
  ASSERT_FALSE(underlay.empty());
  pid_t agent = 0;
  for (const pid_t child : children_of(underlay.front())) {
    if (command_of(child).find("/run/violin/a.sock") != std::string::npos) agent = child;
  }
  ASSERT_NE(agent, 0);
  kill(agent, SIGKILL);
  const Outcome ended = live.wait();
  EXPECT_EQ(ended.status, 3);
  EXPECT_NE(ended.error.find("agent of a "), std::string::npos) << ended.error;
  EXPECT_TRUE(all_ended());
}

// ---- not there ----------------------------------------------------------------------------------

// Where only we see it: the machine's store has nothing in it, and ours is this folder.
void hide_kernels(const fs::path& own) {
  if (unshare(CLONE_NEWNS) != 0) _exit(90);
  mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  const fs::path machine = "/var/cache/violin";
  if (fs::exists(machine) && mount("tmpfs", machine.c_str(), "tmpfs", 0, nullptr) != 0) _exit(91);
  setenv("XDG_CACHE_HOME", own.c_str(), 1);
}

TEST_F(RealMachines, AreRefusedWithoutAKernelAndItIsSaidHowToGetOne) {
  const Outcome ran = run(five_nodes(""), [this] { hide_kernels(folder()); });
  EXPECT_EQ(ran.status, 3) << ran.output;
  EXPECT_NE(ran.error.find("violin kernel build"), std::string::npos) << ran.error;
  EXPECT_EQ(leftovers(), "");
}

TEST_F(RealMachines, ThatAreNotReadyEndTheRunByName) {
  const fs::path place = folder() / "violin" / "kernels" / ("1-" + KernelRecipe::ours().hash());
  fs::create_directories(place);
  fs::copy_file("/bin/true", place / "linux");
  const Outcome ran = run(five_nodes(""), [this] { hide_kernels(folder()); });
  EXPECT_EQ(ran.status, 3) << ran.output;
  EXPECT_NE(ran.error.find("was not ready"), std::string::npos) << ran.error;
  EXPECT_NE(ran.error.find("v/h1"), std::string::npos) << ran.error;
  EXPECT_TRUE(all_ended());
  EXPECT_EQ(leftovers(), "");
}

}  // namespace
}  // namespace violin::testing
