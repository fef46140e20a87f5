#include "emulator/uml/uml_guest.hh"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "emulator/guest_init/guest_layout.hh"
#include "emulator/uml/uml_process.hh"
#include "tests/support/temporary_folder.hh"
#include "tests/uml/channel_text.hh"
#include "tests/uml/leftovers.hh"
#include "tests/uml/uml_fixture.hh"

// Guests with a Linux kernel of their own, without a network yet: they boot, do as ordered, and are
// gone.

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMs = 1'000'000;

TEST_F(Uml, RunsProgramsOfTheMachineOnAKernelOfItsOwn) {
  add_job({"uname", "-n", "-r"});
  add_job({"sh", "-c", "echo out; echo err >&2; exit 7"});
  add_job({"sh", "-c", "kill -9 $$"});
  add_job({"id", "-u"});
  add_job({"id", "-u"}, true);
  add_job({"/no/such/program"});
  add_job({"/etc/passwd"});
  const UmlGuest guest = run();
  utsname here = {};
  uname(&here);
  EXPECT_TRUE(guest.output(0).starts_with("h1 6.12.")) << guest.output(0);
  EXPECT_NE(guest.output(0), std::string("h1 ") + here.release + "\n");
  EXPECT_EQ(guest.output(1), "out\n");
  EXPECT_EQ(guest.errors(1), "err\n");
  EXPECT_EQ(guest.output(3), "65534\n");
  EXPECT_EQ(guest.output(4), "0\n");
  const std::vector<GuestJournal::Job> jobs = guest.journal().jobs;
  EXPECT_EQ(jobs[0].status, 0);
  EXPECT_EQ(jobs[1].status, 7);
  EXPECT_EQ(jobs[2].status, 128 + SIGKILL);
  using State = GuestJournal::JobState;
  EXPECT_EQ(jobs[0].state, State::kEnded);
  EXPECT_EQ(jobs[5].state, State::kMissing);
  EXPECT_EQ(jobs[6].state, State::kRefused);
  EXPECT_EQ(jobs[6].why, "cannot execute the program: Permission denied");
}

TEST_F(Uml, HasRootWhoMayDoWhatRootMay) {
  add_job({"sh", "-c", "mkdir /m && mount -t tmpfs none /m && hostname other && hostname"}, true);
  add_job({"stat", "-c", "%u", "/etc/passwd"});
  const UmlGuest guest = run();
  EXPECT_EQ(guest.output(0), "other\n") << guest.errors(0);
  if (!nobody_exists()) return;
  EXPECT_EQ(guest.output(1), "0\n") << "files belong to whom they belong";
}

TEST_F(Uml, HasTheNetworkSettingsAndFilesOfItsOrder) {
  options_.kernel_arguments = {"dummy.numdummies=1"};
  options_.order.interfaces = {
      {"dummy0",
       1400,
       {*InterfaceAddress::parse("10.0.0.1/24"), *InterfaceAddress::parse("fd00::1/64")}}};
  options_.order.routes = {
      {*IpPrefix::parse("0.0.0.0/0"), IpAddress::parse("10.0.0.254"), "dummy0"},
      {*IpPrefix::parse("fd01::/64"), IpAddress::parse("fd00::2"), "dummy0"}};
  options_.order.sysctls = {{"net.ipv4.ip_forward", "1"}};
  options_.order.files = {{"/etc/hosts", "10.0.0.1 h1\n"}, {"/etc/new/folder/file", "text\n"}};
  add_job({"ip", "-brief", "address", "show", "dev", "dummy0"});
  add_job({"ip", "route"});
  add_job({"ip", "-6", "route", "get", "fd01::1"});
  add_job({"cat", "/proc/sys/net/ipv4/ip_forward", "/sys/class/net/dummy0/mtu"});
  add_job({"cat", "/etc/hosts", "/etc/new/folder/file"});
  add_job({"ping", "-c", "1", "-W", "1", "127.0.0.1"});
  add_job({"ls", "/sys/class/net"});
  add_job({"cat", "/proc/sys/net/ipv6/conf/dummy0/accept_dad"});
  const UmlGuest guest = run();
  EXPECT_NE(guest.output(0).find("10.0.0.1/24 fd00::1/64"), std::string::npos) << guest.output(0);
  EXPECT_NE(guest.output(1).find("default via 10.0.0.254 dev dummy0"), std::string::npos)
      << guest.output(1);
  EXPECT_NE(guest.output(2).find("via fd00::2 dev dummy0"), std::string::npos) << guest.output(2);
  EXPECT_EQ(guest.output(3), "1\n1400\n");
  EXPECT_EQ(guest.output(4), "10.0.0.1 h1\ntext\n");
  EXPECT_EQ(guest.journal().jobs[5].status, 0) << guest.output(5) << guest.errors(5);
  EXPECT_EQ(guest.output(7), "0\n") << "it probes for no duplicates of its addresses";
  EXPECT_EQ(guest.output(6).find("ifb"), std::string::npos) << guest.output(6);
}

