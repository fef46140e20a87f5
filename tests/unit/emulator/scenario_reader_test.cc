#include "emulator/scenario/scenario_reader.hh"

#include <gtest/gtest.h>

#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

using test::error_of;
using test::read;
using test::two_hosts;

ScenarioSource example() {
  return load_scenario_source(std::string(VIOLIN_SOURCE_DIR) + "/tests/support/data/example.yaml");
}

TEST(ScenarioReader, ReadsTheExampleOfTheFormat) {
  const Scenario scenario = read_scenario(example(), {});
  EXPECT_EQ(scenario.name, "degradation");
  EXPECT_EQ(scenario.duration, Duration::seconds(60));
  EXPECT_EQ(scenario.measure_from, Time::zero() + Duration::seconds(10));
  EXPECT_EQ(scenario.nodes.size(), 4U + 2U + 5U);
  EXPECT_EQ(scenario.links.size(), 3U + 2U + 4U);
  EXPECT_EQ(scenario.plane("v1").encryption, Encryption::kNone);
  EXPECT_EQ(scenario.nodes.at(static_cast<size_t>(scenario.find_node("v1/h3"))).place, "berkeley");
  EXPECT_EQ(scenario.workloads.size(), 3U);
  EXPECT_EQ(scenario.events.size(), 2U);
  EXPECT_EQ(scenario.captures.size(), 2U);
  EXPECT_EQ(scenario.snaplen, Bytes(96));
  EXPECT_EQ(scenario.expects.at(2).fail, "the tunnel costs more than its header");
  EXPECT_EQ(
      to_string(scenario.expects.at(1).at).substr(to_string(scenario.expects.at(1).at).rfind('/')),
      "/example.yaml:45:5");
}

TEST(ScenarioReader, ReadsEveryPointOfTheExample) {
  const auto points = sweep_points(example(), {});
  ASSERT_EQ(points.size(), 20U);
  ScenarioOptions options;
  options.point = points[19];
  const Scenario scenario = read_scenario(example(), options);
  EXPECT_EQ(scenario.seed, 10U);
  EXPECT_EQ(scenario.plane("v1").encryption, Encryption::kAes256Gcm);
  EXPECT_EQ(scenario.params.at("crypt"), "aes-256-gcm");
}

TEST(ScenarioReader, RefusesUnknownTopLevelKeys) {
  EXPECT_CONTAINS(error_of("violin: 1\nname: a\nduration: 1 s\nviolinss: {}\n"),
                  "test.yaml:4:1: unknown key in a scenario: violinss; allowed: violin, name,");
}

TEST(ScenarioReader, RefusesWhatIsMissing) {
  EXPECT_CONTAINS(error_of("name: a\n"), "needs the key \"violin\"");
  EXPECT_CONTAINS(error_of("violin: 2\n"), "version: 2; allowed: violin: 1");
  EXPECT_CONTAINS(error_of("violin: 1\nduration: 1 s\n"), "needs the key \"name\"");
  EXPECT_CONTAINS(error_of("violin: 1\nname: a\n"), "needs the key \"duration\"");
  EXPECT_CONTAINS(error_of("violin: 1\nname: a\nduration: 1 s\n"), "has no nodes");
  EXPECT_CONTAINS(error_of("[1, 2]\n"), "a scenario must be a map: a list");
}

TEST(ScenarioReader, RefusesImpossibleTimes) {
  EXPECT_CONTAINS(error_of("violin: 1\nname: a\nduration: 10\n"),
                  "test.yaml:3:11: duration: a unit is missing: 10; allowed: a number and ns,");
  EXPECT_CONTAINS(error_of("violin: 1\nname: a\nduration: 0 s\n"), "above zero");
  EXPECT_CONTAINS(error_of("violin: 1\nname: a\nduration: 2000000 h\n"), "100 years");
  EXPECT_CONTAINS(error_of(two_hosts("measure: 1 s..11 s\n")), "test.yaml:9:10: not a window");
  EXPECT_CONTAINS(error_of(two_hosts("measure: 5 s..5 s\n")), "not a window");
  EXPECT_CONTAINS(error_of(two_hosts("measure: 5 s\n")), "10 s..60 s");
  EXPECT_CONTAINS(error_of(two_hosts("measure: 5..6 s\n")), "unit is missing: 5");
  EXPECT_CONTAINS(error_of(two_hosts("bootstrap: 1\n")), "bootstrap: a unit is missing");
}

TEST(ScenarioReader, MeasuresTheWholeDurationByDefault) {
  const Scenario scenario = read(two_hosts(""));
  EXPECT_EQ(scenario.measure_from, Time::zero());
  EXPECT_EQ(scenario.measure_to, Time::zero() + Duration::seconds(10));
  EXPECT_EQ(scenario.defaults_used.front(), "v1: addresses from 10.0.0.0/16");
}

