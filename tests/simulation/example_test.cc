#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "emulator/results/sweep_result.hh"
#include "tests/support/temporary_folder.hh"

// The example of the scenario format runs as a reader would run it, and does what it says.

namespace violin::testing {
namespace {

std::string text_of(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Whoever follows it compares the digests.
TEST(Example, OfTheReadmeGivesWhatTheReadmeShows) {
  const TemporaryFolder folder;
  const std::string log = (folder.path() / "log").string();
  const std::string readme = text_of(VIOLIN_SOURCE_DIR "/README.md");
  for (const std::string setting : {"", " --set queue=droptail"}) {
    const std::string command = std::string(VIOLIN_BINARY) + " run " + VIOLIN_SOURCE_DIR +
                                "/experiments/first/first.yaml" + setting + " --force --out " +
                                (folder.path() / "out").string() + " >" + log + " 2>&1 </dev/null";
    ASSERT_LE(WEXITSTATUS(std::system(command.c_str())), 1) << text_of(log);
    std::istringstream said(text_of(log));
    int shown = 0;
    for (std::string line; std::getline(said, line);) {
      if (line.starts_with("digest ")) line.resize(line.find(';'));  // then comes a folder
      if (!line.starts_with("  bulk ") && !line.starts_with("  rtt ") &&
          !line.starts_with("digest ")) {
        continue;
      }
      ++shown;
      EXPECT_NE(readme.find(line), std::string::npos) << line;
    }
    EXPECT_EQ(shown, 3) << text_of(log);
  }
}

TEST(LongExample, OfTheScenarioFormatRunsAndItsExpectationsHold) {
  const TemporaryFolder folder;
  const std::string log = (folder.path() / "log").string();
  const std::string out = (folder.path() / "out").string();
  // One seed of its ten, with both of its ciphers.
  const std::string command = std::string(VIOLIN_BINARY) + " run " + VIOLIN_SOURCE_DIR +
                              "/tests/support/data/example.yaml --seed 1 -j 2 --quiet --out " +
                              out + " >" + log + " 2>&1 </dev/null";
  const int status = WEXITSTATUS(std::system(command.c_str()));
  std::ifstream said(log);
  ASSERT_EQ(status, 0) << std::string(std::istreambuf_iterator<char>(said), {});

  const SweepResult sweep = read_sweep(out);
  ASSERT_EQ(sweep.runs.size(), 2u);
  for (const SweepRun& run : sweep.runs) {
    EXPECT_EQ(run.result.expectations.size(), 2u) << "the third is about the sweep";
    for (const ExpectationOutcome& outcome : run.result.expectations) EXPECT_TRUE(outcome.met);
    // What it says of its ping: within the window, over both events, each answered or lost.
    for (const WorkloadResult& workload : run.result.workloads) {
      const auto* ping = std::get_if<PingResult>(&workload.outcome);
      if (ping == nullptr) continue;
      const PingSummary summary = summarise_ping(*ping, run.result.window);
      EXPECT_EQ(summary.sent, 100);
      // The last link is down for a second, and some were on it, more or fewer with another cipher.
      EXPECT_GE(summary.received, 88);
      EXPECT_LE(summary.received, 89);
      EXPECT_GE(summary.rtt.max - summary.rtt.min, Duration::milliseconds(40)) << "20 ms both ways";
    }
  }
}

}  // namespace
}  // namespace violin::testing
