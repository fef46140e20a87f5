#include "emulator/agent/guest_set.hh"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "emulator/network/network_plan.hh"
#include "emulator/os/guest_process.hh"
#include "emulator/os/guest_sysctl.hh"
#include "emulator/scenario/node_backend.hh"
#include "tests/realtime/namespace_fixture.hh"
#include "tests/support/scenario_text.hh"

namespace violin::testing {
namespace {

// underlay/a carries the agent of v/h1 ── v/r1 ── v/h2; m is a model.
constexpr const char* kScenario = R"(underlay:
  nodes: {a: {kind: host}, b: {kind: host}}
  links: [{endpoints: [a, b]}]
violins:
  v:
    nodes:
      h1..h2: {kind: host, place: a}
      m: {kind: host, place: a, backend: model}
      r1: {kind: router, place: a}
    links:
      - {endpoints: [h1, r1], mtu: 1400}
      - {endpoints: [r1, h2]}
      - {endpoints: [r1, m]}
)";

class GuestSetTest : public TapTest {
 protected:
  // Those of a slice, as its agent makes them.
  void make(const std::string& slice) { make(slice, guests_, nodes_); }
  void make(const std::string& slice, GuestSet& guests,
            std::vector<std::unique_ptr<Guest>>& nodes) {
    for (size_t i = 0; i < scenario_.nodes.size(); ++i) {
      const NodeSpec& node = scenario_.nodes[i];
      if (slice_of(node) != slice) continue;
      if (backend_under(ClockKind::kReal, node) == Backend::kModel) continue;
      std::unique_ptr<Guest> guest = guests.make(static_cast<int>(i), context_);
      for (const InterfaceSpec& interface : node.interfaces) {
        const LinkSpec& link = scenario_.links[static_cast<size_t>(interface.link)];
        guest->add_nic({interface.name, mac_address_of(node, interface), interface.addresses,
                        link.a_to_b.mtu});
      }
      nodes.push_back(std::move(guest));
    }
    guests.connect();
  }
  std::string output_of(const std::string& node, const std::string& script) const {
    const std::optional<NodePlace> place = guests_.find(node);
    if (!place) return "no such guest";
    DescriptorPair line = make_pipe();
    GuestProcess program(*place->space,
                         {.argv = {"sh", "-c", script}, .streams = {.output = line.second.get()}});
    line.second.close();
    std::string all;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(line.first.get(), buffer, sizeof buffer)) > 0;) {
      all.append(buffer, static_cast<size_t>(got));
    }
    program.wait();
    return all;
  }
  bool says(const std::string& node, const std::string& script, const std::string& part) const {
    const std::string all = output_of(node, script);
    if (all.find(part) != std::string::npos) return true;
    ADD_FAILURE() << part << " is not in\n" << all;
    return false;
  }

  const Scenario scenario_ = test::read(test::with_head(kScenario));
  const NetworkPlan plan_{scenario_};
  ScenarioClock clock_{0};
  Realtime realtime_{clock_};
  LogHistogram lateness_;
  BufferPools pools_;
  Scheduler scheduler_;
  NodeContext context_{scheduler_, pools_, 1};
  GuestSet guests_{plan_, realtime_, lateness_};
  std::vector<std::unique_ptr<Guest>> nodes_;
};

TEST_F(GuestSetTest, HasTheRealNodesOfItsSliceByName) {
  make("a");
  EXPECT_EQ(guests_.names(), (std::vector<std::string>{"v/h1", "v/h2", "v/r1"}));
  EXPECT_TRUE(guests_.find("v/r1"));
  EXPECT_FALSE(guests_.find("v/m")) << "a model";
  EXPECT_FALSE(guests_.find("underlay/a")) << "of another slice";
}

TEST_F(GuestSetTest, GivesGuestsTheInterfacesOfTheScenario) {
  make("a");
  const NodeSpec& h1 = scenario_.nodes[static_cast<size_t>(scenario_.find_node("v/h1"))];
  const InterfaceSpec& eth0 = h1.interfaces.at(0);
  says("v/h1", "ip link show eth0", to_string(mac_address_of(h1, eth0)));
  says("v/h1", "ip link show eth0", "mtu 1400");
  says("v/h1", "ip address show eth0", to_string(eth0.addresses.at(0)));
  says("v/r1", "ls /sys/class/net", "eth0\neth1\neth2\nlo\n");
}

TEST_F(GuestSetTest, RoutesAsThePlanDoes) {
  make("a");
  const int h1 = scenario_.find_node("v/h1");
  const int h2 = scenario_.find_node("v/h2");
  const IpAddress there = plan_.address_for({h1, h2}).value();
  const IpAddress gateway = plan_.address_for({h1, scenario_.find_node("v/r1")}).value();
  says("v/h1", "ip route get " + to_string(there), "via " + to_string(gateway) + " dev eth0");
  EXPECT_EQ(read_sysctl(guests_.find("v/r1")->space->network(), "net.ipv4.ip_forward"), "1");
  EXPECT_EQ(read_sysctl(guests_.find("v/h1")->space->network(), "net.ipv4.ip_forward"), "0");
}

TEST_F(GuestSetTest, GivesGuestsTheNamesOfTheirOwnNetworkOnly) {
  make("a");
  EXPECT_EQ(output_of("v/h2", "uname -n"), "h2\n");
  const std::string hosts = output_of("v/h2", "cat /etc/hosts");
  for (const char* name : {" h1\n", " h2\n", " m\n", " r1\n"}) {
    EXPECT_NE(hosts.find(name), std::string::npos) << hosts;
  }
  EXPECT_EQ(hosts.find(" a\n"), std::string::npos) << hosts;
  EXPECT_EQ(output_of("v/h2", "cat /etc/resolv.conf"), "# No name server in this network.\n");
}

TEST_F(GuestSetTest, LetsOnlyOverlayHostsSeeTheRunDirectoryOfTheirMaker) {
  make("");
  const std::string device = output_of("underlay/a", "stat -c %d /run");
  EXPECT_NE(device, output_of("underlay/b", "stat -c %d /run")) << "nothing is placed on b";
  struct stat ours = {};
  ASSERT_EQ(::stat("/run", &ours), 0);
  EXPECT_EQ(device, std::to_string(ours.st_dev) + "\n");
}

TEST_F(GuestSetTest, ItsNamespacesGoWithIt) {
  uint64_t before = 0;
  {
    GuestSet others(plan_, realtime_, lateness_);
    std::vector<std::unique_ptr<Guest>> nodes;
    make("a", others, nodes);
    before = others.find("v/h1")->space->network().id();
  }
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    const std::string to = std::filesystem::read_symlink(entry.path(), ignored).string();
    EXPECT_NE(to, "net:[" + std::to_string(before) + "]");
  }
}

}  // namespace
}  // namespace violin::testing
