#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "emulator/os/guest_process.hh"
#include "emulator/os/guest_space.hh"
#include "emulator/os/mapped_users.hh"
#include "emulator/os/netlink.hh"
#include "emulator/os/pseudo_terminal.hh"
#include "emulator/os/sandbox.hh"
#include "tests/realtime/namespace_fixture.hh"

namespace violin::testing {
namespace {

class OsGuestSpace : public NamespaceTest {};
class OsGuestProcess : public NamespaceTest {};
class OsGuestNetwork : public NamespaceTest {};

GuestSpace guest(const std::string& hostname) {
  return GuestSpace({.hostname = hostname, .files = {{"/etc/hosts", "10.0.0.9 somewhere\n"}}});
}

// Everything that comes until the writing ends; what a terminal says at its end (EIO) is an end
// too.
std::string all_of(int descriptor) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t count = read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer, static_cast<size_t>(count));
  }
}

// Exactly so many bytes; fewer when the writing ends before.
std::string next(int descriptor, size_t bytes) {
  std::string text;
  char letter = 0;
  while (text.size() < bytes && read(descriptor, &letter, 1) == 1) text += letter;
  return text;
}

struct Outcome {
  int status = 0;
  std::string output;  // and errors
};

Outcome run(const GuestSpace& where, const std::vector<std::string>& argv, bool as_root = false) {
  DescriptorPair line = make_pipe();
  const int end = line.second.get();
  GuestProcess program(
      where, {.argv = argv, .as_root = as_root, .streams = {.output = end, .error = end}});
  line.second.close();
  Outcome outcome{.output = all_of(line.first.get())};
  outcome.status = program.wait();
  return outcome;
}

Outcome shell(const GuestSpace& where, const std::string& script, bool as_root = false) {
  return run(where, {"sh", "-c", script}, as_root);
}

// Of a text like that of /proc/self/status.
::testing::AssertionResult has_no_right(const std::string& status) {
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) {
    if (status.find(std::string(set) + ":\t0000000000000000\n") == std::string::npos) {
      return ::testing::AssertionFailure() << set << " in\n" << status;
    }
  }
  if (status.find("NoNewPrivs:\t1\n") != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "NoNewPrivs in\n" << status;
}

bool nobody_exists() { return mapped_users() > 65534; }

// ---- the space ----------------------------------------------------------------------------------

TEST_F(OsGuestSpace, HasItsOwnNameFilesAndInterfaces) {
  const std::string hosts = read_file("/etc/hosts");
  const GuestSpace one = guest("one");
  const GuestSpace two = guest("two");
  Netlink(one.network()).add_veth({"eth7", one.network()}, {"eth8", two.network()}, 1500);
  EXPECT_EQ(run(one, {"cat", "/etc/hosts"}).output, "10.0.0.9 somewhere\n");
  EXPECT_EQ(run(one, {"cat", "/etc/hostname"}).output, "one\n");
  EXPECT_EQ(run(one, {"uname", "-n"}).output, "one\n");
  EXPECT_EQ(run(two, {"uname", "-n"}).output, "two\n");
  EXPECT_EQ(run(one, {"ls", "/sys/class/net"}).output, "eth7\nlo\n");
  EXPECT_EQ(run(two, {"ls", "/sys/class/net"}).output, "eth8\nlo\n");
  EXPECT_EQ(read_file("/etc/hosts"), hosts);
}

TEST_F(OsGuestSpace, HasItsOwnRunDirectoryUnlessThatIsToBeShared) {
  const GuestSpace own = guest("own");
  const GuestSpace shared({.hostname = "shared", .own_run_directory = false});
  struct stat outside = {};
  ASSERT_EQ(stat("/run", &outside), 0);
  const std::string device = std::to_string(outside.st_dev) + "\n";
  EXPECT_EQ(run(shared, {"stat", "-c", "%d", "/run"}).output, device);
  EXPECT_NE(run(own, {"stat", "-c", "%d", "/run"}).output, device);
  EXPECT_EQ(run(own, {"ls", "-A", "/run"}).output, "");
  EXPECT_EQ(shell(own, "echo kept > /run/a", true).status, 0);
  EXPECT_EQ(run(own, {"cat", "/run/a"}).output, "kept\n") << "it lives as long as the guest";
}

TEST_F(OsGuestSpace, PassesOverFilesTheMachineDoesNotHaveAndNamesTheGuestThatCannotBe) {
  EXPECT_NO_THROW(GuestSpace({.hostname = "a", .files = {{"/etc/no-such-file", "x"}}}));
  const std::string name(65, 'x');
  try {
    GuestSpace({.hostname = name});
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.what(), "guest " + name + ": cannot set its host name: Invalid argument");
  }
}

TEST_F(OsGuestSpace, IsWhereWeAreWhenItIsNone) {
  const GuestSpace here = GuestSpace::here();
  EXPECT_TRUE(here.is_here());
  EXPECT_FALSE(guest("other").is_here());
  for (const char* kind : {"net", "mnt", "uts"}) {
    const std::string link = std::string("/proc/self/ns/") + kind;
    EXPECT_EQ(run(here, {"readlink", link}).output,
              std::filesystem::read_symlink(link).string() + "\n");
  }
  EXPECT_EQ(run(here, {"pwd"}).output, "/\n");
  EXPECT_EQ(run(here, {"id", "-u"}).output, nobody_exists() ? "65534\n" : "0\n");
}

