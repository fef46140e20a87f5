#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/realtime/run_fixture.hh"
#include "tests/support/translated.hh"

// nftables in network namespaces under the real clock.

namespace violin::testing {
namespace {

class FilterRun : public RunTest {
 protected:
  void SetUp() override {
    RunTest::SetUp();
    if (IsSkipped()) return;
    if (!std::filesystem::exists("/usr/sbin/nft")) GTEST_SKIP() << "needs nft";
  }
};

TEST_F(FilterRun, AServerSeesTheGatewayAndReachesWhomItsPortStandsFor) {
  const Outcome ran = run(test::translated("linux", test::kTranslating));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_EQ(outcome_of<PingResult>("echo").received, 3);
  EXPECT_GT(outcome_of<TcpResult>("inwards").bytes, 1'000'000);
  const ExecResult log = outcome_of<ExecResult>("log");
  EXPECT_NE(log.output.find("10.0.0.1 - - "), std::string::npos) << log.output;
  EXPECT_EQ(log.output.find("192.168.1.2"), std::string::npos) << log.output;
}

}  // namespace
}  // namespace violin::testing
