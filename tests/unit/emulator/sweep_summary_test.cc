#include "emulator/command/sweep_summary.hh"

#include <gtest/gtest.h>

#include "emulator/command/text_layout.hh"
#include "tests/support/example_result.hh"

namespace violin {
namespace {

// `rates` x `queues` combinations, the rate changing slowest, each with `seeds` seeds.
SweepResult sweep_of(int rates, int queues, int seeds) {
  SweepResult sweep;
  for (int point = 0; point < rates * queues * seeds; ++point) {
    const int seed = point % seeds + 1;
    const int queue = point / seeds % queues;
    RunResult result = example_result(static_cast<uint64_t>(seed), 10 + queue + 0.1 * seed);
    result.identity.params = {{"rate", std::to_string(point / seeds / queues)},
                              {"aqm", "q" + std::to_string(queue)}};
    result.compares.clear();
    result.expectations.push_back({"vm.goodput >= 1 Mbit/s", "", "", true, "", "", "", "", {}, {}});
    sweep.runs.push_back({std::to_string(point), std::move(result)});
  }
  return sweep;
}

std::string line_with(const std::string& text, const std::string& words) {
  const size_t at = text.find(words);
  if (at == std::string::npos) return "";
  const size_t start = text.rfind('\n', at) + 1;
  return text.substr(start, text.find('\n', at) - start);
}

TEST(SweepSummary, SaysOnceThatThereAreNoIntervals) {
  const std::string text = sweep_summary_text(sweep_of(1, 2, 1), "runs/x");
  EXPECT_EQ(text.find("n = 1"), text.rfind("n = 1")) << text;
  EXPECT_NE(text.find("n = 1"), std::string::npos) << text;
  EXPECT_EQ(sweep_summary_text(sweep_of(1, 2, 2), "runs/x").find("n = 1"), std::string::npos);
}

TEST(SweepSummary, ListsManyCombinationsAsRowsThatFitTheTerminal) {
  const std::string text = sweep_summary_text(sweep_of(4, 4, 2), "runs/x");
  EXPECT_NE(line_with(text, "rate=3, aqm=q3").find(" Mbit/s"), std::string::npos) << text;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    EXPECT_LE(text_width(text.substr(at, end - at)), kTerminalColumns);
    at = end + 1;
  }
}

TEST(SweepSummary, NamesParametersInTheOrderOfTheSweep) {
  const std::string text = sweep_summary_text(sweep_of(2, 2, 1), "runs/x");
  EXPECT_NE(text.find("rate=1, aqm=q0"), std::string::npos) << text;
  EXPECT_EQ(text.find("aqm=q0, rate=1"), std::string::npos) << text;
}

TEST(SweepSummary, CountsTheExpectationsWithinRuns) {
  SweepResult sweep = sweep_of(1, 2, 2);
  EXPECT_NE(sweep_summary_text(sweep, "").find("expectations within runs: 4 of 4 hold\n"),
            std::string::npos);
  sweep.runs[1].result.expectations[0].met = false;
  EXPECT_NE(sweep_summary_text(sweep, "").find("3 of 4 hold; failed in 1 of 4 points:\n  1: vm."),
            std::string::npos);
}

}  // namespace
}  // namespace violin
