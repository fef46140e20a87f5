#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "emulator/os/pseudo_terminal.hh"
#include "tests/realtime/guest_programs.hh"
#include "tests/realtime/namespace_fixture.hh"

// Programs in guests: their rights, surroundings and ends.

namespace violin::testing {
namespace {

class OsGuestProcess : public NamespaceTest {};

TEST_F(OsGuestProcess, TellsTheExitStatus) {
  const GuestSpace where = guest("a");
  EXPECT_EQ(run(where, {"true"}).status, 0);
  EXPECT_EQ(run(where, {"false"}).status, 1);
  EXPECT_EQ(shell(where, "exit 42").status, 42);
  EXPECT_EQ(shell(where, "kill -TERM $$").status, 128 + SIGTERM);
}

TEST_F(OsGuestProcess, NamesAProgramThatIsNotInstalledOrMayNotBeRun) {
  // Nobody may execute the hosts file put there, which has no such permission.
  const GuestSpace where = guest("a");
  EXPECT_THROW(GuestProcess(where, {.argv = {"violin-no-such-program"}}), ProgramMissing);
  EXPECT_THROW(GuestProcess(where, {.argv = {"/no/such/program"}}), ProgramMissing);
  try {
    GuestProcess(where, {.argv = {"/etc/hosts"}});
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_EQ(std::string(error.what()),
              "cannot start /etc/hosts in a: cannot execute the program: Permission denied");
  }
}

TEST_F(OsGuestProcess, RunsWithoutAnyRight) {
  const GuestSpace where = guest("a");
  const std::string status = run(where, {"cat", "/proc/self/status"}).output;
  EXPECT_TRUE(has_no_right(status));
  EXPECT_NE(shell(where, "mount -t tmpfs none /mnt").status, 0);
  EXPECT_NE(run(where, {"hostname", "other"}).status, 0);
  EXPECT_EQ(shell(where, "id -u; id -g").output, nobody_exists() ? "65534\n65534\n" : "0\n0\n");
}

TEST_F(OsGuestProcess, IsInNoGroupOfOurs) {
  if (!nobody_exists()) GTEST_SKIP() << "needs root of the machine: to be in a group";
  const GuestSpace where = guest("a");
  std::vector<gid_t> before(static_cast<size_t>(getgroups(0, nullptr)));
  getgroups(static_cast<int>(before.size()), before.data());
  const gid_t one = 4;
  ASSERT_EQ(setgroups(1, &one), 0);
  const std::string groups = run(where, {"id", "-G"}).output;
  setgroups(before.size(), before.data());
  EXPECT_EQ(groups, "65534\n");
}

TEST_F(OsGuestProcess, KeepsTheRightsOfRootWhenAsked) {
  const GuestSpace where = guest("a");
  EXPECT_EQ(shell(where, "id -u; hostname b; hostname", true).output, "0\nb\n");
  EXPECT_EQ(run(where, {"uname", "-n"}).output, "b\n");
}

TEST_F(OsGuestProcess, GetsACleanEnvironmentAndNothingOfOurs) {
  const GuestSpace where = guest("a");
  // A descriptor that any exec would inherit.
  const FileDescriptor leaking(open("/dev/null", O_RDONLY));
  EXPECT_EQ(run(where, {"env"}).output,
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
            "HOME=/\nLANG=C.UTF-8\nTERM=dumb\n");
  EXPECT_EQ(run(where, {"readlink", "/proc/self/cwd"}).output, "/\n");
  EXPECT_EQ(run(where, {"ls", "/proc/self/fd"}).output, "0\n1\n2\n3\n") << "3 is ls looking";
  EXPECT_EQ(run(where, {"readlink", "/proc/self/fd/0"}).output, "/dev/null\n");
}

TEST_F(OsGuestProcess, StartsWithNoSignalBlockedOrIgnored) {
  const GuestSpace where = guest("a");
  struct sigaction before = {}, ignore = {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &before);
  const std::string status = run(where, {"cat", "/proc/self/status"}).output;
  sigaction(SIGPIPE, &before, nullptr);
  EXPECT_NE(status.find("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"),
            std::string::npos)
      << status;
}

TEST_F(OsGuestProcess, ReadsWhatItIsGiven) {
  const GuestSpace where = guest("a");
  DescriptorPair in = make_pipe(), out = make_pipe();
  GuestProcess copy(
      where, {.argv = {"cat"}, .streams = {.input = in.first.get(), .output = out.second.get()}});
  out.second.close();
  ASSERT_EQ(write(in.second.get(), "word", 4), 4);
  EXPECT_FALSE(copy.finished());
  in.second.close();
  EXPECT_EQ(all_of(out.first.get()), "word");
  pollfd ended = {.fd = copy.exit_descriptor(), .events = POLLIN};
  EXPECT_EQ(poll(&ended, 1, 10'000), 1);
  EXPECT_EQ(copy.finished(), 0);
}

// A pipe's reader sees the end when the last process that holds the writing end is gone.
TEST_F(OsGuestProcess, TakesItsGroupWithIt) {
  const GuestSpace where = guest("a");
  for (const bool destroyed : {true, false}) {
    DescriptorPair line = make_pipe(), told = make_pipe();
    const std::string script = "sleep 1000 & sleep 1000 & echo ready; read word";
    auto program = std::make_unique<GuestProcess>(
        where, GuestCommand{.argv = {"sh", "-c", script},
                            .streams = {.input = told.first.get(), .output = line.second.get()}});
    line.second.close();
    ASSERT_EQ(next(line.first.get(), 6), "ready\n");
    if (destroyed) {
      program.reset();
    } else {
      ASSERT_EQ(write(told.second.get(), "x\n", 2), 2);
      EXPECT_EQ(program->wait(), 0);
    }
    EXPECT_EQ(all_of(line.first.get()), "");
  }
}

TEST_F(OsGuestProcess, IsSignalledAsAGroup) {
  const GuestSpace where = guest("a");
  DescriptorPair line = make_pipe();
  GuestProcess program(where, {.argv = {"sh", "-c", "sleep 1000 & echo ready; wait"},
                               .streams = {.output = line.second.get()}});
  line.second.close();
  ASSERT_EQ(next(line.first.get(), 6), "ready\n");
  program.signal(SIGTERM);
  EXPECT_EQ(all_of(line.first.get()), "");
  EXPECT_EQ(program.wait(), 128 + SIGTERM);
}

TEST_F(OsGuestProcess, DiesWithItsOwner) {
  const GuestSpace where = guest("a");
  DescriptorPair line = make_pipe();
  const pid_t owner = fork();
  if (owner == 0) {
    GuestProcess program(where, {.argv = {"sh", "-c", "echo ready; exec sleep 1000"},
                                 .streams = {.output = line.second.get()}});
    for (;;) pause();
  }
  line.second.close();
  ASSERT_EQ(next(line.first.get(), 6), "ready\n");
  kill(owner, SIGKILL);
  waitpid(owner, nullptr, 0);
  EXPECT_EQ(all_of(line.first.get()), "");
}

TEST_F(OsGuestProcess, IsControlledByATerminal) {
  const GuestSpace where = guest("a");
  PseudoTerminal terminal;
  terminal.resize(100, 33);
  GuestProcess program(where, {.argv = {"sh", "-c", "stty size </dev/tty; echo $TERM; exec cat"},
                               .streams = {.terminal = terminal.theirs()}});
  terminal.close_theirs();
  const std::string wanted = "33 100\r\nxterm-256color\r\n";
  EXPECT_EQ(next(terminal.ours(), wanted.size()), wanted);
  ASSERT_EQ(write(terminal.ours(), "\x03", 1), 1);
  EXPECT_EQ(program.wait(), 128 + SIGINT);
}

TEST_F(OsGuestProcess, IsStartedFromManyThreadsAtOnce) {
  const GuestSpace one = guest("one"), two = guest("two");
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const GuestSpace& where = i % 2 == 0 ? one : two;
      for (int j = 0; j < 25; ++j) {
        if (run(where, {"uname", "-n"}).output == where.hostname() + "\n") ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 100);
}

}  // namespace
}  // namespace violin::testing
