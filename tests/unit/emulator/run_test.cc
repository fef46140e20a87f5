#include "emulator/network/run.hh"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "emulator/results/frame_record.hh"
#include "tests/support/scenario_text.hh"
#include "tests/support/temporary_folder.hh"

namespace violin {
namespace {

using namespace literals;

constexpr const char* kScenario = R"(violin: 1
name: run
duration: 4 s
violins:
  v1:
    nodes: { h1..h2: { kind: host } }
    links: [ { name: l, endpoints: [h1, h2], rate: 10 Mbit/s, delay: 5 ms, loss: 1 % } ]
workloads:
  - { name: t, tcp: { from: v1/h1, to: v1/h2, duration: 3 s } }
events:
  - { at: 2 s, set: { link: v1/l, delay: 6 ms } }
capture: [ v1/h1:eth0 ]
expect:
  - t.goodput >= 1 Mbit/s
  - t.goodput >= 90 Mbit/s
)";

RunResult run(const TemporaryFolder& folder, bool record = false) {
  return run_scenario(test::read(kScenario),
                      {.folder = folder.path(), .record = record, .quiet = true});
}

TEST(Run, LeavesTheWholeResult) {
  const TemporaryFolder folder;
  const RunResult result = run(folder);
  EXPECT_EQ(result.identity.scenario, "run");
  EXPECT_EQ(result.virtual_time, 4_s);
  EXPECT_FALSE(result.interrupted);
  EXPECT_TRUE(result.digest.has_value());
  EXPECT_GT(result.frame_hops, 1'000u);
  EXPECT_GT(result.events, result.frame_hops / 2);
  ASSERT_EQ(result.workloads.size(), 1u);
  ASSERT_EQ(result.links.size(), 1u);
  EXPECT_GT(result.links[0].a_to_b.drops[static_cast<size_t>(DropReason::kLoss)], 0u);
  EXPECT_GT(result.links[0].a_to_b.utilisation.value_or(0), 0.3);
  EXPECT_EQ(result.digests.size(), 2u);
  EXPECT_EQ(result.event_log.size(), 1u);
  ASSERT_EQ(result.expectations.size(), 2u);
  EXPECT_TRUE(result.expectations[0].met);
  EXPECT_FALSE(result.expectations[1].met);
  EXPECT_FALSE(expectations_met(result));
}

TEST(Run, CountsLinksOnWhichNothingHappenedAndReadsThemAsZero) {
  const TemporaryFolder folder;
  const RunResult result = run_scenario(test::read(R"(violin: 1
name: idle
duration: 1 s
violins:
  v1:
    nodes: { h1..h3: { kind: host } }
    links:
      - { name: used, endpoints: [h1, h2], rate: 10 Mbit/s, delay: 5 ms }
      - { name: idle, endpoints: [h2, h3], rate: 10 Mbit/s, delay: 5 ms }
workloads:
  - { name: p, ping: { from: v1/h1, to: v1/h2, count: 2, interval: 100 ms } }
expect:
  - v1/idle.frames == 0
  - v1/idle.h2->h3.utilisation == 0
  - v1/idle.h3->h2.drops.queue_full == 0
  - v1/idle.h3->h2.queue_bytes_max == 0 B
  - v1/used.frames >= 4
)"),
                                        {.folder = folder.path(), .quiet = true});
  ASSERT_EQ(result.links.size(), 1u);
  EXPECT_EQ(result.links[0].name, "v1/used");
  EXPECT_EQ(result.idle_links, 1u);
  for (const ExpectationOutcome& outcome : result.expectations) {
    EXPECT_TRUE(outcome.met) << outcome.check << ": " << outcome.reason;
  }
}

TEST(Run, TwiceGivesTheSameDigest) {
  const TemporaryFolder first, second;
  EXPECT_EQ(run(first).digest, run(second, /*record=*/true).digest);
}

TEST(Run, WritesTheCapturesItNames) {
  const TemporaryFolder folder;
  const RunResult result = run(folder);
  ASSERT_EQ(result.captures, (std::vector<std::string>{"pcap/v1.h1.eth0.pcap"}));
  EXPECT_GT(std::filesystem::file_size(folder.path() / result.captures[0]), 10'000u);
}

TEST(Run, RecordsEveryFrameHopWhenAsked) {
  const TemporaryFolder folder;
  const RunResult result = run(folder, /*record=*/true);
  std::ifstream in(folder.path() / "frames.bin", std::ios::binary);
  FrameRecordReader reader(in, "frames.bin");
  EXPECT_EQ(reader.wires(), (std::vector<std::string>{"v1/l.h1->h2", "v1/l.h2->h1"}));
  uint64_t frames = 0;
  Time last;
  while (const auto frame = reader.next()) {
    EXPECT_GE(frame->when, last);
    last = frame->when;
    ++frames;
  }
  EXPECT_EQ(frames, result.frame_hops);
}

TEST(Run, WithoutRecordOrCaptureItWritesNothing) {
  const TemporaryFolder folder;
  Scenario scenario = test::read(kScenario);
  scenario.captures.clear();
  run_scenario(scenario, {.folder = folder.path(), .quiet = true});
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace violin
