#include "emulator/scenario/sweep.hh"

#include <gtest/gtest.h>

#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

std::string points_text(const std::string& rest, const Overrides& overrides = {}) {
  std::string text;
  for (const SweepPoint& point : sweep_points(test::source_of(rest), overrides)) {
    if (!text.empty()) text += " | ";
    for (const auto& [name, value] : point.params) text += name + "=" + value + " ";
    text += "seed=" + std::to_string(point.seed);
  }
  return text;
}

std::string error_of(const std::string& text) {
  try {
    sweep_points(test::source_of(text), {});
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Sweep, MakesOnePointWithoutASweep) {
  EXPECT_EQ(points_text("a: 1\n"), "seed=1");
  EXPECT_EQ(points_text("seed: 7\n"), "seed=7");
}

TEST(Sweep, MakesTheProductWithTheFirstKeySlowest) {
  EXPECT_EQ(points_text("params: {c: x}\nsweep: {c: [x, y], seed: 1..3}\n"),
            "c=x seed=1 | c=x seed=2 | c=x seed=3 | c=y seed=1 | c=y seed=2 | c=y seed=3");
}

TEST(Sweep, MakesOnePointPerRow) {
  EXPECT_EQ(points_text("params: {a: 1, b: 2}\nsweep:\n  - {a: 5, b: 6}\n  - {b: 7, seed: 9}\n"),
            "a=5 b=6 seed=1 | b=7 seed=9");
}

TEST(Sweep, LeavesOutWhatTheCommandLineSets) {
  Overrides overrides;
  overrides.params["c"] = "z";
  EXPECT_EQ(points_text("params: {c: x}\nsweep: {c: [x, y], seed: 1..2}\n", overrides),
            "seed=1 | seed=2");
  overrides.seed = 4;
  EXPECT_EQ(points_text("params: {c: x}\nsweep: {c: [x, y], seed: 1..2}\n", overrides), "seed=4");
}

TEST(Sweep, RefusesAKeyThatIsNoParameter) {
  EXPECT_EQ(
      error_of("params: {crypt: x}\nsweep: {crpt: [x]}\n"),
      "test.yaml:2:16: a swept key must be seed or a parameter: crpt; allowed: crypt; did you "
      "mean \"crypt\"?");
}

TEST(Sweep, RefusesValuesThatAreNoList) {
  EXPECT_CONTAINS(error_of("params: {c: x}\nsweep: {c: x}\n"), "test.yaml:2:12: ");
  EXPECT_CONTAINS(error_of("params: {c: x}\nsweep: {c: []}\n"), "a list or a range");
  EXPECT_CONTAINS(error_of("sweep: {seed: 3..1}\n"), "3..1");
  EXPECT_CONTAINS(error_of("sweep: {seed: [x]}\n"), "not a seed: x");
  EXPECT_CONTAINS(error_of("sweep: 5\n"), "a map of lists");
}

TEST(Sweep, RefusesMoreThanAHundredThousandPoints) {
  EXPECT_CONTAINS(error_of("sweep: {seed: 0..18446744073709551615}\n"), "more than 100000");
  EXPECT_CONTAINS(error_of("params: {a: 1}\nsweep: {a: 1..1000, seed: 1..101}\n"),
                  "more than 100000");
}

TEST(Sweep, GivesEveryPointItsSeedAndParameters) {
  const std::string text =
      test::two_hosts("params: {d: 1 ms}\nsweep: {d: [2 ms, 3 ms], seed: 5..6}\n", ", delay: $d");
  const auto points = sweep_points(test::source_of(text), {});
  ASSERT_EQ(points.size(), 4U);
  ScenarioOptions options;
  options.point = points[3];
  const Scenario scenario = test::read(text, options);
  EXPECT_EQ(scenario.seed, 6U);
  EXPECT_EQ(scenario.links[0].a_to_b.delay, Duration::milliseconds(3));
}

TEST(Sweep, RefusesAnExpectationThatSelectsByAKeyWhichTheCommandLineFixes) {
  const std::string text =
      "params: {c: x}\nsweep: {c: [x, y], seed: 1..3}\n"
      "expect:\n  - a.b{c=x} >= 1 ms\n  - {check: \"a.b{ c = x , seed = 1 } >= 1 ms\"}\n";
  const auto error_with = [&text](const Overrides& overrides) -> std::string {
    try {
      sweep_points(test::source_of(text), overrides);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(error_with({{{"c", "x"}}, {}}),
            "test.yaml:4:5: this expectation selects by c, to which the command line gives one "
            "value: leave that away, or run one point with --single, where {selectors} are not "
            "judged");
  EXPECT_CONTAINS(error_with({{}, 7}), "test.yaml:5:13: this expectation selects by seed");
  EXPECT_EQ(error_with({.params = {{"c", "x"}}, .is_single = true}), "no error") << "with --single";
  EXPECT_EQ(error_with({{{"c", "x"}}, 7}), "no error") << "one point is no sweep";
  EXPECT_EQ(error_with({}), "no error");
}

TEST(Sweep, AKeyWithinAnotherWordIsNoSelector) {
  const Overrides overrides{{{"c", "x"}}, {}};
  EXPECT_EQ(points_text("params: {c: x, cc: x}\nsweep: {c: [x, y], cc: [x, y]}\n"
                        "expect: ['a.c{cc=c} >= 1 ms']\n",
                        overrides),
            "cc=x seed=1 | cc=y seed=1");
}

}  // namespace
}  // namespace violin
