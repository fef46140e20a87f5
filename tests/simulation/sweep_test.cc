#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "emulator/os/child_process.hh"
#include "tests/support/temporary_folder.hh"

// Sweeps of the program itself: each point is a process, whatever runs beside it.

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSweep = R"(violin: 1
name: sweep
duration: 3 s
params: { loss: 1 % }
sweep: { loss: [0 %, 2 %], seed: 1..2 }
violins:
  v1:
    nodes: { h1..h2: { kind: host } }
    links: [ { endpoints: [h1, h2], rate: 10 Mbit/s, delay: 5 ms, loss: $loss, jitter: 1 ms } ]
workloads: [ { name: t, tcp: { from: v1/h1, to: v1/h2, duration: 2 s } } ]
capture: [ v1/h2:eth0 ]
)";

class Sweep : public ::testing::Test {
 protected:
  Sweep() : scenario_(folder_.path() / "sweep.yaml") { std::ofstream(scenario_) << kSweep; }
  // Exit status of `violin WORDS`.
  int violin(const std::string& words) const {
    const std::string log = (folder_.path() / "log").string();
    return WEXITSTATUS(std::system(
        (std::string(VIOLIN_BINARY) + " " + words + " >" + log + " 2>&1 </dev/null").c_str()));
  }
  int run(const std::string& name, const std::string& options) const {
    return violin("run " + scenario_.string() + " --quiet --out " + path(name) + " " + options);
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  static std::string text_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  TemporaryFolder folder_;
  fs::path scenario_;
};

TEST_F(Sweep, GivesEqualDigestsAndCapturesWithAndWithoutOthersBesideIt) {
  ASSERT_EQ(run("one", "-j 1"), 0) << text_of(path("log"));
  ASSERT_EQ(run("two", "-j 3"), 0) << text_of(path("log"));
  EXPECT_EQ(violin("verify " + path("one") + " " + path("two")), 0) << text_of(path("log"));
  for (const char* point : {"001", "002", "003", "004"}) {
    const fs::path capture = fs::path("pcap") / "v1.h2.eth0.pcap";
    const std::string bytes = text_of(path("one") / fs::path(point) / capture);
    EXPECT_GT(bytes.size(), 10'000u);
    EXPECT_TRUE(bytes == text_of(path("two") / fs::path(point) / capture)) << point;
  }
  // The control: another seed is another run.
  EXPECT_NE(violin("verify " + path("one/001") + " " + path("one/002")), 0);
}

// With neither rate nor delay TCP never lets time pass: that point cannot be carried out.
TEST_F(Sweep, RunsTheOtherPointsWhenOneFailsAndOnlyWhatIsMissingTheNextTime) {
  std::ofstream(scenario_) << R"(violin: 1
name: sweep
duration: 100 ms
params: { delay: 1 ms }
sweep: { delay: [1 ms, 0 ms, 2 ms] }
violins: { v1: { nodes: { h1..h2: { kind: host } }, links: [
  { endpoints: [h1, h2], delay: $delay } ] } }
workloads: [ { name: t, tcp: { from: v1/h1, to: v1/h2, duration: 50 ms } } ]
)";
  EXPECT_EQ(run("some", ""), 3);
  EXPECT_NE(text_of(path("log")).find("more than 1000000 events"), std::string::npos);
  EXPECT_TRUE(fs::exists(path("some/001/summary.json")));
  EXPECT_FALSE(fs::exists(path("some/002/summary.json")));
  EXPECT_TRUE(fs::exists(path("some/003/summary.json")));
  const fs::path kept = path("some/001/summary.json");
  const auto written = fs::last_write_time(kept);
  fs::remove_all(path("some/003"));
  EXPECT_EQ(run("some", ""), 3);
  EXPECT_EQ(fs::last_write_time(kept), written);
  EXPECT_TRUE(fs::exists(path("some/003/summary.json")));
}

TEST_F(Sweep, GivesTheCalibrationToEveryPointAndRunsThemAgainWithAnother) {
  const fs::path file = path("cal.yaml");
  std::ofstream(file) << "none: { tunnel_cost: { latency: 7 us, origin: here } }\n";
  const std::string with = "--calibration " + file.string();
  ASSERT_EQ(run("out", with), 0) << text_of(path("log"));
  for (const char* point : {"001", "002", "003", "004"}) {
    const std::string resolved = text_of(path("out") / fs::path(point) / "scenario.yaml");
    EXPECT_NE(resolved.find("latency: 7 us, origin: here"), std::string::npos) << resolved;
  }
  const fs::path summary = path("out/001/summary.json");
  const auto written = fs::last_write_time(summary);
  ASSERT_EQ(run("out", with), 0) << text_of(path("log"));
  EXPECT_EQ(fs::last_write_time(summary), written);
  std::ofstream(file) << "none: { tunnel_cost: { latency: 8 us } }\n";
  ASSERT_EQ(run("out", with), 0) << text_of(path("log"));
  EXPECT_NE(text_of(path("out/001/scenario.yaml")).find("latency: 8 us"), std::string::npos);
}

// Whatever hangs on when a process gets the processor shows here: one point after the other on an
// idle machine, against two at a time among others that never give it up.
TEST_F(Sweep, GivesEqualDigestsWithOneAndTwoAtATimeAlsoOnABusyMachine) {
  ASSERT_EQ(run("idle", "-j 1"), 0) << text_of(path("log"));
  {
    // They end with this block: nothing outlives its owner.
    std::vector<ChildProcess> busy;
    for (unsigned i = 0; i < 2 * std::max(1u, std::thread::hardware_concurrency()); ++i) {
      busy.emplace_back(std::vector<std::string>{"sh", "-c", "while :; do :; done"});
    }
    ASSERT_EQ(run("busy", "-j 2"), 0) << text_of(path("log"));
    for (ChildProcess& child : busy) EXPECT_FALSE(child.finished()) << "was not busy to the end";
  }
  EXPECT_EQ(violin("verify " + path("idle") + " " + path("busy")), 0) << text_of(path("log"));
  for (const char* point : {"001", "002", "003", "004"}) {
    const std::string digests = text_of(path("idle") / fs::path(point) / "digest.csv");
    EXPECT_GT(digests.size(), 100u);
    EXPECT_EQ(digests, text_of(path("busy") / fs::path(point) / "digest.csv")) << point;
  }
}

TEST_F(Sweep, MakesOnlyThePointsThatAreMissingInterruptedOrUnreadable) {
  ASSERT_EQ(run("out", "-j 2"), 0) << text_of(path("log"));
  const auto made = [&](const char* point) {
    return fs::last_write_time(path("out") / fs::path(point) / "summary.json");
  };
  const auto first = made("001"), fourth = made("004");
  fs::remove_all(path("out/002"));
  std::ofstream(path("out/003/summary.json")) << "{ \"schema\": ";
  ASSERT_EQ(run("out", "-j 2"), 0) << text_of(path("log"));
  EXPECT_EQ(made("001"), first);
  EXPECT_EQ(made("004"), fourth);
  EXPECT_GT(made("002"), first);
  EXPECT_GT(made("003"), first);
}

}  // namespace
}  // namespace violin::testing
