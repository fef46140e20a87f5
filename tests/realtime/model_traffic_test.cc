#include <gtest/gtest.h>

#include "tests/realtime/run_fixture.hh"

namespace violin::testing {
namespace {

class ModelTraffic : public RunTest {};

// A model and a real host behind a model router, 100 Mbit/s and 5 ms between them.
std::string model_and_real(const std::string& workloads, const std::string& loss = "0 %") {
  return R"(violin: 1
name: halves
duration: 6 s
underlay:
  nodes:
    machine: { kind: host }
violins:
  v:
    nodes:
      model: { kind: host, place: machine, backend: model }
      r:     { kind: router, place: machine, backend: model }
      real:  { kind: host, place: machine }
    links:
      - { endpoints: [model, r], delay: 5 ms, rate: 100 Mbit/s, loss: )" +
         loss + R"( }
      - { endpoints: [r, real] }
workloads:
)" + workloads;
}

// A transfer of a given size between the two, finished and right to the last byte.
void expect_all_of(const TcpResult& tcp, int64_t size) {
  EXPECT_EQ(tcp.bytes, size);
  EXPECT_EQ(tcp.wrong_bytes, 0);
  ASSERT_EQ(tcp.flows.size(), 1u);
  EXPECT_EQ(tcp.flows[0].bytes, size);
  ASSERT_TRUE(tcp.flows[0].finish.has_value());
  EXPECT_GE(*tcp.flows[0].completion_time(), Duration::milliseconds(20)) << "two round trips";
  EXPECT_GT(tcp.goodput_bps, 0);
  EXPECT_LT(tcp.goodput_bps, 100e6) << "the link";
}

TEST_F(ModelTraffic, DeliversEveryByteOfTcpBothWays) {
  const Outcome ran = run(model_and_real(
      R"(  - { name: out,  tcp: { from: v/model, to: v/real, at: 100 ms, size: 2000003 B, congestion: cubic } }
  - { name: back, tcp: { from: v/real, to: v/model, at: 2 s, size: 2000003 B, congestion: newreno } }
)"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  for (const char* name : {"out", "back"}) {
    SCOPED_TRACE(name);
    const auto tcp = outcome_of<TcpResult>(name);
    expect_all_of(tcp, 2'000'003);
    EXPECT_GE(tcp.srtt, Duration::milliseconds(10)) << "the link, there and back";
  }
  for (const WorkloadResult& one : result().workloads) EXPECT_EQ(one.source, "model+program");
}

TEST_F(ModelTraffic, RepairsEveryLossOfTcpBothWays) {
  const Outcome ran = run(model_and_real(
      R"(  - { name: out,  tcp: { from: v/model, to: v/real, at: 100 ms, size: 500001 B } }
  - { name: back, tcp: { from: v/real, to: v/model, at: 100 ms, size: 500001 B } }
)",
      "1 %"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  for (const char* name : {"out", "back"}) {
    SCOPED_TRACE(name);
    const auto tcp = outcome_of<TcpResult>(name);
    expect_all_of(tcp, 500'001);
    EXPECT_GT(tcp.retransmits, 0u) << "of 350 segments";
  }
}

TEST_F(ModelTraffic, SendsForAGivenTimeBothWays) {
  const Outcome ran = run(model_and_real(
      R"(  - { name: out,  tcp: { from: v/model, to: v/real, at: 100 ms, duration: 1 s } }
  - { name: back, tcp: { from: v/real, to: v/model, at: 2 s, duration: 1 s } }
)"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  for (const char* name : {"out", "back"}) {
    SCOPED_TRACE(name);
    const auto tcp = outcome_of<TcpResult>(name);
    EXPECT_GT(tcp.window_bytes, 500'000);
    EXPECT_LE(tcp.window_bytes, tcp.bytes);
    EXPECT_LT(tcp.goodput_bps, 100e6);
    EXPECT_EQ(tcp.wrong_bytes, 0);
  }
}

TEST_F(ModelTraffic, CountsDatagramsBothWays) {
  const Outcome ran = run(model_and_real(
      R"(  - { name: out,  udp: { from: v/model, to: v/real, at: 100 ms, duration: 1 s, rate: 1 Mbit/s, size: 1000 B } }
  - { name: back, udp: { from: v/real, to: v/model, at: 100 ms, duration: 1 s, rate: 1 Mbit/s, size: 1000 B } }
)"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  for (const char* name : {"out", "back"}) {
    SCOPED_TRACE(name);
    const auto udp = outcome_of<UdpResult>(name);
    EXPECT_EQ(udp.sent, 125);
    EXPECT_EQ(udp.received, 125);
    EXPECT_EQ(udp.lost, 0);
    EXPECT_EQ(udp.duplicates, 0);
  }
  // The other way a kernel's clock is read before, and a model's, which may lag, behind.
  EXPECT_GE(outcome_of<UdpResult>("out").delay.min, Duration::milliseconds(5)) << "the link";
}

TEST_F(ModelTraffic, IsPingedAndTracedAcrossModelRouters) {
  const Outcome ran = run(model_and_real(
      R"(  - { name: ping, ping: { from: v/model, to: v/real, count: 5, interval: 20 ms } }
  - { name: path, traceroute: { from: v/real, to: v/model } }
)"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_EQ(outcome_of<PingResult>("ping").received, 5);
  const auto trace = outcome_of<TracerouteResult>("path");
  EXPECT_TRUE(trace.reached);
  ASSERT_EQ(trace.hops.size(), 2u);
  EXPECT_EQ(trace.hops[0].node, "v/r");
  EXPECT_EQ(trace.hops[1].node, "v/model");
}

}  // namespace
}  // namespace violin::testing
