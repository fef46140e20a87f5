#include "emulator/scenario/scenario_writer.hh"

#include <gtest/gtest.h>

#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

using test::read;
using test::written;

void expect_same(const WireSpec& a, const WireSpec& b) {
  EXPECT_EQ(a.rate, b.rate);
  EXPECT_EQ(a.overhead, b.overhead);
  EXPECT_EQ(a.delay, b.delay);
  EXPECT_EQ(a.jitter, b.jitter);
  EXPECT_EQ(a.loss, b.loss);
  EXPECT_EQ(a.duplicate, b.duplicate);
  EXPECT_EQ(a.corrupt, b.corrupt);
  EXPECT_EQ(a.reorder, b.reorder);
  EXPECT_EQ(a.queue, b.queue);
  EXPECT_EQ(a.mtu, b.mtu);
  ASSERT_EQ(a.trace == nullptr, b.trace == nullptr);
  if (a.trace != nullptr) {
    EXPECT_EQ(*a.trace, *b.trace);
  }
}

void expect_same(const NodeSpec& a, const NodeSpec& b) {
  EXPECT_EQ(a.full_name(), b.full_name());
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.backend, b.backend);
  EXPECT_EQ(a.place, b.place);
  EXPECT_EQ(a.coordinates, b.coordinates);
  ASSERT_EQ(a.interfaces.size(), b.interfaces.size());
  for (size_t i = 0; i < a.interfaces.size(); ++i) {
    EXPECT_EQ(a.interfaces[i].name, b.interfaces[i].name);
    EXPECT_EQ(a.interfaces[i].addresses, b.interfaces[i].addresses);
    EXPECT_EQ(a.interfaces[i].link, b.interfaces[i].link);
  }
}

void expect_same(const PlaneSpec& a, const PlaneSpec& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.encryption, b.encryption);
  EXPECT_EQ(a.tunnel_cost, b.tunnel_cost);
  EXPECT_EQ(a.routing, b.routing);
  EXPECT_EQ(a.is_matrix, b.is_matrix);
}

// The topology is compared field by field; the rest by being written the same once more, and by the
// texts that the tests expect in what is written.
void expect_round_trip(const Scenario& scenario) {
  const std::string text = written(scenario);
  const Scenario again = read_scenario({text, "resolved.yaml", "/nowhere"}, {});
  EXPECT_EQ(written(again), text);
  ASSERT_EQ(again.planes.size(), scenario.planes.size());
  ASSERT_EQ(again.nodes.size(), scenario.nodes.size());
  ASSERT_EQ(again.links.size(), scenario.links.size());
  for (size_t i = 0; i < scenario.planes.size(); ++i) {
    expect_same(again.planes[i], scenario.planes[i]);
  }
  for (size_t i = 0; i < scenario.nodes.size(); ++i) {
    expect_same(again.nodes[i], scenario.nodes[i]);
  }
  for (size_t i = 0; i < scenario.links.size(); ++i) {
    EXPECT_EQ(again.links[i].full_name(), scenario.links[i].full_name());
    expect_same(again.links[i].a_to_b, scenario.links[i].a_to_b);
    expect_same(again.links[i].b_to_a, scenario.links[i].b_to_a);
  }
  ASSERT_EQ(again.events.size(), scenario.events.size());
  for (size_t i = 0; i < scenario.events.size(); ++i) {
    EXPECT_EQ(again.events[i].text, scenario.events[i].text);
    EXPECT_EQ(again.events[i].when, scenario.events[i].when);
  }
  EXPECT_EQ(again.params, scenario.params);
  EXPECT_EQ(again.seed, scenario.seed);
  EXPECT_EQ(again.duration, scenario.duration);
  EXPECT_EQ(again.bootstrap, scenario.bootstrap);
  EXPECT_EQ(again.measure_from, scenario.measure_from);
  EXPECT_EQ(again.measure_to, scenario.measure_to);
  EXPECT_EQ(again.captures.size(), scenario.captures.size());
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
  const std::string text = written(scenario);
  for (const char* part :
       {"name: c.2, tcp: {from: underlay/n1, to: underlay/n2, at: 0 s, congestion: cubic, size: 1 "
        "MB",
        "arrivals: {poisson: 0.1 /s}, ecn: true", "traceroute: {from: underlay/n0", "probes: 1}",
        "rate: 1 Mbit/s, size: 1400 B, poisson: true, duration: 1 s, port: 5002", "user: root",
        "down: underlay/n0, for: 1 s, mode: silent", "count: 10, interval: 1 s, size: 56 B"}) {
    EXPECT_CONTAINS(text, part);
  }
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
