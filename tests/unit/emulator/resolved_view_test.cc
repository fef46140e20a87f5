#include "emulator/command/resolved_view.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "emulator/command/path_view.hh"
#include "emulator/command/scenario_template.hh"
#include "emulator/command/text_layout.hh"
#include "emulator/command/wire_words.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

CheckedScenario checked_of(const std::string& text) {
  return check_scenario({.text = text, .file = "t.yaml", .directory = "."}, {});
}

std::string view_of(const std::string& text, const ViewOptions& options = {}) {
  const CheckedScenario checked = checked_of(text);
  const NetworkPlan plan(checked.scenario);
  return resolved_view(checked, plan, "t.yaml", options);
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

// Two machines, a router between them, a tunnel across; `extra` is more of the file.
std::string two_machines(const std::string& extra) {
  return R"(
violin: 1
name: demo
duration: 20 s
underlay:
  nodes:
    core: { kind: router }
    west: { kind: host, attach: { to: core, rate: 100 Mbit/s, delay: 10 ms } }
    east: { kind: host, attach: { to: core, rate: 10 Mbit/s, delay: 15 ms } }
violins:
  v1:
    nodes:
      h1: { kind: host, place: west }
      s1: { kind: switch, place: west }
      h2: { kind: host, place: east }
    links:
      - { endpoints: [h1, s1], delay: 1 ms }
      - { endpoints: [s1, h2], delay: 2 ms, jitter: 1 ms, "h2->s1": { loss: 1 % } }
)" + extra;
}

TEST(ResolvedView, ShowsTheWayOfAWorkloadWithEveryDelayAndTheCarryingPathInBrackets) {
  const std::string view =
      view_of(two_machines("workloads: [ { name: rtt, ping: { from: v1/h1, to: v1/h2 } } ]"));
  EXPECT_TRUE(
      has_line(view, "      to 10.0.0.2: h1 ─1ms→ s1 ─2ms→ [west ─10ms→ core ─15ms→ east] h2"))
      << view;
  // 56 ms of delay, and 266 bytes per direction at 100 and 10 Mbit/s, and the tunnel's costs.
  EXPECT_NE(view.find("unloaded round trip 56."), std::string::npos) << view;
  EXPECT_NE(view.find("slowest underlay/east--core.core->east, 10 Mbit/s"), std::string::npos);
}

TEST(ResolvedView, ShowsBothDirectionsOfALinkWhereTheyDiffer) {
  const std::string view = view_of(two_machines(""));
  EXPECT_TRUE(has_line(view, "  s1--h2  s1->h2     2 ms   unlimited")) << view;
  EXPECT_TRUE(has_line(view, "      jitter stddev 1 ms, distribution normal"));
  EXPECT_TRUE(has_line(view, "          h2->s1     2 ms   unlimited"));
  EXPECT_TRUE(has_line(view, "      jitter stddev 1 ms, distribution normal, loss random 1 %"));
  EXPECT_EQ(view.find("h1--s1  h1->s1"), std::string::npos);
}

TEST(ResolvedView, NamesAddressesAndMacsAsTheNetworkWillHaveThem) {
  const CheckedScenario checked = checked_of(two_machines(""));
  const NodeSpec& h1 =
      checked.scenario.nodes[static_cast<size_t>(checked.scenario.find_node("v1/h1"))];
  const std::string view = view_of(two_machines(""));
  EXPECT_NE(view.find("10.0.0.1/24"), std::string::npos) << view;
  EXPECT_NE(view.find(to_string(mac_address_of(h1, h1.interfaces[0]))), std::string::npos);
}

TEST(ResolvedView, SaysForEachClockWhetherItRuns) {
  EXPECT_TRUE(has_line(view_of(two_machines("")), "  virtual  runs"));
  const std::string exec = view_of(two_machines(
      "workloads: [ { name: probe, exec: { node: v1/h1, command: [ls, my file] } } ]"));
  EXPECT_NE(exec.find("refused: exec runs real programs"), std::string::npos) << exec;
  EXPECT_TRUE(has_line(exec, "  v1/h1 as an unprivileged user: ls 'my file'")) << exec;
  EXPECT_NE(exec.find("  real     runs; needs root"), std::string::npos);
}

TEST(ResolvedView, WarnsOfIslandsSlowLinksAndOverload) {
  const std::string view = view_of(R"(
violin: 1
name: demo
duration: 20 s
violins:
  v1:
    nodes: { a: { kind: host }, b: { kind: host }, lonely: { kind: host } }
    links: [ { endpoints: [a, b], rate: 64 kbit/s, delay: 1 ms } ]
workloads: [ { name: flood, udp: { from: v1/a, to: v1/b, rate: 1 Mbit/s } } ]
)");
  EXPECT_TRUE(has_line(view, "  v1 falls into 2 islands that no link joins: a, b | lonely"))
      << view;
  EXPECT_NE(view.find("a full frame of 1514 B takes 189"), std::string::npos) << view;
  EXPECT_NE(view.find("flood offers 1 Mbit/s, but v1/a--b.a->b carries 64 kbit/s"),
            std::string::npos);
}

