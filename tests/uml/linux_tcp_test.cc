#include <gtest/gtest.h>

#include <string>

#include "tests/support/tshark.hh"
#include "tests/uml/virtual_kernels.hh"

// The model's TCP and Linux's, one with the other, over a path that makes it hard.

namespace violin::testing {
namespace {

// Two pairs of ends. The first has everything: selective acknowledgments, marks, loss and
// reordering. The second has no selective acknowledgments, and a window of 13 segments and a half.
constexpr const char* kScenario = R"(violin: 1
name: linux_tcp
duration: 16 s
violins:
  v1:
    nodes:
      model1..model2: { kind: host }
      linux1..linux2: { kind: host, backend: uml }
    links:
      - { endpoints: [model1, linux1], rate: 5 Mbit/s, delay: 5 ms, loss: 0.5 %, reorder: 1 %,
          queue: { kind: codel, ecn: true, limit: 200 packets } }
      - { endpoints: [model2, linux2], rate: 20 Mbit/s, delay: 5 ms, loss: 0.5 % }
x-hard: &hard { size: 2 MB, ecn: true }
x-poor: &poor { size: 2 MB, sack: false, receive_buffer: 20 kB, congestion: newreno }
workloads:
  - { name: hard_to_linux, tcp: { <<: *hard, from: v1/model1, to: v1/linux1, at: 1 s } }
  - { name: hard_to_model, tcp: { <<: *hard, from: v1/linux1, to: v1/model1, at: 8 s } }
  - { name: poor_to_linux, tcp: { <<: *poor, from: v1/model2, to: v1/linux2, at: 1 s } }
  - { name: poor_to_model, tcp: { <<: *poor, from: v1/linux2, to: v1/model2, at: 8 s } }
capture: [v1/model1, v1/linux1, v1/model2, v1/linux2]
)";

TEST_F(VirtualKernels, AndModelsDeliverEachOtherEveryByteInWellFormedFrames) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "a program with AddressSanitizer does not run in a guest";
#endif
  if (!has_tshark()) GTEST_SKIP() << "tshark is not installed";
  const TemporaryFolder folder;
  const RunResult result = run_into(folder.path(), kScenario);
  for (const char* name : {"hard_to_linux", "hard_to_model", "poor_to_linux", "poor_to_model"}) {
    const auto& tcp = outcome_of<TcpResult>(result, name);
    EXPECT_EQ(tcp.bytes, 2'000'000) << name;
    EXPECT_EQ(tcp.wrong_bytes, 0) << name;
    EXPECT_GT(tcp.retransmits, 0u) << name;
  }
  ASSERT_EQ(result.captures.size(), 4u);
  for (const std::string& capture : result.captures) {
    EXPECT_EQ(tshark(folder.path() / capture, kTsharkFaults), "") << capture;
  }
  // What was to be looked at was there: marks and selective acknowledgments, and neither where they
  // were switched off.
  const auto pcap = folder.path() / "pcap";
  for (const char* end : {"v1.model1.eth0.pcap", "v1.linux1.eth0.pcap"}) {
    EXPECT_NE(tshark(pcap / end, "-Y 'ip.dsfield.ecn == 3'"), "") << end;
    EXPECT_NE(tshark(pcap / end, "-Y tcp.options.sack_le"), "") << end;
  }
  EXPECT_EQ(tshark(pcap / "v1.linux2.eth0.pcap", "-Y tcp.options.sack_le"), "");
}

}  // namespace
}  // namespace violin::testing
