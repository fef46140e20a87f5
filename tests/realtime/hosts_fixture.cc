#include "tests/realtime/hosts_fixture.hh"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "emulator/os/netlink.hh"

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

// Another time namespace, whose CLOCK_MONOTONIC is ahead.
void move_clock(int64_t seconds) {
  if (unshare(CLONE_NEWTIME) != 0) _exit(125);
  std::ofstream("/proc/self/timens_offsets") << "monotonic " << seconds << " 0\n";
  const FileDescriptor moved = open_file("/proc/self/ns/time_for_children", O_RDONLY);
  if (setns(moved.get(), CLONE_NEWTIME) != 0) _exit(125);
}

void set_up_host(const NetworkNamespace& where, int number) {
  Netlink netlink(where);
  for (const auto& [net, length] : {std::pair{"10.9.0.", "/24"}, {"fd09::", "/64"}}) {
    netlink.add_address("eth0", *InterfaceAddress::parse(net + std::to_string(number) + length));
  }
  netlink.set_up("eth0");
}

}  // namespace

void HostsTest::SetUp() {
  RunTest::SetUp();
  if (IsSkipped() || HasFatalFailure()) return;
  a_.emplace(NetworkNamespace::create());
  b_.emplace(NetworkNamespace::create());
  Netlink(*a_).add_veth({"eth0", *a_}, {"eth0", *b_}, 1500);
  set_up_host(*a_, 1);
  set_up_host(*b_, 2);
  start_agents();
}

void HostsTest::TearDown() {
  agent_a_.reset();
  agent_b_.reset();
  RunTest::TearDown();
}

void HostsTest::start_agents(int64_t b_ahead_seconds) {
  agent_a_.reset();
  agent_b_.reset();
  start_agent(agent_a_, "a.sock", *a_, 0);
  start_agent(agent_b_, "b.sock", *b_, b_ahead_seconds);
}

void HostsTest::start_agent(std::optional<Violin>& agent, const std::string& socket,
                            const NetworkNamespace& where, int64_t ahead_seconds) {
  fs::remove(folder() / socket);
  agent.emplace(std::vector<std::string>{"agent", "--socket", socket}, here([&] {
                  if (setns(where.fd(), CLONE_NEWNET) != 0) _exit(125);
                  if (ahead_seconds != 0) move_clock(ahead_seconds);
                }));
  ASSERT_TRUE(eventually([&] { return fs::exists(folder() / socket); })) << agent->error();
}

}  // namespace violin::testing