TEST(ResolvedView, WarnsOfWorkloadsThatTheMeasureWindowMisses) {
  const auto warned = [](const std::string& window, const std::string& ping) {
    return view_of(two_machines("measure: " + window +
                                "\nworkloads: [ { name: w, ping: { from: v1/h1, to: v1/h2, " +
                                ping + " } } ]"))
               .find("w is not active within") != std::string::npos;
  };
  EXPECT_TRUE(warned("1 s..2 s", "count: 1"));
  EXPECT_TRUE(warned("1 s..2 s", "at: 2 s, count: 1"));
  EXPECT_FALSE(warned("1 s..2 s", "at: 1 s, count: 1"));
  EXPECT_FALSE(warned("0 s..2 s", "count: 1"));
}

TEST(ResolvedView, WarnsOfQueuesAndBuffersThatCannotFillThePath) {
  const auto line = [](const std::string& queue, const std::string& buffer) {
    return view_of(R"(
violin: 1
name: demo
duration: 20 s
violins:
  v1:
    nodes: { a: { kind: host }, b: { kind: host } }
    links: [ { endpoints: [a, b], rate: 100 Mbit/s, delay: 50 ms, queue: { limit: )" +
                   queue + R"( } } ]
workloads: [ { name: t, tcp: { from: v1/a, to: v1/b, duration: 5 s, send_buffer: )" +
                   buffer + " } } ]\n");
  };
  // 100 Mbit/s x 100 ms are 1.25 MB, of which CUBIC needs 0.54 MB as queue.
  EXPECT_EQ(line("600 packets", "8 MiB").find("warnings"), std::string::npos);
  EXPECT_NE(line("300 packets", "8 MiB").find("is shorter than cubic needs"), std::string::npos);
  EXPECT_NE(line("600 packets", "1 MB").find("hold less than the path does"), std::string::npos);
}

TEST(ResolvedView, DescribesAHundredThousandHostsInAFewPages) {
  const std::string text =
      scenario_text("random", {{"routers", 1000}, {"degree", 4}, {"hosts", 100}});
  const std::string view = view_of(text);
  EXPECT_LT(view.size(), 40'000u);
  EXPECT_NE(view.find("100000 hosts"), std::string::npos);
  EXPECT_NE(view.find("more (--all shows them)"), std::string::npos);
}

TEST(ResolvedView, StaysWithinAHundredColumns) {
  for (const ScenarioTemplate& one : scenario_templates()) {
    std::istringstream lines(view_of(scenario_text(one.kind)));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(text_width(line), kTerminalColumns) << one.kind << ": " << line;
    }
  }
}

TEST(ResolvedView, SaysWhatASweepIsMadeOf) {
  const CheckedScenario checked =
      checked_of(two_machines("params: { a: x }\nsweep: { a: [x, y], seed: 1..10 }\n"));
  EXPECT_EQ(sweep_words(checked), "20 points: a = x, y; seed = 1 … 10 (10)");
  EXPECT_EQ(sweep_words(checked_of(two_machines(""))), "");
}

std::string error_of(const std::string& text) {
  try {
    checked_of(text);
  } catch (const InputError& error) {
    return error.message();
  }
  return "no error";
}

TEST(ScenarioCheck, ReadsEveryCombinationOfTheSweep) {
  const std::string error =
      error_of(two_machines("params: { r: 1 s }\nsweep: { r: [1 s, 30 s] }\n"
                            "events: [ { at: $r, down: v1/h1 } ]\n"));
  EXPECT_NE(error.find("30 s"), std::string::npos) << error;
}

TEST(ScenarioCheck, RefusesUnknownMetricsAndWorkloadsWithoutAWay) {
  const std::string unknown = error_of(two_machines("expect: [ rtt.loss <= 1 % ]"));
  EXPECT_NE(unknown.find("rtt.loss"), std::string::npos) << unknown;
  const std::string no_way = error_of(R"(
violin: 1
name: demo
duration: 20 s
violins:
  v1:
    nodes: { a: { kind: host }, b: { kind: host }, r: { kind: router } }
    links: [ { endpoints: [a, r] } ]
workloads: [ { name: rtt, ping: { from: v1/a, to: v1/b } } ]
)");
  EXPECT_EQ(no_way, "there is no route for the workload rtt from v1/a to v1/b and back");
}

TEST(PathView, KnowsTheWayBackAndTheCapacityOfQueues) {
  EXPECT_TRUE(is_way_back({{1, true}, {2, false}}, {{2, true}, {1, false}}));
  EXPECT_FALSE(is_way_back({{1, true}, {2, false}}, {{2, false}, {1, false}}));
  EXPECT_FALSE(is_way_back({{1, true}}, {}));
  EXPECT_EQ(bandwidth_delay_product(BitRate::megabits_per_second(100'000), Duration::seconds(10)),
            Bytes(125'000'000'000));
  WireSpec wire;
  EXPECT_FALSE(queue_capacity(wire));
  wire.rate = BitRate::megabits_per_second(8);
  EXPECT_EQ(queue_capacity(wire), Bytes(1'514'000));
  wire.queue.limit = TimeLimit{Duration::milliseconds(100)};
  EXPECT_EQ(queue_capacity(wire), Bytes(100'000));
}

TEST(PlaneView, SaysAQueueInWords) {
  EXPECT_EQ(queue_words({}), "droptail, 1000 packets");
  QueueSpec queue;
  queue.kind = QueueSpec::Kind::kCodel;
  queue.limit = TimeLimit{Duration::milliseconds(100)};
  queue.ecn = true;
  EXPECT_EQ(queue_words(queue), "codel, 100 ms, ecn true, target 5 ms, interval 100 ms");
}

}  // namespace
}  // namespace violin