TEST(ScenarioReader, TakesTheSeedFromCommandLinePointAndFileInThisOrder) {
  ScenarioOptions options;
  EXPECT_EQ(read(two_hosts("")).seed, 1U);
  EXPECT_EQ(read(two_hosts("seed: 5\n")).seed, 5U);
  options.point = SweepPoint{{}, 6};
  EXPECT_EQ(read(two_hosts("seed: 5\n"), options).seed, 6U);
  options.overrides.seed = 7;
  EXPECT_EQ(read(two_hosts("seed: 5\n"), options).seed, 7U);
  EXPECT_CONTAINS(error_of(two_hosts("seed: -5\n")), "seed: -5");
}

TEST(ScenarioReader, CapturesInterfacesNodesRangesAndAll) {
  const auto count = [](const std::string& capture) {
    return read(two_hosts("capture: " + capture + "\n")).captures.size();
  };
  EXPECT_EQ(count("[v1/h1:eth0]"), 1U);
  EXPECT_EQ(count("[v1/h1..h2]"), 2U);
  EXPECT_EQ(count("all"), 2U);
  EXPECT_EQ(count("[v1/h1, all]"), 2U) << "each interface once";
  EXPECT_CONTAINS(error_of(two_hosts("capture: [v1/h1:eth1]\n")),
                  "test.yaml:9:11: no such interface of v1/h1: eth1; allowed: eth0");
  EXPECT_CONTAINS(error_of(two_hosts("snaplen: 96\n")), "a unit is missing");
  EXPECT_CONTAINS(error_of(two_hosts("snaplen: 5 B\n")), "14 B to");
}

TEST(ScenarioReader, KeepsExpectationsAsTextAndRefusesEmptyOnes) {
  EXPECT_EQ(read(two_hosts("expect: a.b >= 1 ms\n")).expects.at(0).check, "a.b >= 1 ms");
  EXPECT_CONTAINS(error_of(two_hosts("expect: ['']\n")), "test.yaml:9:10: an expectation is empty");
  EXPECT_CONTAINS(error_of(two_hosts("expect: [{fail: x}]\n")), "needs the key \"check\"");
}

TEST(ScenarioReader, RefusesToCompareWorkloadsThatOverlapInTime) {
  const auto compare = [](const std::string& at) {
    return error_of(
        two_hosts("workloads:\n  - {name: a, tcp: {from: v1/h1, to: v1/h2, duration: 3 s}}\n"
                  "  - {name: b, tcp: {from: v1/h2, to: v1/h1, duration: 3 s, at: " +
                  at +
                  "}}\n"
                  "compare: [{name: c, host: a.goodput, violin: b.goodput}]\n"));
  };
  EXPECT_CONTAINS(compare("2 s"),
                  "test.yaml:12:11: the two compared workloads run at the same time");
  EXPECT_EQ(compare("3 s"), "no error");
}

TEST(ScenarioReader, ChecksDefaultsEvenWhenNothingUsesThem) {
  EXPECT_CONTAINS(error_of(two_hosts("defaults: {link: {dely: 1 ms}}\n")),
                  "did you mean \"delay\"?");
  EXPECT_CONTAINS(error_of(two_hosts("defaults: {node: {knd: host}}\n")), "did you mean \"kind\"?");
  EXPECT_CONTAINS(error_of(two_hosts("defaults: {links: {}}\n")), "did you mean \"link\"?");
}

TEST(ScenarioReader, SharesPartsByMerging) {
  const Scenario scenario =
      read(test::with_head("x-host: &host {kind: host, backend: uml}\nviolins:\n  v1:\n"
                           "    nodes: {h1: {<<: *host}, h2: {<<: *host, backend: model}}\n"));
  EXPECT_EQ(scenario.nodes[0].backend, Backend::kUml);
  EXPECT_EQ(scenario.nodes[1].backend, Backend::kModel);
}

TEST(ScenarioReader, SaysWhichFileCannotBeRead) {
  try {
    load_scenario_source("/nowhere/x.yaml");
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "/nowhere/x.yaml: no such file: /nowhere/x.yaml");
  }
  EXPECT_CONTAINS(error_of(two_hosts("", ", trace: /dev/zero")), "no such file: /dev/zero");
}

TEST(ScenarioReader, ReadsWhatMachinesWithKernelsAreLike) {
  const Scenario scenario = read(two_hosts("uml: { memory: 128 MiB, syscall_cost: 500 ns }\n"));
  EXPECT_EQ(scenario.uml.memory, Bytes(128 << 20));
  EXPECT_EQ(scenario.uml.syscall_cost, Duration::nanoseconds(500));
  EXPECT_EQ(read(two_hosts("")).uml, UmlSpec());
  EXPECT_EQ(error_of(two_hosts("uml: { memory: 16 MiB }\n")),
            "test.yaml:9:16: memory: 16 MiB; allowed: 32 MiB to 8192 MiB, in whole MiB");
  EXPECT_EQ(error_of(two_hosts("uml: { syscall_cost: 2 ms }\n")),
            "test.yaml:9:22: syscall_cost: 2 ms; allowed: 0 s to 1 ms");
}

}  // namespace
}  // namespace violin
