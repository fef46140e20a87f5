#include "emulator/os/sandbox.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "emulator/os/netlink.hh"
#include "emulator/os/network_namespace.hh"
#include "tests/realtime/namespace_fixture.hh"

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

// A sandbox needs root, or user namespaces for everybody.
class OsSandbox : public ::testing::Test {
 protected:
  void SetUp() override {
    try {
      Sandbox([] { return 0; }).wait();
    } catch (const std::system_error& error) {
      GTEST_SKIP() << "needs root or user namespaces: " << error.what();
    }
  }
};

// Until the condition holds, at most 10 s; looks again every 10 ms.
template <class Condition>
bool eventually(const Condition& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    poll(nullptr, 0, 10);
  }
  return true;
}

// The kinds of namespace a sandbox has of its own.
constexpr const char* kKinds[] = {"pid", "mnt", "net", "uts", "ipc"};

// "net:[4026531840]" and the like. Processes end while we look: then nothing.
std::set<std::string> namespaces_of(const fs::path& process) {
  std::set<std::string> found;
  for (const char* kind : kKinds) {
    std::error_code gone;
    const fs::path link = fs::read_symlink(process / "ns" / kind, gone);
    if (!gone) found.insert(link.string());
  }
  return found;
}

std::set<std::string> namespaces_of(pid_t process) {
  return namespaces_of(fs::path("/proc") / std::to_string(process));
}

// Whether any process there is, is in one of them.
bool any_in_use(const std::set<std::string>& names) {
  for (const auto& process : fs::directory_iterator("/proc")) {
    for (const std::string& name : namespaces_of(process.path())) {
      if (names.contains(name)) return true;
    }
  }
  return false;
}

TEST_F(OsSandbox, RunsBodyInNamespacesOfItsOwnAndTellsItsStatus) {
  const std::set<std::string> outside = namespaces_of(getpid());
  Sandbox sandbox([&] {
    for (const std::string& name : namespaces_of(getpid())) {
      if (outside.contains(name)) return 1;
    }
    return getppid() == 1 ? 42 : 2;
  });
  EXPECT_EQ(sandbox.wait(), 42);
}

TEST_F(OsSandbox, HasTheNetworkOfItsOwnerWhereThatIsAskedFor) {
  Sandbox::Options options;
  options.own_network = false;
  const uint64_t outside = NetworkNamespace::current().id();
  Sandbox shared([outside] { return NetworkNamespace::current().id() == outside ? 7 : 8; },
                 options);
  EXPECT_EQ(shared.wait(), 7);
  Sandbox own([outside] { return NetworkNamespace::current().id() == outside ? 7 : 8; });
  EXPECT_EQ(own.wait(), 8);
}

TEST_F(OsSandbox, TellsTheSignalThatEndedBody) {
  Sandbox sandbox([] { return raise(SIGUSR1); });
  EXPECT_EQ(sandbox.wait(), 128 + SIGUSR1);
}

TEST_F(OsSandbox, ShowsItsOwnProcessesAndAnEmptyRunDirectory) {
  Sandbox sandbox([] {
    int processes = 0;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      if (std::isdigit(entry.path().filename().string()[0])) ++processes;
    }
    if (processes != 2) return 1;  // PID 1 and this
    if (!fs::is_empty("/run")) return 2;
    std::ofstream("/run/file") << "x";
    if (!fs::exists("/run/file")) return 3;
    return if_nametoindex("lo") == 1 && if_nametoindex("eth0") == 0 ? 0 : 4;
  });
  EXPECT_EQ(sandbox.wait(), 0);
  EXPECT_FALSE(fs::exists("/run/file"));
}

TEST_F(OsSandbox, LetsNoMountOut) {
  if (const auto reason = missing_rights()) GTEST_SKIP() << *reason;
  const int status = run_with_shared_mounts([] {
    const std::string mounts = read_file("/proc/self/mounts");
    Sandbox sandbox([] { return mount("tmpfs", "/mnt", "tmpfs", 0, "") == 0 ? 0 : 1; });
    if (sandbox.wait() != 0) return 1;
    return read_file("/proc/self/mounts") == mounts ? 0 : 2;
  });
  EXPECT_EQ(status, 0);
}