TEST_F(OsGuestSpace, LeavesTheThreadThatMakesItWhereItWas) {
  const auto here = [] {
    std::string names;
    for (const char* kind : {"net", "mnt", "uts"}) {
      names += std::filesystem::read_symlink(std::string("/proc/thread-self/ns/") + kind);
    }
    return names;
  };
  const std::string before = here();
  const GuestSpace made = guest("a");
  run(made, {"true"});
  EXPECT_EQ(here(), before);
}

TEST_F(OsGuestSpace, LetsNoMountOut) {
  const int status = run_with_shared_mounts([] {
    const std::string mounts = read_file("/proc/self/mounts");
    const GuestSpace made = guest("a");
    return read_file("/proc/self/mounts") == mounts ? 0 : 1;
  });
  EXPECT_EQ(status, 0);
}

TEST_F(OsGuestSpace, IsMadeAHundredTimesInShortTime) {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<GuestSpace> guests;
  for (int i = 0; i < 100; ++i) guests.push_back(guest("g" + std::to_string(i)));
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  // For whoever looks, in the XML output; a busy machine is no failure.
  RecordProperty("milliseconds", static_cast<int>(taken.count() * 1000));
  EXPECT_EQ(run(guests[99], {"uname", "-n"}).output, "g99\n");
}

// ---- programs -----------------------------------------------------------------------------------

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

// ---- stock programs between two guests ----------------------------------------------------------

// left 10.0.0.1, fd00::1 === right 10.0.0.2, fd00::2
struct TwoGuests {
  GuestSpace left = guest("left"), right = guest("right");

  TwoGuests() {
    Netlink(left.network()).add_veth({"eth0", left.network()}, {"eth0", right.network()}, 1500);
    configure(left, "10.0.0.1/24", "fd00::1/64");
    configure(right, "10.0.0.2/24", "fd00::2/64");
  }

  static void configure(const GuestSpace& where, const char* v4, const char* v6) {
    Netlink netlink(where.network());
    netlink.set_up("eth0");
    netlink.add_address("eth0", InterfaceAddress::parse(v4).value());
    netlink.add_address("eth0", InterfaceAddress::parse(v6).value());
    // One of those that every machine allows to everybody.
    netlink.add_route({.to = InterfaceAddress::parse(v4)->prefix(),
                       .interface = "eth0",
                       .congestion_control = "reno"});
  }
};

TEST_F(OsGuestNetwork, PingsWithoutAnyRight) {
  const TwoGuests net;
  for (const char* address : {"10.0.0.2", "fd00::2"}) {
    const Outcome ping = run(net.left, {"ping", "-n", "-c", "3", "-i", "0.05", address});
    EXPECT_EQ(ping.status, 0) << ping.output;
    EXPECT_NE(ping.output.find("3 packets transmitted, 3 received"), std::string::npos)
        << ping.output;
  }
}

// Its file has a capability, where it is installed as usual.
TEST_F(OsGuestNetwork, GivesPingNoRightThatItsFileAsksFor) {
  const TwoGuests net;
  const GuestProcess ping(net.left, {.argv = {"ping", "-n", "10.0.0.2"}});
  EXPECT_TRUE(has_no_right(read_file("/proc/" + std::to_string(ping.pid()) + "/status")));
}

TEST_F(OsGuestNetwork, TracesARouteWithoutAnyRight) {
  const TwoGuests net;
  const Outcome trace = run(net.left, {"traceroute", "-n", "-q", "1", "10.0.0.2"});
  EXPECT_EQ(trace.status, 0) << trace.output;
  EXPECT_NE(trace.output.find(" 1  10.0.0.2 "), std::string::npos) << trace.output;
}

TEST_F(OsGuestNetwork, MeasuresThroughputWithoutAnyRight) {
  const TwoGuests net;
  DescriptorPair line = make_pipe();
  GuestProcess server(net.right, {.argv = {"iperf3", "-s", "-1", "--forceflush"},
                                  .streams = {.output = line.second.get()}});
  line.second.close();
  std::string said;
  while (said.find("listening") == std::string::npos) {
    const std::string letter = next(line.first.get(), 1);
    ASSERT_FALSE(letter.empty()) << said;
    said += letter;
  }
  const Outcome client = run(net.left, {"iperf3", "-c", "10.0.0.2", "-n", "10M"});
  EXPECT_EQ(client.status, 0) << client.output;
  EXPECT_NE(client.output.find("receiver"), std::string::npos) << client.output;
  EXPECT_EQ(server.wait(), 0);
}

// All of it in a sandbox, which an ordinary user can have as well.
TEST(OsGuestInASandbox, PingsBetweenGuests) {
  const auto pings = [] {
    const TwoGuests net;
    const Outcome ping = run(net.left, {"ping", "-n", "-c", "1", "10.0.0.2"});
    const Outcome who = shell(net.left, "id -u; ls -A /run; hostname");
    const std::string id = nobody_exists() ? "65534" : "0";
    if (ping.status == 0 && who.output == id + "\nleft\n") return 0;
    std::fputs((ping.output + who.output).c_str(), stderr);
    return 1;
  };
  std::unique_ptr<Sandbox> sandbox;
  try {
    sandbox = std::make_unique<Sandbox>(pings);
  } catch (const std::system_error& error) {
    GTEST_SKIP() << "needs root or user namespaces: " << error.what();
  }
  EXPECT_EQ(sandbox->wait(), 0);
}

}  // namespace
}  // namespace violin::testing
