#include "emulator/command/scenario_template.hh"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "emulator/command/scenario_check.hh"
#include "emulator/command/text_layout.hh"
#include "emulator/network/run.hh"
#include "emulator/results/explanation.hh"

namespace violin {
namespace {

ScenarioSource source_of(const std::string& kind, const TemplateSizes& sizes = {}) {
  return {.text = scenario_text(kind, sizes), .file = kind + ".yaml", .directory = "."};
}

// Every size at one of its bounds, or as usual.
enum class Extreme { kUsual, kLeast, kMost };
TemplateSizes sizes_at(const ScenarioTemplate& scenario, Extreme extreme) {
  TemplateSizes sizes;
  for (const TemplateSize& size : scenario.sizes) {
    sizes[size.name] = extreme == Extreme::kLeast  ? size.least
                       : extreme == Extreme::kMost ? size.most
                                                   : size.usual;
  }
  return sizes;
}

TEST(ScenarioTemplate, ReadsWithoutErrorAtItsUsualAndSmallestSizes) {
  for (const ScenarioTemplate& one : scenario_templates()) {
    SCOPED_TRACE(one.kind);
    for (const Extreme extreme : {Extreme::kUsual, Extreme::kLeast}) {
      const CheckedScenario checked =
          check_scenario(source_of(one.kind, sizes_at(one, extreme)), {});
      EXPECT_EQ(checked.scenario.name, one.kind);
      EXPECT_FALSE(checked.scenario.expects.empty());
    }
  }
}

TEST(ScenarioTemplate, ReadsWithoutErrorWhenEachSizeAloneIsAtItsLargest) {
  for (const ScenarioTemplate& one : scenario_templates()) {
    for (const TemplateSize& size : one.sizes) {
      // A random network of 20 routers has room for degree 19 only.
      const TemplateSizes sizes = size.name == "degree"
                                      ? TemplateSizes{{"degree", size.most}, {"routers", 40}}
                                      : TemplateSizes{{size.name, size.most}};
      SCOPED_TRACE(one.kind + " --" + size.name);
      EXPECT_NO_THROW(check_scenario(source_of(one.kind, sizes), {}));
    }
  }
}

TEST(ScenarioTemplate, FitsIntoATerminal) {
  for (const ScenarioTemplate& one : scenario_templates()) {
    std::istringstream lines(scenario_text(one.kind));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(text_width(line), 100u) << line;
  }
}

TEST(ScenarioTemplate, RefusesSizesThatDoNotFitEachOther) {
  EXPECT_THROW(scenario_text("random", {{"routers", 5}, {"degree", 5}}), std::invalid_argument);
  EXPECT_THROW(scenario_text("tree", {{"depth", 6}, {"fanout", 10}}), std::invalid_argument);
}

TEST(ScenarioTemplate, TakesTheSizesItIsGiven) {
  const CheckedScenario checked = check_scenario(source_of("star", {{"hosts", 8}}), {});
  EXPECT_EQ(checked.scenario.nodes.size(), 9u);
  EXPECT_GE(checked.scenario.find_node("v1/h8"), 0);
}

class TemplateRun : public testing::TestWithParam<std::string> {};

TEST_P(TemplateRun, EveryExpectationHolds) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("violin_template_" + GetParam());
  std::filesystem::create_directories(folder);
  const CheckedScenario checked = check_scenario(source_of(GetParam()), {});
  const RunResult result = run_scenario(checked.scenario, {.folder = folder, .quiet = true});
  EXPECT_FALSE(result.expectations.empty());
  EXPECT_TRUE(expectations_met(result)) << explain_failures(result);
  std::filesystem::remove_all(folder);
}

std::vector<std::string> kinds() {
  std::vector<std::string> kinds;
  for (const ScenarioTemplate& one : scenario_templates()) kinds.push_back(one.kind);
  return kinds;
}

INSTANTIATE_TEST_SUITE_P(ScenarioTemplate, TemplateRun, testing::ValuesIn(kinds()),
                         [](const auto& kind) { return kind.param; });

}  // namespace
}  // namespace violin
