#include "emulator/results/result_merge.hh"

#include <gtest/gtest.h>

#include <variant>

#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

// Models only:  v/h1 on a ── v/r1 on a ══ v/h2 on b
Scenario scenario() {
  return test::read(test::with_head(R"(underlay:
  nodes: {a: {kind: host}, b: {kind: host}}
  links: [{name: up, endpoints: [a, b]}]
violins:
  v:
    nodes:
      h1: {kind: host, place: a, backend: model}
      r1: {kind: router, place: a, backend: model}
      h2: {kind: host, place: b, backend: model}
    links: [{name: in, endpoints: [h1, r1]}, {name: across, endpoints: [r1, h2]}]
workloads:
  - {name: t, tcp: {from: v/h1, to: v/h2, duration: 1 s}}
  - {name: u, udp: {from: v/h2, to: v/h1, rate: 1 Mbit/s, duration: 1 s}}
  - {name: p, ping: {from: v/h1, to: v/h2}}
)"));
}

LinkResult link(const std::string& name, uint64_t forth, uint64_t back) {
  LinkResult link;
  link.name = name;
  link.a_to_b.frames = forth;
  link.b_to_a.frames = back;
  return link;
}

WorkloadResult workload(const std::string& name, WorkloadOutcome outcome) {
  WorkloadResult workload;
  workload.name = name;
  workload.outcome = std::move(outcome);
  return workload;
}

TcpResult tcp(int64_t bytes, int64_t retransmits) {
  TcpResult tcp;
  tcp.bytes = tcp.window_bytes = bytes;
  tcp.goodput_bps = static_cast<double>(bytes) * 8;
  tcp.retransmits = retransmits;
  return tcp;
}

UdpResult udp(int64_t sent, int64_t received) {
  UdpResult udp;
  udp.sent = sent;
  udp.received = received;
  return udp;
}

AgentFidelity fidelity(const std::string& host) {
  AgentFidelity fidelity;
  fidelity.host = host;
  return fidelity;
}

class MergeTest : public ::testing::Test {
 protected:
  RunResult merged() const { return merge_slices(scenario_, slices_); }
  const LinkResult* link_of(const RunResult& result, const std::string& name) const {
    for (const LinkResult& one : result.links) {
      if (one.name == name) return &one;
    }
    return nullptr;
  }

  const Scenario scenario_ = scenario();
  std::map<std::string, RunResult> slices_{{"", {}}, {"a", {}}, {"b", {}}};
};

TEST_F(MergeTest, EachDirectionOfALinkIsAsItsSenderHasIt) {
  slices_["a"].links = {link("v/in", 5, 4), link("v/across", 10, 0)};
  slices_["b"].links = {link("v/across", 0, 9)};
  slices_[""].links = {link("underlay/up", 20, 19)};
  const RunResult result = merged();
  ASSERT_EQ(result.links.size(), 3u);
  EXPECT_EQ(result.links[0].name, "underlay/up") << "in scenario order";
  EXPECT_EQ(link_of(result, "v/in")->a_to_b.frames, 5u);
  EXPECT_EQ(link_of(result, "v/in")->b_to_a.frames, 4u);
  EXPECT_EQ(link_of(result, "v/across")->a_to_b.frames, 10u);
  EXPECT_EQ(link_of(result, "v/across")->b_to_a.frames, 9u);
  EXPECT_EQ(result.idle_links, 0u);
}

TEST_F(MergeTest, ALinkThatOnlyTheFarEndUsedIsThereToo) {
  slices_["b"].links = {link("v/across", 0, 9)};
  const RunResult result = merged();
  ASSERT_EQ(result.links.size(), 1u);
  EXPECT_EQ(result.links[0].b_to_a.frames, 9u);
  EXPECT_EQ(result.idle_links, 2u);
}

TEST_F(MergeTest, LinksThatNoAgentHadAreNotIdle) {
  slices_.erase("");  // a real underlay
  EXPECT_EQ(merged().idle_links, 2u) << "those of the violin";
  EXPECT_TRUE(merged().links.empty());
}

TEST_F(MergeTest, ATransferHasItsSendersCountsAndItsReceiversBytes) {
  slices_["a"].workloads = {workload("t", tcp(0, 7)), workload("u", udp(0, 90))};
  slices_["b"].workloads = {workload("t", tcp(4000, 0)), workload("u", udp(100, 0))};
  const RunResult result = merged();
  ASSERT_EQ(result.workloads.size(), 2u);
  const auto& t = std::get<TcpResult>(result.workloads[0].outcome);
  EXPECT_EQ(t.bytes, 4000);
  EXPECT_EQ(t.window_bytes, 4000);
  EXPECT_EQ(t.goodput_bps, 32'000);
  EXPECT_EQ(t.retransmits, 7);
  const auto& u = std::get<UdpResult>(result.workloads[1].outcome);
  EXPECT_EQ(u.sent, 100);
  EXPECT_EQ(u.received, 90);
  EXPECT_EQ(u.lost, 10);
}

TEST_F(MergeTest, AHalfWithoutTheOtherIsKept) {
  slices_["b"].workloads = {workload("t", tcp(4000, 0)), workload("u", udp(100, 0))};
  const RunResult result = merged();
  ASSERT_EQ(result.workloads.size(), 2u);
  EXPECT_EQ(std::get<TcpResult>(result.workloads[0].outcome).bytes, 4000);
  EXPECT_EQ(std::get<UdpResult>(result.workloads[1].outcome).sent, 100);
}

TEST_F(MergeTest, WhatBelongsToNobodyIsPutTogether) {
  slices_["a"].frame_hops = 3;
  slices_["b"].frame_hops = 4;
  slices_["a"].virtual_time = Duration::seconds(2);
  slices_["b"].virtual_time = Duration::seconds(1);
  slices_["a"].captures = {"pcap/v.h1.eth0.pcap"};
  slices_["b"].captures = {"pcap/v.h2.eth0.pcap"};
  for (const char* slice : {"a", "b"}) {
    slices_[slice].event_log = {{Time::zero(), "set", "once"}};
    slices_[slice].fidelity = judge_fidelity({fidelity(slice)});
  }
  const RunResult result = merged();
  EXPECT_EQ(result.frame_hops, 7u);
  EXPECT_EQ(result.virtual_time, Duration::seconds(2));
  EXPECT_EQ(result.captures.size(), 2u);
  EXPECT_EQ(result.event_log.size(), 1u) << "every slice follows the whole script";
  ASSERT_TRUE(result.fidelity);
  EXPECT_EQ(result.fidelity->agents.size(), 2u);
}

}  // namespace
}  // namespace violin
