#include "emulator/scenario/parameters.hh"

#include <gtest/gtest.h>

#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

using test::error_of;
using test::two_hosts;

Scenario with_params(const std::string& params, const std::string& delay,
                     const ScenarioOptions& options = {}) {
  return test::read(two_hosts("params: " + params + "\n", ", delay: " + delay), options);
}

TEST(Parameters, StandForTheirValueAnywhereInAValue) {
  EXPECT_EQ(with_params("{d: 10 ms}", "$d").links[0].a_to_b.delay, Duration::milliseconds(10));
  EXPECT_EQ(with_params("{n: 10}", "$n ms").links[0].a_to_b.delay, Duration::milliseconds(10));
  EXPECT_EQ(with_params("{n: 10}", "\"${n}ms\"").links[0].a_to_b.delay, Duration::milliseconds(10));
}

TEST(Parameters, MayUseEachOther) {
  const Scenario scenario = with_params("{a: $b ms, b: 7}", "$a");
  EXPECT_EQ(scenario.links[0].a_to_b.delay, Duration::milliseconds(7));
  EXPECT_EQ(scenario.params.at("a"), "7 ms");
}

TEST(Parameters, AreReplacedByTheCommandLineBeforeTheSweepBeforeTheFile) {
  ScenarioOptions options;
  options.point = SweepPoint{{{"d", "20 ms"}}, 3};
  EXPECT_EQ(with_params("{d: 10 ms}", "$d", options).links[0].a_to_b.delay,
            Duration::milliseconds(20));
  options.overrides.params["d"] = "30 ms";
  EXPECT_EQ(with_params("{d: 10 ms}", "$d", options).links[0].a_to_b.delay,
            Duration::milliseconds(30));
}

TEST(Parameters, AreRefusedWhenTheCommandLineSetsAnUnknownOne) {
  ScenarioOptions options;
  options.overrides.params["crpyt"] = "none";
  const std::string error = error_of(two_hosts("params: {crypt: none}\n"), options);
  EXPECT_EQ(error,
            "test.yaml (--set or sweep): no such parameter: crpyt; allowed: crypt; did you mean "
            "\"crypt\"?");
}

TEST(Parameters, AreRefusedWhenUndefinedWithTheirPlace) {
  EXPECT_EQ(error_of(two_hosts("params: {delay: 1 ms}\n", ", delay: $dealy")),
            "test.yaml:8:51: no such parameter: dealy; allowed: delay; did you mean \"delay\"?");
}

TEST(Parameters, AreRefusedWhenDefinedByThemselves) {
  EXPECT_CONTAINS(error_of(two_hosts("params: {a: $b, b: $c, c: $a}\n")), "defined by itself: a");
  EXPECT_CONTAINS(error_of(two_hosts("params: {a: $a}\n")), "test.yaml:9:13: ");
}

TEST(Parameters, WriteADollarSignAsTwo) {
  const Scenario scenario = test::read(
      two_hosts("workloads: [{name: x, exec: {node: v1/h1, command: [sh, -c, echo $$HOME]}}]\n"));
  EXPECT_EQ(std::get<ExecWorkload>(scenario.workloads[0].kind).command[2], "echo $HOME");
  EXPECT_CONTAINS(error_of(two_hosts("snaplen: 5$\n")), "a $ must be followed by");
}

TEST(Parameters, ReplaceSharedValuesOnce) {
  const Scenario scenario = test::read(two_hosts(
      "x-c: &c [echo, $$$$]\nworkloads:\n  - {name: x, exec: {node: v1/h1, command: *c}}\n"
      "  - {name: y, exec: {node: v1/h2, command: *c}}\n"));
  EXPECT_EQ(std::get<ExecWorkload>(scenario.workloads[1].kind).command[1], "$$");
}

TEST(Parameters, GrowOnlyToABound) {
  std::string params = "params: {a0: " + std::string(100, 'x');
  for (int i = 1; i < 30; ++i) {
    const std::string below = "${a" + std::to_string(i - 1) + "}";
    params += ", a" + std::to_string(i) + ": \"" + below + below + "\"";
  }
  EXPECT_CONTAINS(error_of(two_hosts(params + "}\n")), "beyond 1 MiB");
}

}  // namespace
}  // namespace violin
