#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "emulator/network/run.hh"
#include "emulator/results/result_writer.hh"
#include "tests/support/scenario_text.hh"
#include "tests/support/temporary_folder.hh"

// A network that is cut and runs in parallel leaves what the whole leaves, to the byte.

namespace violin {
namespace {

namespace fs = std::filesystem;
using namespace literals;

constexpr const char* kScenario = R"(violin: 1
name: parallel
duration: 5 s
violins:
  v1:
    nodes: { h1..h6: { kind: host }, r1..r3: { kind: router }, s: { kind: switch } }
    links:
      - { endpoints: [h1, s] }
      - { endpoints: [h2, s], rate: 50 Mbit/s }
      - { endpoints: [s, r1], delay: 1 ms }
      - { name: up, endpoints: [r1, r2], delay: 5 ms, rate: 10 Mbit/s, queue: { kind: droptail, limit: 30 packets } }
      - { name: far, endpoints: [r2, r3], delay: 5 ms, rate: 8 Mbit/s, loss: 1 %, duplicate: 1 % }
      - { endpoints: [r2, h3], delay: 2 ms }
      - { endpoints: [r3, h4], delay: 2 ms, corrupt: 0.5 % }
      - { endpoints: [r3, h5], delay: 1 ms }
      - { endpoints: [r1, h6], delay: 1 ms }
workloads:
  - { name: bulk, tcp: { from: v1/h1, to: v1/h4, duration: 4 s } }
  - { name: back, tcp: { from: v1/h5, to: v1/h2, at: 1 s, size: 2 MB } }
  - { name: voice, udp: { from: v1/h3, to: v1/h6, rate: 2 Mbit/s, size: 500 B, duration: 4 s } }
  - { name: rtt, ping: { from: v1/h6, to: v1/h5, count: 50, interval: 100 ms } }
  - { name: way, traceroute: { from: v1/h2, to: v1/h4 } }
events:
  - { at: 2 s, down: v1/far, for: 300 ms }
  - { at: 3 s, set: { link: v1/up, delay: 8 ms } }
  - { at: 4 s, set: { link: v1/up, rate: 6 Mbit/s } }
capture: [ v1/h1:eth0, v1/r2:eth0, v1/r2:eth1, v1/h5:eth0 ]
)";

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

using Parts = std::map<std::string, int>;  // by node; those that are not there are in part 0

NetworkCut cut_of(const Scenario& scenario, const Parts& parts, Duration lookahead) {
  NetworkCut cut;
  if (parts.empty()) return cut;
  cut.lookahead = lookahead;
  for (const NodeSpec& node : scenario.nodes) {
    const auto part = parts.find(node.name);
    cut.part_of.push_back(part == parts.end() ? 0 : part->second);
    cut.parts = std::max(cut.parts, cut.part_of.back() + 1);
  }
  return cut;
}

struct Left {
  RunResult result;
  std::map<std::string, std::string> files;
};

Left run(const Parts& parts, Duration lookahead) {
  const TemporaryFolder folder;
  const Scenario scenario = test::read(kScenario);
  RunOptions options{.folder = folder.path(), .record = true, .quiet = true};
  options.cut = cut_of(scenario, parts, lookahead);
  Left left{run_scenario(scenario, options), {}};
  write_result(left.result, folder.path());
  for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
    if (!entry.is_regular_file()) continue;
    left.files[fs::relative(entry.path(), folder.path())] = text_of(entry.path());
  }
  return left;
}

void expect_same(const Left& parts, const Left& whole) {
  EXPECT_EQ(parts.result.digest, whole.result.digest);
  EXPECT_EQ(parts.result.frame_hops, whole.result.frame_hops);
  EXPECT_EQ(parts.files.size(), whole.files.size());
  for (const std::string file : {"frames.bin", "digest.csv", "links.csv", "pings.csv",
                                 "events.jsonl", "pcap/v1.h1.eth0.pcap", "pcap/v1.r2.eth0.pcap",
                                 "pcap/v1.r2.eth1.pcap", "pcap/v1.h5.eth0.pcap"}) {
    ASSERT_TRUE(parts.files.contains(file)) << file;
    EXPECT_TRUE(parts.files.at(file) == whole.files.at(file)) << file;
  }
}

TEST(ParallelRun, LeavesTheFilesOfTheWholeInHoweverManyParts) {
  const Left whole = run({}, Duration());
  EXPECT_GT(whole.result.frame_hops, 10'000u);
  EXPECT_FALSE(whole.result.cut.has_value());
  const Left two = run({{"r2", 1}, {"r3", 1}, {"h3", 1}, {"h4", 1}, {"h5", 1}}, 5_ms);
  ASSERT_TRUE(two.result.cut.has_value());
  EXPECT_EQ(two.result.cut->parts, 2);
  expect_same(two, whole);
  expect_same(run({{"r2", 1}, {"r3", 2}, {"h3", 3}, {"h4", 2}, {"h5", 2}}, 2_ms), whole);
}

}  // namespace
}  // namespace violin