TEST_F(OsSandbox, SaysWhatCouldNotBeMade) {
  try {
    Sandbox([] { return 0; }, {.run_directory = "/no/such/folder"});
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_EQ(std::string(error.what()),
              "cannot mount /no/such/folder of the sandbox: No such file or directory");
  }
}

// Processes whose parent is gone are PID 1's, and must not stay as zombies, however many die at
// once.
int leave_orphans_that_die_together() {
  constexpr int kOrphans = 20;
  const DescriptorPair names = make_pipe();
  DescriptorPair end = make_pipe();
  const pid_t parent = fork();
  if (parent == 0) {
    end.second.close();
    for (int i = 0; i < kOrphans; ++i) {
      if (fork() != 0) continue;
      const pid_t self = getpid();
      char nothing = 0;
      if (write(names.second.get(), &self, sizeof self) != sizeof self) _exit(1);
      _exit(static_cast<int>(read(end.first.get(), &nothing, 1)));
    }
    _exit(0);
  }
  waitpid(parent, nullptr, 0);
  std::vector<pid_t> orphans(kOrphans);
  for (pid_t& orphan : orphans) {
    if (read(names.first.get(), &orphan, sizeof orphan) != sizeof orphan) return 1;
  }
  end.second.close();
  const auto buried = [](pid_t orphan) { return !fs::exists("/proc/" + std::to_string(orphan)); };
  return eventually([&] { return std::all_of(orphans.begin(), orphans.end(), buried); }) ? 0 : 2;
}

TEST_F(OsSandbox, BuriesItsDead) {
  Sandbox sandbox(leave_orphans_that_die_together);
  EXPECT_EQ(sandbox.wait(), 0);
}

