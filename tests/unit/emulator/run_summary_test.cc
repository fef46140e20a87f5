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
