#include "tests/support/translated.hh"
#include "tests/uml/virtual_kernels.hh"

// nftables in kernels under the virtual clock.

namespace violin::testing {
namespace {

class VirtualFilter : public VirtualKernels {
 protected:
  void SetUp() override {
    VirtualKernels::SetUp();
    if (IsSkipped()) return;
    if (!std::filesystem::exists("/usr/sbin/nft")) GTEST_SKIP() << "needs nft";
  }
};

TEST_F(VirtualFilter, AServerSeesTheGatewayAndReachesWhomItsPortStandsFor) {
  const RunResult result = run(test::translated("uml", test::kTranslating));
  for (const std::string& failure : result.failures) ADD_FAILURE() << failure;
  EXPECT_EQ(outcome_of<PingResult>(result, "echo").received, 3);
  EXPECT_GT(outcome_of<TcpResult>(result, "inwards").bytes, 1'000'000);
  const ExecResult& log = outcome_of<ExecResult>(result, "log");
  EXPECT_EQ(outcome_of<ExecResult>(result, "get").output, "200\n");
  EXPECT_NE(log.output.find("10.0.0.1 - - "), std::string::npos) << log.output;
  EXPECT_EQ(log.output.find("192.168.1.2"), std::string::npos) << log.output;
  EXPECT_EQ(run(test::translated("uml", test::kTranslating)).digest, result.digest);
}

TEST_F(VirtualFilter, WithoutTranslationTheServerSeesTheHostAndNobodyAnswersThePort) {
  const RunResult result = run(test::translated("uml", ""));
  const ExecResult& log = outcome_of<ExecResult>(result, "log");
  EXPECT_NE(log.output.find("192.168.1.2 - - "), std::string::npos) << log.output;
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_NE(result.failures[0].find("inwards"), std::string::npos) << result.failures[0];
}

TEST_F(VirtualFilter, AFirewallDropsWhatItIsToldToAndNothingElse) {
  const RunResult result =
      run(test::translated("uml", std::string(test::kTranslating) +
                                      ", firewall: { text: \"table inet f {\\nchain forward {\\n"
                                      "type filter hook forward priority filter\\n"
                                      "icmp type echo-request counter drop\\n}\\n}\" }"));
  for (const std::string& failure : result.failures) ADD_FAILURE() << failure;
  EXPECT_EQ(outcome_of<PingResult>(result, "echo").received, 0);
  EXPECT_EQ(outcome_of<ExecResult>(result, "get").output, "200\n");
}

TEST_F(VirtualFilter, ARulesetThatIsNoneIsAFailureInNftsWords) {
  const RunResult result =
      run(test::translated("uml", ", firewall: { text: \"tabel inet f {}\" }"));
  ASSERT_FALSE(result.failures.empty());
  EXPECT_NE(result.failures.back().find("firewall of v/gw: nft says"), std::string::npos)
      << result.failures.back();
  EXPECT_NE(result.failures.back().find("syntax error"), std::string::npos);
}

}  // namespace
}  // namespace violin::testing
