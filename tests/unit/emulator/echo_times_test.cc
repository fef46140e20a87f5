#include "emulator/timetravel/echo_times.hh"

#include <gtest/gtest.h>

#include "core/ethernet.hh"
#include "core/ip_header.hh"

namespace violin {
namespace {

using namespace literals;

constexpr uint8_t kRequest = 8, kReply = 0, kRequestV6 = 128, kReplyV6 = 129;

IpAddress host(uint32_t number, bool v6 = false) {
  return v6 ? IpAddress::v6(0xfd00'0000'0000'0000, number) : IpAddress::v4(0x0a00'0000 + number);
}

struct Echo {
  uint8_t type = kRequest;
  uint16_t identifier = 77;
  uint16_t number = 1;
  uint32_t from = 1, to = 2;
  bool v6 = false;
};

class EchoTimesTest : public ::testing::Test {
 protected:
  Frame frame(const Echo& echo) {
    Frame frame = Frame::allocate(pools_);
    EthernetHeader{.type = echo.v6 ? ether_type::kIpv6 : ether_type::kIpv4}.write(
        frame.append(EthernetHeader::kSize));
    if (echo.v6) {
      Ipv6Header ip;
      ip.payload_length = 8;
      ip.next_header = ip_protocol::kIcmpV6;
      ip.source = host(echo.from, true);
      ip.destination = host(echo.to, true);
      ip.write(frame.append(Ipv6Header::kSize));
    } else {
      Ipv4Header ip;
      ip.total_length = Ipv4Header::kSize + 8;
      ip.protocol = ip_protocol::kIcmp;
      ip.source = host(echo.from);
      ip.destination = host(echo.to);
      ip.write(frame.append(Ipv4Header::kSize));
    }
    std::byte* const icmp = frame.append(8);
    std::fill(icmp, icmp + 8, std::byte{0});
    icmp[0] = std::byte{echo.type};
    store_be16(icmp + 4, echo.identifier);
    store_be16(icmp + 6, echo.number);
    return frame;
  }
  void request(uint16_t number, Time now) { times_.sent(frame({.number = number}), now); }
  void reply(uint16_t number, Time now) {
    times_.received(frame({.type = kReply, .number = number, .from = 2, .to = 1}), now);
  }

  BufferPools pools_;
  EchoTimes times_;
};

TEST_F(EchoTimesTest, KnowsWhenEachRequestLeftAndWasAnswered) {
  request(1, Time::zero());
  request(2, Time::zero() + 1_s);
  reply(1, Time::zero() + 20_ms);
  reply(2, Time::zero() + 1_s + 30_ms);
  ASSERT_EQ(times_.conversations().size(), 1u);
  const EchoConversation& one = times_.conversations()[0];
  EXPECT_EQ(one.to, host(2));
  ASSERT_EQ(one.requests.size(), 2u);
  EXPECT_EQ(one.requests[0].answered, Time::zero() + 20_ms);
  EXPECT_EQ(*one.requests[1].answered - one.requests[1].sent, 30_ms);
}

TEST_F(EchoTimesTest, KeepsTheFirstReplyOfSeveral) {
  request(1, Time::zero());
  reply(1, Time::zero() + 20_ms);
  reply(1, Time::zero() + 25_ms);
  EXPECT_EQ(times_.conversations()[0].requests[0].answered, Time::zero() + 20_ms);
}

TEST_F(EchoTimesTest, FollowsNumbersBeyondTheSixteenBitsOfTheWire) {
  for (int i = 0; i < 70'000; ++i) {
    const Time sent = Time::zero() + 1_ms * i;
    request(static_cast<uint16_t>(i + 1), sent);
    reply(static_cast<uint16_t>(i + 1), sent + 100_us);
  }
  const EchoConversation& one = times_.conversations()[0];
  ASSERT_EQ(one.requests.size(), 70'000u);
  EXPECT_EQ(one.requests[69'999].answered, Time::zero() + 1_ms * 69'999 + 100_us);
}

TEST_F(EchoTimesTest, TellsProgramsAndAddressesApart) {
  times_.sent(frame({.identifier = 1}), Time::zero());
  times_.sent(frame({.identifier = 2}), Time::zero());
  times_.sent(frame({.identifier = 1, .to = 3}), Time::zero());
  EXPECT_EQ(times_.conversations().size(), 3u);
}

TEST_F(EchoTimesTest, SpeaksIpv6) {
  times_.sent(frame({.type = kRequestV6, .v6 = true}), Time::zero());
  times_.received(frame({.type = kReplyV6, .from = 2, .to = 1, .v6 = true}), Time::zero() + 1_ms);
  ASSERT_EQ(times_.conversations().size(), 1u);
  EXPECT_EQ(times_.conversations()[0].requests[0].answered, Time::zero() + 1_ms);
}

TEST_F(EchoTimesTest, DoesNotTakeTheRequestsOfOthersForItsOwn) {
  times_.received(frame({.from = 2, .to = 1}), Time::zero());
  times_.sent(frame({.type = kReply}), Time::zero());
  reply(5, Time::zero());
  EXPECT_TRUE(times_.conversations().empty());
}

TEST_F(EchoTimesTest, PassesOverFramesThatEndTooEarly) {
  for (uint32_t size = 0; size < EthernetHeader::kSize + Ipv4Header::kSize + 8; ++size) {
    Frame cut = frame({});
    cut.truncate(size);
    times_.sent(cut, Time::zero());
  }
  EXPECT_TRUE(times_.conversations().empty());
}

TEST_F(EchoTimesTest, ReplacesWhatAProgramPrintedAndKeepsItBeside) {
  request(1, Time::zero());
  reply(1, Time::zero() + 20_ms);
  request(2, Time::zero() + 1_s);
  PingResult ping;
  ping.probes = {{.sequence = 0, .sent = Time::zero() + 1_us, .rtt = 20_ms + 1_us, .queueing = {}},
                 {.sequence = 1, .sent = Time::zero() + 1_s, .rtt = {}, .queueing = {}}};
  retime(times_.conversations()[0], ping);
  EXPECT_EQ(ping.probes[0].rtt, 20_ms);
  EXPECT_EQ(ping.probes[0].sent, Time::zero());
  EXPECT_FALSE(ping.probes[1].rtt);
  EXPECT_EQ(ping.program_rtt.samples, 1u);
  EXPECT_EQ(ping.program_rtt.max, 20_ms + 1_us);
}

}  // namespace
}  // namespace violin
