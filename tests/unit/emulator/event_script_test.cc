#include "emulator/network/event_script.hh"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/simulation.hh"

namespace violin {
namespace {

using namespace literals;
using testing::Simulation;

// A ping each 100 ms over a link of 1 ms, and these events.
std::string with_events(const std::string& events) {
  return "violin: 1\nname: events\nduration: 3 s\nviolins:\n  v1:\n"
         "    nodes: { h1..h2: { kind: host } }\n"
         "    links: [ { name: l, endpoints: [h1, h2], delay: 1 ms } ]\n"
         "workloads: [ { name: rtt, ping: { from: v1/h1, to: v1/h2, count: 20, interval: 100 ms, "
         "timeout: 500 ms } "
         "} ]\n"
         "events:\n" +
         events;
}

// Which of the pings were answered, "+" or "-" each.
std::string answered(Simulation& simulation) {
  simulation.run();
  std::string text;
  for (const PingProbe& probe : simulation.outcome<PingResult>("rtt").probes) {
    text += probe.rtt ? "+" : "-";
  }
  return text;
}

TEST(EventScript, APatchChangesOneDirectionOrBoth) {
  Simulation both(with_events("  - { at: 950 ms, set: { link: v1/l, delay: 5 ms } }\n"));
  both.run();
  EXPECT_EQ(both.outcome<PingResult>("rtt").probes[5].rtt, 2_ms);
  EXPECT_EQ(both.outcome<PingResult>("rtt").probes[15].rtt, 10_ms);
  Simulation one(with_events("  - { at: 950 ms, set: { link: v1/h1->h2, delay: 5 ms } }\n"));
  one.run();
  EXPECT_EQ(one.outcome<PingResult>("rtt").probes[15].rtt, 6_ms);
}

TEST(EventScript, ALinkThatIsDownForAWhileLosesWhatIsSentMeanwhile) {
  for (const char* mode : {"carrier", "silent"}) {
    Simulation simulation(with_events(
        "  - { at: 450 ms, down: v1/l, for: 300 ms, mode: " + std::string(mode) + " }\n"));
    EXPECT_EQ(answered(simulation), "+++++---++++++++++++") << mode;
    // Without carrier the host knows and the wire sees nothing.
    const uint64_t at_wire = simulation.wire("v1/l").counters().drops.of(DropReason::kLinkDown);
    EXPECT_EQ(at_wire, mode == std::string("silent") ? 3u : 0u);
  }
}

TEST(EventScript, ALinkStaysDownUntilItIsSaidToBeUp) {
  Simulation simulation(
      with_events("  - { at: 450 ms, down: v1/l }\n  - { at: 1250 ms, up: v1/l }\n"));
  EXPECT_EQ(answered(simulation), "+++++--------+++++++");
}

TEST(EventScript, ANodeThatIsDownNeitherSendsNorAnswers) {
  Simulation simulation(with_events("  - { at: 450 ms, down: v1/h2, for: 200 ms }\n"));
  EXPECT_EQ(answered(simulation), "+++++--+++++++++++++");
}

TEST(EventScript, EventsOfOneInstantHappenInTheOrderOfTheFile) {
  Simulation simulation(
      with_events("  - { at: 450 ms, set: { link: v1/l, delay: 5 ms } }\n"
                  "  - { at: 450 ms, set: { link: v1/l, delay: 7 ms } }\n"));
  simulation.run();
  EXPECT_EQ(simulation.wire("v1/l").spec().delay, 7_ms);
}

TEST(EventScript, WritesDownWhatItDid) {
  const Scenario scenario =
      test::read(with_events("  - { at: 450 ms, down: v1/l, for: 100 ms }\n"));
  const NetworkPlan plan(scenario);
  Network network(plan);
  EventScript events(network);
  network.add_entity(events.entity());
  network.rank_entities();
  events.start();
  Warp warp;
  network.scheduler().run_until(Time::zero() + 3_s, warp);
  ASSERT_EQ(events.log().size(), 2u);
  EXPECT_EQ(events.log()[0].when, Time::zero() + 450_ms);
  EXPECT_EQ(events.log()[0].kind, "down");
  EXPECT_EQ(events.log()[1].when, Time::zero() + 550_ms);
  EXPECT_EQ(events.log()[1].kind, "up");
  EXPECT_CONTAINS(events.log()[1].text, "end of: ");
}

}  // namespace
}  // namespace violin
