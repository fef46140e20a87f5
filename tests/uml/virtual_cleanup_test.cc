#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "tests/uml/leftovers.hh"
#include "tests/uml/virtual_kernels.hh"

// Whatever ends a run with kernels under the virtual clock, nothing of it is left on the machine:
// no process, no socket, no mount, no file but its results.

namespace violin::testing {
namespace {

class VirtualCleanup : public VirtualKernels {
 protected:
  // An hour in which there is always something to do.
  static constexpr const char* kLong = R"(violin: 1
name: long
duration: 1 h
violins:
  v1:
    backend: uml
    nodes: { h1..h3: { kind: host }, s: { kind: switch, backend: model } }
    links: [ { endpoints: [h1..h3, s], delay: 1 ms } ]
workloads:
  - { name: p, ping: { from: v1/h1, to: v1/h2, count: 170000, interval: 20 ms } }
)";

  std::string scenario(const std::string& text) {
    const std::string path = folder_.path() / "scenario.yaml";
    std::ofstream(path) << text;
    return path;
  }

  // Of the program that runs this scenario.
  KilledOwner program(const std::string& text) {
    const std::string path = scenario(text), out = folder_.path() / "out";
    return KilledOwner([path, out] {
      const int silence = open("/dev/null", O_WRONLY | O_CLOEXEC);
      dup2(silence, 1);
      dup2(silence, 2);
      execl(VIOLIN_BINARY, "violin", "run", path.c_str(), "--force", "--out", out.c_str(), nullptr);
    });
  }

  // Kills the program at one moment of its life, and expects nothing to be left. Of each guest
  // there are its cell's two processes, its kernel, and init at least.
  void kill_at(int processes, int signal) {
    const Leftovers before;
    KilledOwner owner = program(kLong);
    ASSERT_TRUE(eventually([&] { return owner.descendants() >= processes; })) << processes;
    owner.send(signal);
    EXPECT_TRUE(KilledOwner::all_buried());
    EXPECT_EQ(Leftovers::since(before), "") << "at " << processes << " processes, " << signal;
  }

  const TemporaryFolder folder_;
};

TEST_F(VirtualCleanup, FollowsAnInterruptionAtAnyMoment) {
  for (const int processes : {1, 4, 9, 13}) kill_at(processes, SIGINT);
}
TEST_F(VirtualCleanup, FollowsARequestToEndAtAnyMoment) {
  for (const int processes : {1, 4, 9, 13}) kill_at(processes, SIGTERM);
}
TEST_F(VirtualCleanup, FollowsAKillAtAnyMoment) {
  for (const int processes : {1, 2, 4, 6, 9, 11, 13}) kill_at(processes, SIGKILL);
}

TEST_F(VirtualCleanup, FollowsSuccess) {
  const Leftovers before;
  std::string text = kLong;
  text.replace(text.find("1 h"), 3, "1 s");
  text.replace(text.find("count: 170000, "), 15, "");
  KilledOwner owner = program(text);
  EXPECT_EQ(owner.wait(), 0);
  EXPECT_EQ(Leftovers::since(before), "");
}

TEST_F(VirtualCleanup, FollowsAnInterruptionWhileAGuestNeverRests) {
  const Leftovers before;
  KilledOwner owner = program(std::string(kLong) +
                              "  - { name: loop, exec: { node: v1/h3, at: 1 s, command: "
                              "[sh, -c, 'while :; do :; done'] } }\n");
  ASSERT_TRUE(eventually([&] { return owner.descendants() >= 13; }));
  owner.send(SIGINT);
  EXPECT_EQ(owner.wait(), 3);
  EXPECT_EQ(Leftovers::since(before), "");
}

}  // namespace
}  // namespace violin::testing
