#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "emulator/os/netlink.hh"
#include "tests/realtime/guest_programs.hh"
#include "tests/realtime/namespace_fixture.hh"

// What a guest has of its own.

namespace violin::testing {
namespace {

class OsGuestSpace : public NamespaceTest {};

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

}  // namespace
}  // namespace violin::testing