TEST_F(Uml, StartsJobsAtTheirTimesAndEndsWhatStillRuns) {
  add_job({"true"}, false, 100 * kMs);
  add_job({"sleep", "1000"}, false, 50 * kMs);
  add_job({"true"});
  add_job({"true"}, false, 1'000'000 * kMs);
  options_.order.end_ns = 200 * kMs;
  const UmlGuest guest = run();
  const GuestJournal journal = guest.journal();
  using State = GuestJournal::JobState;
  EXPECT_EQ(journal.jobs[0].state, State::kEnded);
  EXPECT_EQ(journal.jobs[1].status, 128 + SIGINT) << "it was interrupted when the end came";
  EXPECT_EQ(journal.jobs[2].state, State::kEnded);
  EXPECT_EQ(journal.jobs[3].state, State::kWaiting);
  EXPECT_GE(journal.jobs[0].began_ns - journal.ready_ns, 100 * kMs);
  EXPECT_GE(journal.jobs[1].began_ns - journal.ready_ns, 50 * kMs);
  EXPECT_LT(journal.jobs[2].began_ns, journal.jobs[1].began_ns);
}

TEST_F(Uml, InterruptsAJobAtItsTimeAndKillsWhoDoesNotMind) {
  options_.kernel_arguments = {"time-travel=inf-cpu"};
  add_job({"sleep", "1000"});
  options_.order.jobs.back().stop_ns = 100 * kMs;
  add_job({"sh", "-c", "trap '' INT; sleep 1000"});
  options_.order.jobs.back().stop_ns = 200 * kMs;
  const GuestJournal journal = run().journal();
  const auto ran = [&](size_t job) { return journal.jobs[job].ended_ns - journal.ready_ns; };
  EXPECT_EQ(journal.jobs[0].status, 128 + SIGINT);
  EXPECT_GE(ran(0), 100 * kMs);
  EXPECT_LT(ran(0), 110 * kMs);
  EXPECT_EQ(journal.jobs[1].status, 128 + SIGKILL);
  EXPECT_GE(ran(1), 700 * kMs);
  EXPECT_LT(ran(1), 710 * kMs);
}

TEST_F(Uml, StaysUntilItsEndAlsoWithoutAJob) {
  options_.kernel_arguments = {"time-travel=inf-cpu"};
  options_.order.end_ns = 5'000 * kMs;
  add_job({"true"});
  const UmlGuest guest = run();
  EXPECT_TRUE(guest.journal().done);
  const size_t last = guest.console().rfind("Power down");
  EXPECT_NE(last, std::string::npos) << guest.console();
}

TEST_F(Uml, CountsFromTheInstantItIsTold) {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  options_.order.zero_ns = (now.tv_sec + 3) * 1000 * kMs;
  add_job({"true"}, false, 10 * kMs);
  const GuestJournal journal = run().journal();
  EXPECT_LT(journal.ready_ns, *options_.order.zero_ns) << "it took three seconds to boot";
  EXPECT_GE(journal.jobs[0].began_ns, *options_.order.zero_ns + 10 * kMs);
}

