#include "emulator/scenario_writer.hh"

#include <gtest/gtest.h>

#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

using test::read;
using test::written;

// Writing says everything a scenario holds, so equal texts are equal scenarios.
void expect_round_trip(const Scenario& scenario) {
  const std::string text = written(scenario);
  const Scenario again = read_scenario({text, "resolved.yaml", "/nowhere"}, {});
  EXPECT_EQ(written(again), text);
  ASSERT_EQ(again.nodes.size(), scenario.nodes.size());
  ASSERT_EQ(again.links.size(), scenario.links.size());
  for (size_t i = 0; i < scenario.links.size(); ++i) {
    EXPECT_EQ(again.links[i].full_name(), scenario.links[i].full_name());
    EXPECT_EQ(again.links[i].a_to_b.queue, scenario.links[i].a_to_b.queue);
    EXPECT_EQ(again.links[i].b_to_a.loss, scenario.links[i].b_to_a.loss);
    EXPECT_EQ(again.links[i].b_to_a.jitter, scenario.links[i].b_to_a.jitter);
  }
  for (size_t i = 0; i < scenario.events.size(); ++i) {
    EXPECT_EQ(again.events[i].text, scenario.events[i].text);
  }
  EXPECT_EQ(again.params, scenario.params);
}

TEST(ScenarioWriter, WritesTheExampleSoThatItReadsBackTheSame) {
  const std::string data = std::string(VIOLIN_SOURCE_DIR) + "/tests/support/data/example.yaml";
  expect_round_trip(read_scenario(load_scenario_source(data), {}));
}

TEST(ScenarioWriter, WritesEveryLinkKeySoThatItReadsBackTheSame) {
  expect_round_trip(read(test::two_hosts(
      "",
      ", rate: 99999999 bit/s, overhead: 24 B, delay: 1234567 ns, jitter: {stddev: 2 ms, "
      "distribution: paretonormal, correlation: 25 %}, loss: {state: {p13: 0.123456 %, p31: 96 %, "
      "p32: 3 %}}, "
      "duplicate: 0.1 %, corrupt: 0.0000001 %, reorder: {percent: 25 %, gap: 5}, "
      "mtu: 9000, queue: {kind: red, min: 3 kB, max: 9 kB, gentle: false, ecn: true}, "
      "\"h2->h1\": {loss: {gemodel: {p: 1 %, r: 3 %, loss_good: 0.1 %}}, queue: {kind: pie, "
      "target: 3 ms}, jitter: 1 ms}")));
  for (const char* queue : {"{kind: codel, target: 1 ms, limit: 7 ms}", "{limit: 3 packets}",
                            "{kind: fq_codel, flows: 7, quantum: 99 B, limit: 77 B}"}) {
    expect_round_trip(read(test::two_hosts("", std::string(", rate: 1 Mbit/s, queue: ") + queue)));
  }
}

TEST(ScenarioWriter, WritesTracesOnceAndInside) {
  const Scenario scenario = read(test::with_head(
      "violins:\n  v1:\n    nodes: {h1..h3: {kind: host}}\n    defaults: {trace: [1, 2, 9]}\n"
      "    links: [{endpoints: [h1, h2]}, {endpoints: [h2, h3], \"b->a\": {trace: [4]}}]\n"));
  expect_round_trip(scenario);
  const std::string text = written(scenario);
  EXPECT_EQ(text.find("[1, 2, 9]"), text.rfind("[1, 2, 9]"));
}

TEST(ScenarioWriter, WritesWorkloadsEventsAndMatricesSoThatTheyReadBackTheSame) {
  const Scenario scenario = read(test::with_head(
      "seed: 18446744073709551615\nbootstrap: 3 s\nparams: {p: 'a$$b: \"c\"', q: ''}\n"
      "underlay: {matrix: rtt.txt, addressing: {pool: ['fd00::/48', 10.0.0.0/8]}}\n"
      "workloads:\n  - {name: a, ping: {from: underlay/n0, to: underlay/n1}}\n"
      "  - {name: b, traceroute: {from: underlay/n0, to: underlay/n1, probes: 1}}\n"
      "  - {name: c, tcp: {from: underlay/n0..n1, to: underlay/n2, size: 1 MB, ecn: true, "
      "arrivals: "
      "{poisson: 0.1 /s}}}\n  - {name: d, udp: {from: underlay/n0, to: underlay/n1, rate: 1 "
      "Mbit/s, "
      "duration: 1 s, poisson: true}}\n"
      "  - {name: e, exec: {node: underlay/n0, command: [sh, -c, 'echo \"$$HOME\" # x'], user: "
      "root}}\n"
      "events:\n  - {at: 1 s, down: underlay/n0, for: 1 s, mode: silent}\n"
      "  - {at: 2 s, set: {link: underlay/n1->n0, rate: unlimited, loss: {random: 1 %, "
      "correlation: 5 "
      "%}, jitter: 0 ms}}\n  - {at: 3 s, up: underlay/n0}\ncapture: all\n"
      "expect: [{check: \"a.x{p=$p} > 1\", fail: 'it costs $$5: \"much\"'}]\n"));
  expect_round_trip(scenario);
  EXPECT_TRUE(scenario.planes[0].is_matrix);
}

TEST(ScenarioWriter, WritesGeneratedTopologiesSoThatTheyReadBackTheSame) {
  expect_round_trip(read(test::with_head(
      "underlay: {topology: {kind: line, routers: 2}}\nviolins:\n  v1: {place: h2, encryption: "
      "aes-256-gcm, routing: none, backend: uml, topology: {kind: clos, spines: 2, leaves: 3, "
      "hosts: "
      "3}}\n  v2: {place: h1, topology: {kind: random, routers: 9, degree: 3}}\n")));
}

}  // namespace
}  // namespace violin