TEST_F(OsSandbox, PassesAnInterruptOnToBody) {
  const DescriptorPair ready = make_pipe();
  Sandbox sandbox([&] {
    static volatile std::sig_atomic_t asked = 0;
    std::signal(SIGTERM, [](int) { asked = 1; });
    if (write(ready.second.get(), "r", 1) != 1) return 1;
    return eventually([] { return asked != 0; }) ? 7 : 2;
  });
  char letter = 0;
  ASSERT_EQ(read(ready.first.get(), &letter, 1), 1);
  EXPECT_FALSE(sandbox.finished());
  sandbox.interrupt();
  pollfd ended = {.fd = sandbox.exit_descriptor(), .events = POLLIN};
  EXPECT_EQ(poll(&ended, 1, 10'000), 1);
  EXPECT_EQ(sandbox.finished(), 7);
}

// What a body does that leaves much behind: processes that ignore every polite signal, each in a
// session of its own, namespaces inside namespaces, interfaces.
int leave_much_behind() {
  std::signal(SIGTERM, SIG_IGN);
  for (int i = 0; i < 3; ++i) {
    if (fork() != 0) continue;
    setsid();
    std::signal(SIGHUP, SIG_IGN);
    for (;;) pause();
  }
  std::vector<NetworkNamespace> guests;
  for (int i = 0; i < 3; ++i) {
    guests.push_back(NetworkNamespace::create());
    Netlink(guests.back()).add_veth({"eth0", guests.back()}, {"eth1", guests.back()}, 1500);
  }
  for (;;) pause();
}

TEST_F(OsSandbox, TakesEverythingInsideWithItWhenDestroyed) {
  std::set<std::string> inside;
  {
    Sandbox sandbox(leave_much_behind);
    inside = namespaces_of(sandbox.pid());
    ASSERT_EQ(inside.size(), std::size(kKinds));
    EXPECT_TRUE(any_in_use(inside));
  }
  EXPECT_FALSE(any_in_use(inside));
}

TEST_F(OsSandbox, LeavesNoProcessWhenBodyEnds) {
  const DescriptorPair told = make_pipe();
  Sandbox sandbox([&] {
    if (fork() == 0) {
      for (;;) pause();
    }
    char letter = 0;
    return read(told.first.get(), &letter, 1) == 1 ? 0 : 1;
  });
  const std::set<std::string> inside = namespaces_of(sandbox.pid());
  EXPECT_TRUE(any_in_use(inside));
  ASSERT_EQ(write(told.second.get(), "x", 1), 1);
  EXPECT_EQ(sandbox.wait(), 0);
  EXPECT_FALSE(any_in_use(inside));
}

// An interface of the sandbox is gone when its cable's other end, in a namespace of ours, is.
TEST_F(OsSandbox, TakesItsInterfacesWithIt) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root: a cable between the sandbox and the outside";
  const NetworkNamespace here = NetworkNamespace::create();
  Netlink netlink(here);
  Sandbox sandbox([]() -> int {
    for (;;) pause();
  });
  {
    // Not held any longer than needed: it would keep the namespace.
    const NetworkNamespace there(
        open_file("/proc/" + std::to_string(sandbox.pid()) + "/ns/net", O_RDONLY));
    netlink.add_veth({"outer", here}, {"inner", there}, 1500);
  }
  ASSERT_TRUE(netlink.link_exists("outer"));
  kill(sandbox.pid(), SIGKILL);
  EXPECT_EQ(sandbox.wait(), 128 + SIGKILL);
  EXPECT_TRUE(eventually([&] { return !netlink.link_exists("outer"); }));
}

// ---- the owner is killed ------------------------------------------------------------------------

// A process that owns a sandbox, to be killed without any warning after a time of our choice, which
// may be while the sandbox is still being made.
class KilledOwner {
 public:
  KilledOwner() {
    // Orphans come to us, so that we can bury them; otherwise their zombies would be somebody's.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_ = fork();
    if (pid_ != 0) return;
    Sandbox sandbox(leave_much_behind);
    for (;;) pause();
  }

  // Lets it live for a while, less than a second.
  void live(std::chrono::microseconds span) {
    const timespec wait = {.tv_nsec = std::chrono::nanoseconds(span).count()};
    ppoll(nullptr, 0, &wait, nullptr);
  }
  void kill() { ::kill(pid_, SIGKILL); }

  // The namespaces of the sandbox that are not those of this process, as far as they were made.
  std::set<std::string> namespaces_inside() const {
    std::set<std::string> all;
    const std::string id = std::to_string(pid_);
    std::ifstream children("/proc/" + id + "/task/" + id + "/children");
    for (pid_t child = 0; children >> child;) all.merge(namespaces_of(child));
    for (const std::string& name : namespaces_of(getpid())) all.erase(name);
    return all;
  }

  // Buries the owner and all it left; false when some of that does not end.
  static bool all_buried() {
    return eventually([] {
      while (waitpid(-1, nullptr, WNOHANG) > 0) {
      }
      return waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
    });
  }

 private:
  pid_t pid_ = -1;
};

TEST_F(OsSandbox, DiesWithItsOwnerHoweverEarlyThatIsKilled) {
  size_t seen = 0;
  // From "not yet made" to "everything runs": a sandbox takes about a millisecond.
  for (int i = 0; i < 200; ++i) {
    KilledOwner owner;
    owner.live(std::chrono::microseconds(i * i / 4));
    const std::set<std::string> inside = owner.namespaces_inside();
    owner.kill();
    ASSERT_TRUE(KilledOwner::all_buried()) << "after round " << i;
    EXPECT_FALSE(any_in_use(inside)) << "after round " << i;
    seen += inside.size();
  }
  EXPECT_GT(seen, 0u) << "every owner was killed before it had made anything";
}

TEST_F(OsSandbox, DiesWithItsOwnerWhenEverythingRuns) {
  KilledOwner owner;
  std::set<std::string> inside;
  ASSERT_TRUE(eventually([&] {
    inside = owner.namespaces_inside();
    return inside.size() == std::size(kKinds);
  }));
  EXPECT_TRUE(any_in_use(inside));
  owner.kill();
  EXPECT_TRUE(KilledOwner::all_buried());
  EXPECT_FALSE(any_in_use(inside));
}

}  // namespace
}  // namespace violin::testing