TEST_F(Uml, TakesNoWallTimeForWaitingUnderAVirtualClock) {
  constexpr int64_t kDay = 86'400'000 * kMs;
  options_.kernel_arguments = {"time-travel=inf-cpu"};
  add_job({"sleep", "1d"});
  add_job({"true"}, false, 10 * kDay);
  const GuestJournal journal = run().journal();
  EXPECT_GE(journal.jobs[0].ended_ns - journal.jobs[0].began_ns, kDay);
  EXPECT_LT(journal.jobs[0].ended_ns - journal.jobs[0].began_ns, kDay + 100 * kMs);
  EXPECT_GE(journal.jobs[1].began_ns - journal.ready_ns, 10 * kDay);
  EXPECT_LT(journal.jobs[1].began_ns - journal.ready_ns, 10 * kDay + kMs);
}

// What its devices are is not the guest's business but that of whoever listens.
TEST_F(Uml, FindsTheSocketsOfItsDevices) {
  options_.sockets = {"eth0"};
  options_.kernel_arguments = {std::string("virtio_uml.device=") + kCellSockets + "/eth0:1"};
  UmlGuest guest = start();
  pollfd caller = {.fd = guest.listener(0).get(), .events = POLLIN};
  ASSERT_EQ(poll(&caller, 1, 10'000), 1) << guest.console();
  const FileDescriptor connection(accept(guest.listener(0).get(), nullptr, nullptr));
  ucred peer = {};
  socklen_t size = sizeof peer;
  ASSERT_EQ(getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size), 0);
  EXPECT_EQ(peer.uid, nobody_exists() ? 65534 : geteuid());
  uint32_t request = 0;
  ASSERT_EQ(read(connection.get(), &request, sizeof request), ssize_t{sizeof request});
  EXPECT_EQ(request, 3u) << "VHOST_USER_SET_OWNER, which is how a driver begins";
}

TEST_F(Uml, KeepsItsChangesToItself) {
  add_job({"sh", "-c", "rm /etc/passwd && echo text > /usr/bin/violin-was-here && mkdir /new"},
          true);
  add_job({"sh", "-c", "cat /usr/bin/violin-was-here; ls -d /new; cat /etc/passwd"}, false,
          500 * kMs);
  const UmlGuest guest = run();
  EXPECT_EQ(guest.journal().jobs[0].status, 0) << guest.errors(0);
  EXPECT_EQ(guest.output(1), "text\n/new\n");
  EXPECT_TRUE(fs::exists("/etc/passwd"));
  EXPECT_FALSE(fs::exists("/usr/bin/violin-was-here"));
  EXPECT_FALSE(fs::exists("/new"));
}

TEST_F(Uml, IsBoundedInWhatItWrites) {
  options_.results_mib = 2;
  add_job({"dd", "if=/dev/zero", "bs=64k", "count=200"});
  add_job({"sh", "-c", "echo still here"}, false, 2000 * kMs);
  UmlGuest guest = start();
  guest.wait();
  EXPECT_LE(guest.output(0, 8 << 20).size(), size_t{2} << 20);
}

TEST_F(Uml, SaysWhichPartOfItsOrderItCannotDo) {
  options_.order.interfaces = {{"eth7", 0, {}}};
  UmlGuest guest = start();
  EXPECT_EQ(guest.wait(), UmlEnding::kFailed);
  EXPECT_NE(guest.journal().failure.find("eth7"), std::string::npos) << guest.journal().failure;
  EXPECT_FALSE(guest.journal().ready);
}

TEST_F(Uml, PanicIsNoticedAndToldByItsConsole) {
  add_job({"sh", "-c", "echo c > /proc/sysrq-trigger"}, true);
  const Leftovers before;
  UmlGuest guest = start();
  EXPECT_EQ(guest.wait(), UmlEnding::kPanicked);
  EXPECT_NE(guest.last_words(50).find("Kernel panic"), std::string::npos) << guest.console();
  EXPECT_LT(guest.last_words(1).size(), guest.last_words(2).size());
  EXPECT_TRUE(guest.journal().ready) << "what it said before is known";
  EXPECT_EQ(Leftovers::since(before), "");
}

TEST_F(Uml, GoesOnWhenAnotherPanics) {
  options_.order.stay = true;
  UmlGuest other = start();
  UmlProcess counting(other.channel(), {.argv = {"cat"}});
  options_.order.stay = false;
  add_job({"sh", "-c", "echo c > /proc/sysrq-trigger"}, true);
  UmlGuest guest = start();
  EXPECT_EQ(guest.wait(), UmlEnding::kPanicked);
  EXPECT_FALSE(other.finished());
  write_all(counting.streams().input, "still here\n");
  EXPECT_EQ(read_line(counting.streams().output), "still here\n");
}

TEST_F(Uml, PowerOffBeforeItsJobsHaveEndedIsNoSuccess) {
  add_job({"sh", "-c", "echo o > /proc/sysrq-trigger; sleep 100"}, true);
  UmlGuest guest = start();
  EXPECT_EQ(guest.wait(), UmlEnding::kPoweredOff) << guest.console();
}

TEST_F(Uml, HostileRootReadsNoSecretAndWritesNoFile) {
  const TemporaryFolder outside;
  const std::string secret = outside.path() / "secret", open_folder = outside.path() / "open";
  std::ofstream(secret) << "text";
  chmod(secret.c_str(), 0644);
  fs::create_directory(open_folder);
  chmod(open_folder.c_str(), 0777);
  chmod(outside.path().c_str(), 0755);
  options_.exposed = {VIOLIN_HOSTILE_GUEST};
  add_job({VIOLIN_HOSTILE_GUEST, secret, "/etc/shadow", "/root/.bashrc", "/var/lib/dpkg/status",
           "/dev/vda", ",", open_folder, "/tmp", "/var/tmp", "/etc", "/usr/bin", "/dev/shm",
           "/violin/boot", "/"},
          true);
  const UmlGuest guest = run();
  const std::string said = guest.output(0);
  for (const char* control : {"control: read /etc/passwd: yes\n", "control: write in /etc: yes\n",
                              "mount hostfs at /: yes\n", "control: read /anew0/etc/passwd: yes\n",
                              "tried everything\n"}) {
    EXPECT_NE(said.find(control), std::string::npos) << control << "\nin\n" << said;
  }
  std::istringstream lines(said);
  size_t refused = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("read ") && !line.starts_with("write in ")) continue;
    EXPECT_FALSE(line.ends_with(": yes")) << line;
    ++refused;
  }
  EXPECT_GE(refused, 5u + 4 * (5 + 8)) << said;
  EXPECT_FALSE(fs::exists(open_folder + "/violin-was-here"));
  EXPECT_NE(said.find("plant a link: yes\n"), std::string::npos) << said;
  EXPECT_EQ(guest.errors(0), "") << "a link in place of a result was followed";
}

