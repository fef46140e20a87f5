#include "emulator/program/traffic_output.hh"

#include <gtest/gtest.h>

#include "emulator/program/program_failure.hh"

namespace violin {
namespace {

TEST(TrafficOutput, AReceiverCompletesTheModelsFlows) {
  TcpResult tcp;
  tcp.window = {Time::zero(), Time::from_ns(1'000'000'000)};
  tcp.flows.resize(2);
  read_tcp_receiver(R"({"bytes":3000,"wrong_bytes":1,"window_bytes":2000,"flows":[
    {"number":1,"bytes":1000},{"number":0,"bytes":2000},{"number":7,"bytes":5}]})",
                    tcp);
  EXPECT_EQ(tcp.bytes, 3000);
  EXPECT_EQ(tcp.wrong_bytes, 1);
  EXPECT_EQ(tcp.goodput_bps, 16'000);
  EXPECT_EQ(tcp.flows[0].bytes, 2000);
  EXPECT_EQ(tcp.flows[1].bytes, 1000);
}

TEST(TrafficOutput, ASendersFlowOfAGivenSizeEndsTheWindow) {
  TcpResult tcp;
  tcp.window = {Time::zero(), Time::from_ns(1'000'000'000)};
  tcp.bytes = tcp.window_bytes = 1000;
  read_tcp_sender(
      R"({"start_ns":100,"finish_ns":500000000,"written":1000,"retransmits":3,"srtt_us":10})", true,
      tcp);
  EXPECT_EQ(tcp.window.to, Time::from_ns(500'000'000));
  EXPECT_EQ(tcp.goodput_bps, 16'000);
  EXPECT_EQ(tcp.retransmits, 3u);
  ASSERT_EQ(tcp.flows.size(), 1u);
  EXPECT_EQ(tcp.flows[0].bytes, 1000);
  EXPECT_EQ(tcp.flows[0].srtt, Duration::microseconds(10));
}

TEST(TrafficOutput, WhatDidNotComeIsLost) {
  UdpResult udp;
  udp.received = 9;
  read_udp_sender(R"({"sent":10})", udp);
  EXPECT_EQ(udp.lost, 1);
}

TEST(TrafficOutput, RefusesWhatNoRunCanHave) {
  TcpResult tcp;
  UdpResult udp;
  udp.received = 2;
  EXPECT_THROW(read_tcp_receiver("violin: it broke", tcp), ProgramFailure);
  EXPECT_THROW(read_tcp_receiver(R"({"bytes":1,"wrong_bytes":0,"window_bytes":2,"flows":[]})", tcp),
               ProgramFailure);
  EXPECT_THROW(
      read_tcp_receiver(R"({"bytes":-1,"wrong_bytes":0,"window_bytes":0,"flows":[]})", tcp),
      ProgramFailure);
  EXPECT_THROW(
      read_tcp_sender(R"({"start_ns":5,"finish_ns":4,"retransmits":0,"srtt_us":0})", false, tcp),
      ProgramFailure);
  EXPECT_THROW(read_udp_sender(R"({"sent":1})", udp), ProgramFailure);
  EXPECT_THROW(read_udp_receiver(R"({"received":1})", udp), ProgramFailure);
}

}  // namespace
}  // namespace violin
