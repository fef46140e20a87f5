#include <gtest/gtest.h>

#include <string>

#include "tests/simulation/random_scenario.hh"
#include "tests/simulation/seeds.hh"
#include "tests/support/simulation.hh"

// Networks, links, workloads and events drawn from a seed. Whatever is drawn: no frame appears or
// vanishes at any wire, node or tunnel (checked at the end of every run), every byte that TCP
// delivers is the one that was sent, every transfer ends, and no probe waits less than nothing.

namespace violin::testing {
namespace {

class RandomNetwork : public ::testing::TestWithParam<uint64_t> {};

// A node that goes down forgets its connections, as a machine that crashes does.
bool ends_stay_up(const Scenario& scenario, const WorkloadSpec& spec) {
  for (const EventSpec& event : scenario.events) {
    const auto* down = std::get_if<DownEvent>(&event.what);
    if (down == nullptr || down->node < 0) continue;
    if (down->node == spec.from || down->node == spec.to) return false;
  }
  return true;
}

void expect_whole(const TcpResult& got, const TcpWorkload& asked, const std::string& name) {
  for (const FlowRecord& flow : got.flows) {
    EXPECT_TRUE(flow.finish.has_value()) << name << " did not end";
    EXPECT_EQ(flow.bytes, asked.size->count()) << name;
  }
  EXPECT_TRUE(asked.poisson_per_second || got.flows.size() == 1) << name;
}

void expect_sound(const PingResult& ping, const std::string& name) {
  EXPECT_LE(ping.received, ping.sent) << name;
  for (const PingProbe& probe : ping.probes) {
    EXPECT_TRUE(!probe.rtt || *probe.rtt > Duration()) << name;
    EXPECT_GE(probe.queueing.value_or(Duration()), Duration()) << name;
  }
}

TEST_P(RandomNetwork, KeepsEveryFrameAccountedForAndEveryByteRight) {
  const RandomScenario drawn(GetParam());
  SCOPED_TRACE("SEED=" + std::to_string(GetParam()) + " replays it:\n" + drawn.text());
  Simulation simulation(drawn.text(), {.sampler = true});
  simulation.run();
  const std::vector<WorkloadResult> results = simulation.results();
  for (size_t i = 0; i < results.size(); ++i) {
    const WorkloadSpec& spec = simulation.scenario().workloads[i];
    if (const auto* tcp = std::get_if<TcpWorkload>(&spec.kind)) {
      const auto& got = std::get<TcpResult>(results[i].outcome);
      EXPECT_EQ(got.wrong_bytes, 0) << spec.name;
      EXPECT_EQ(got.flows_refused, 0u) << spec.name;
      if (tcp->size && ends_stay_up(simulation.scenario(), spec))
        expect_whole(got, *tcp, spec.name);
    } else if (const auto* ping = std::get_if<PingResult>(&results[i].outcome)) {
      expect_sound(*ping, spec.name);
    } else if (const auto* udp = std::get_if<UdpResult>(&results[i].outcome)) {
      EXPECT_LE(udp->received, udp->sent) << spec.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomNetwork, ::testing::ValuesIn(seeds(25)));
INSTANTIATE_TEST_SUITE_P(LongSeeds, RandomNetwork, ::testing::ValuesIn(long_seeds(400)));

}  // namespace
}  // namespace violin::testing