TEST_F(Uml, ManyAtATimeDoNotMeet) {
  add_job({"sh", "-c", "echo $$ > /tmp/mine; cat /tmp/mine; hostname"});
  std::vector<UmlGuest> guests;
  for (int i = 0; i < 5; ++i) {
    options_.order.hostname = "h" + std::to_string(i);
    guests.push_back(start());
  }
  for (size_t i = 0; i < guests.size(); ++i) {
    EXPECT_EQ(guests[i].wait(), UmlEnding::kDone) << guests[i].console();
    EXPECT_NE(guests[i].output(0).find("h" + std::to_string(i) + "\n"), std::string::npos);
  }
}

TEST_F(Uml, LeavesNothing) {
  const Leftovers before;
  add_job({"true"});
  run();
  EXPECT_EQ(Leftovers::since(before), "") << "when it is done";
  add_job({"sleep", "1000"});
  {
    UmlGuest running = start();
    ASSERT_TRUE(eventually([&] { return running.journal().ready; })) << running.console();
  }
  EXPECT_EQ(Leftovers::since(before), "") << "when it is destroyed";
  UmlGuest killed = start();
  killed.kill();
  EXPECT_EQ(killed.wait(), UmlEnding::kKilled);
  EXPECT_EQ(Leftovers::since(before), "") << "when it is killed";
}

TEST_F(Uml, LeavesNothingWhenItsOwnerIsKilled) {
  const Leftovers before;
  add_job({"sleep", "1000"});
  KilledOwner owner([this] {
    UmlGuest guest = start();
    for (;;) pause();
  });
  // The process outside, process 1, the kernel and programs of the guest.
  ASSERT_TRUE(eventually([&] { return owner.descendants() >= 5; })) << owner.descendants();
  owner.kill();
  EXPECT_TRUE(KilledOwner::all_buried());
  EXPECT_EQ(Leftovers::since(before), "");
}

}  // namespace
}  // namespace violin::testing
