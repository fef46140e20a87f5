#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "tests/support/simulation.hh"

// Events of one instant come in an order that hangs on the seed and on the names of whoever they
// belong to, and on nothing else: not on what stands where in the file, nor on what else is there.

namespace violin::testing {
namespace {

// Six hosts on equal links to one router send at equal instants to a seventh, so that each of their
// datagrams meets five others at the same nanosecond; in which order they cross the last wire is
// what its digest tells. Everything that would hang on the order of the file is written out.
//
//     h1 … h6 ── r ── c
struct Star {
  std::vector<int> hosts{1, 2, 3, 4, 5, 6};
  std::string nodes, links, workloads;  // more of them, before the others
  uint64_t seed = 1;

  std::string text() const {
    std::string node_lines = nodes, link_lines = links, workload_lines = workloads;
    for (const int host : hosts) {
      const std::string n = std::to_string(host);
      node_lines += "      h" + n + ": { kind: host }\n";
      link_lines += "      - { endpoints: [{ node: h" + n + ", address: [10.0." + n +
                    ".1/24] }, { node: r, interface: eth" + n + ", address: [10.0." + n +
                    ".2/24] }], rate: 10 Mbit/s, delay: 1 ms }\n";
      workload_lines += "  - { name: u" + n + ", udp: { from: v1/h" + n +
                        ", to: v1/c, rate: 1 Mbit/s, size: 500 B, at: 100 ms, duration: 500 ms, "
                        "port: 600" +
                        n + " } }\n";
    }
    return "violin: 1\nname: star\nduration: 1 s\nseed: " + std::to_string(seed) +
           "\nviolins:\n  v1:\n    nodes:\n" + node_lines +
           "      r: { kind: router }\n      c: { kind: host }\n    links:\n" + link_lines +
           "      - { endpoints: [{ node: r, interface: eth9, address: [10.0.9.2/24] }, { node: c, "
           "address: [10.0.9.1/24] }], rate: 10 Mbit/s, delay: 1 ms }\nworkloads:\n" +
           workload_lines;
  }
  WireDigests digests() const {
    Simulation simulation(text());
    simulation.run();
    return simulation.digests();
  }
};

// Wires that both have did the same; which do not is said.
std::string changed(const WireDigests& before, WireDigests after) {
  std::erase_if(after, [&](const auto& wire) { return !before.contains(wire.first); });
  return difference(before, after);
}

TEST(Rank, TheOrderWithinOneInstantIsNotThatOfTheFile) {
  const Star star;
  Star backwards = star;
  std::reverse(backwards.hosts.begin(), backwards.hosts.end());
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    Star first = star, second = backwards;
    first.seed = second.seed = seed;
    EXPECT_EQ(difference(first.digests(), second.digests()), "") << "seed " << seed;
  }
}

TEST(Rank, UnrelatedNodesAndLinksBeforeTheOthersChangeNoOrderWithinOneInstant) {
  const WireDigests alone = Star().digests();
  Star more;
  for (int i = 1; i <= 5; ++i) {
    const std::string n = std::to_string(i);
    more.nodes += "      x" + n + ": { kind: host }\n      y" + n + ": { kind: host }\n";
    more.links += "      - { endpoints: [{ node: x" + n + ", address: [10.1." + n +
                  ".1/24] }, { node: y" + n + ", address: [10.1." + n +
                  ".2/24] }], delay: 1 ms }\n";
    // Busy at the very instants of the others.
    more.workloads += "  - { name: z" + n + ", udp: { from: v1/x" + n + ", to: v1/y" + n +
                      ", rate: 1 Mbit/s, size: 500 B, at: 100 ms, duration: 500 ms } }\n";
    EXPECT_EQ(changed(alone, more.digests()), "") << i << " pairs more";
  }
}

TEST(Rank, NobodyIsFavouredByItsNameOrPlaceForTheSeedShufflesTheOrder) {
  std::set<std::string> orders, firsts;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    Star star;
    star.seed = seed;
    Simulation simulation(star.text());
    simulation.run();
    // Who crosses the last wire behind others has the longer delay.
    std::map<Duration, std::string> by_delay;
    for (const WorkloadResult& result : simulation.results()) {
      by_delay[std::get<UdpResult>(result.outcome).delay.p50] = result.name;
    }
    ASSERT_EQ(by_delay.size(), 6u) << "they do not meet at one instant";
    std::string order;
    for (const auto& [delay, name] : by_delay) order += name;
    orders.insert(order);
    firsts.insert(by_delay.begin()->second);
  }
  EXPECT_GE(orders.size(), 10u) << "of 720";
  EXPECT_GE(firsts.size(), 3u) << "of 6";
}

}  // namespace
}  // namespace violin::testing
