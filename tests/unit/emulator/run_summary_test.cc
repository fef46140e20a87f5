#include "emulator/command/run_summary.hh"

#include <gtest/gtest.h>

namespace violin {
namespace {

using namespace literals;

std::string summary_of(const UdpResult& udp) {
  RunResult result;
  WorkloadResult workload;
  workload.name = "flow";
  workload.outcome = udp;
  result.workloads.push_back(workload);
  return run_summary_text(result, "out");
}

TEST(RunSummary, NamesADelayOnlyWhereOneWasMeasured) {
  UdpResult udp;
  udp.sent = udp.received = 10;
  EXPECT_EQ(summary_of(udp).find("delay"), std::string::npos);
  udp.delay.samples = 10;
  udp.delay.p50 = 5_ms;
  EXPECT_NE(summary_of(udp).find("10/10 received, delay p50 5 ms"), std::string::npos)
      << summary_of(udp);
}

TEST(RunSummary, TellsWhatHappenedThatNobodyAskedFor) {
  RunResult result;
  result.event_log = {{Time::zero() + 1500_ms, "note", "v/h2: its kernel panicked\nand more"},
                      {Time::zero() + 2_s, "down", "v/h1"}};
  for (int i = 0; i < 9; ++i) result.event_log.push_back({Time::zero(), "note", "late"});
  const std::string text = run_summary_text(result, "out");
  EXPECT_NE(text.find("at 1.500 s note: v/h2: its kernel panicked\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\nnote: late\n"), std::string::npos) << text;
  EXPECT_NE(text.find("2 more notes in events.jsonl"), std::string::npos) << text;
  EXPECT_EQ(text.find("down"), std::string::npos) << text;
}

TEST(RunSummary, NamesThePartsThatRanInParallelAndTheirLookahead) {
  RunResult result;
  result.identity.clock = "virtual";
  EXPECT_EQ(run_summary_text(result, "out").find("parallel"), std::string::npos);
  result.cut = {2, 5_ms};
  EXPECT_NE(run_summary_text(result, "out").find("in 2 parallel parts, lookahead 5 ms"),
            std::string::npos)
      << run_summary_text(result, "out");
}

}  // namespace
}  // namespace violin
