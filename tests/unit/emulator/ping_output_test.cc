#include "emulator/program/ping_output.hh"

#include <gtest/gtest.h>

#include <string>

#include "emulator/program/program_failure.hh"

namespace violin {
namespace {

using namespace literals;

// Recorded from iputils 20221126 on a path of 20 ms each way that loses and repeats packets.
const std::string kLossy = R"(PING 10.9.0.3 (10.9.0.3) 56(84) bytes of data.
[1795379837.946872] no answer yet for icmp_seq=1
[1795379837.973657] 64 bytes from 10.9.0.3: icmp_seq=1 ttl=64 time=81.0 ms
[1795379837.973720] 64 bytes from 10.9.0.3: icmp_seq=1 ttl=64 time=81.0 ms (DUP!)
[1795379837.997901] no answer yet for icmp_seq=2
[1795379838.038704] 64 bytes from 10.9.0.3: icmp_seq=3 ttl=64 time=40.7 ms
[1795379838.088620] 64 bytes from 10.9.0.3: icmp_seq=4 ttl=64 time=40.7 ms
[1795379838.202881] no answer yet for icmp_seq=5
[1795379838.243665] 64 bytes from 10.9.0.3: icmp_seq=6 ttl=64 time=40.7 ms
[1795379838.243735] 64 bytes from 10.9.0.3: icmp_seq=6 ttl=64 time=40.7 ms (DUP!)

--- 10.9.0.3 ping statistics ---
7 packets transmitted, 4 received, +2 duplicates, 42.8571% packet loss, time 964ms
rtt min/avg/max/mdev = 40.442/44.663/81.007/12.111 ms, pipe 2
)";

PingReading reading() {
  PingReading how;
  how.epoch_ns = 1'795'379'837'000'000'000;
  how.count = 20;
  how.interval = 50_ms;
  how.timeout = 1_s;
  how.start = Time::zero() + 892_ms;
  how.end = Time::zero() + 10_s;
  how.window = {Time::zero(), how.end};
  return how;
}

TEST(PingOutput, KnowsWhatBecameOfEveryRequestAndWhenItLeft) {
  const PingResult result = read_ping_output(kLossy, reading());
  EXPECT_EQ(result.sent, 7);
  EXPECT_EQ(result.received, 4);
  EXPECT_EQ(result.duplicates, 2);
  EXPECT_EQ(result.outstanding, 0);
  EXPECT_FALSE(result.queueing_known);
  ASSERT_EQ(result.probes.size(), 7u);
  EXPECT_EQ(result.probes[0].sequence, 0);
  EXPECT_EQ(result.probes[0].rtt, 81_ms);
  // Printed at 973.657 ms, after a round trip of 81.0 ms.
  EXPECT_EQ(result.probes[0].sent, Time::zero() + 892'657_us);
  // Lost; it left when the one before was found unanswered.
  EXPECT_EQ(result.probes[1].rtt, std::nullopt);
  EXPECT_EQ(result.probes[1].sent, Time::zero() + 946'872_us);
  // Lost; nothing tells when it left, but the one before left at 1 047.920 ms.
  EXPECT_EQ(result.probes[4].sent, Time::zero() + 1'097'920_us);
  // The last one, which only the statistics know of.
  EXPECT_EQ(result.probes[6].rtt, std::nullopt);
  EXPECT_EQ(result.probes[6].sent, result.probes[5].sent + 50_ms);
}

TEST(PingOutput, AReplyAfterTheTimeoutIsALoss) {
  PingReading how = reading();
  how.timeout = 80_ms;
  const PingResult result = read_ping_output(kLossy, how);
  EXPECT_EQ(result.received, 3);
  EXPECT_EQ(result.probes[0].rtt, std::nullopt);
}

TEST(PingOutput, WhatCouldStillBeAnsweredAtTheEndIsOutstandingWithinTheWindow) {
  PingReading how = reading();
  how.end = Time::zero() + 2_s;
  how.window = {Time::zero() + 1_s, how.end};
  const PingResult result = read_ping_output(kLossy, how);
  EXPECT_EQ(result.sent, 7);
  EXPECT_EQ(result.outstanding, 2);  // of those without an answer, these left after 1 s
  EXPECT_EQ(result.probes.size(), 5u);
}

TEST(PingOutput, AnInterruptedProgramCountsWhatItPrinted) {
  const std::string cut = kLossy.substr(0, kLossy.find("[1795379838.088620]"));
  const PingResult result = read_ping_output(cut, reading());
  EXPECT_EQ(result.sent, 3);
  EXPECT_EQ(result.received, 2);
  // Anywhere: never more than the whole text has, and half a number is no number.
  for (size_t length = 0; length < kLossy.size(); ++length) {
    try {
      const PingResult part = read_ping_output(kLossy.substr(0, length), reading());
      EXPECT_LE(part.received, 4);
      EXPECT_LE(part.sent, 7);
      for (const PingProbe& probe : part.probes)
        EXPECT_GE(probe.rtt.value_or(40'700_us), 40'700_us);
    } catch (const ProgramFailure&) {
      EXPECT_LT(length, kLossy.find("icmp_seq=1") + 10);
    }
  }
}

TEST(PingOutput, ErrorsFromTheWayAreLosses) {
  PingReading how = reading();
  how.end = Time::zero() + 100_s;
  const PingResult result = read_ping_output(R"(PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.
[1795379873.449418] From 10.0.0.2 icmp_seq=1 Destination Host Unreachable
[1795379873.762895] no answer yet for icmp_seq=1
[1795379873.763259] From 10.0.0.2 icmp_seq=2 Destination Net Unreachable

--- 192.0.2.1 ping statistics ---
2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 314ms

)",
                                             how);
  EXPECT_EQ(result.sent, 2);
  EXPECT_EQ(result.received, 0);
  ASSERT_EQ(result.probes.size(), 2u);
  EXPECT_EQ(result.probes[0].rtt, std::nullopt);
  EXPECT_EQ(result.probes[1].sent, Time::zero() + 36'762'895_us);
}

TEST(PingOutput, SequenceNumbersGoOnBeyondThoseOfTheWire) {
  PingReading how = reading();
  how.count = 100'000;
  std::string text;
  for (int64_t i = 1; i <= 65'540; ++i) {
    text += "[1795379837.5] 64 bytes from 10.9.0.3: icmp_seq=" + std::to_string(i % 65'536) +
            " ttl=64 time=1.5 ms\n";
  }
  const PingResult result = read_ping_output(text, how);
  EXPECT_EQ(result.sent, 65'540);
  EXPECT_EQ(result.received, 65'540);
  EXPECT_EQ(result.probes.back().sequence, 65'539);
}

TEST(PingOutput, TheCountBoundsWhatIsKept) {
  PingReading how = reading();
  how.count = 3;
  const PingResult result = read_ping_output(
      "64 bytes from 10.9.0.3: icmp_seq=30000 ttl=64 time=1 ms\n"
      "64 bytes from 10.9.0.3: icmp_seq=2 ttl=64 time=1 ms\n"
      "999999999 packets transmitted, 9 received\n",
      how);
  EXPECT_EQ(result.sent, 2);
}

TEST(PingOutput, AProgramThatSentNothingIsAFailureInItsOwnWords) {
  try {
    read_ping_output("ping: connect: Network is unreachable\n", reading());
    FAIL() << "nothing was thrown";
  } catch (const ProgramFailure& failure) {
    EXPECT_STREQ(failure.what(),
                 "ping sent nothing; it said: ping: connect: Network is unreachable");
  }
  EXPECT_THROW(read_ping_output("", reading()), ProgramFailure);
}

}  // namespace
}  // namespace violin
