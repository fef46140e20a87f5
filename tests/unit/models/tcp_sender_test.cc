#include "models/tcp/tcp_sender.hh"

#include <gtest/gtest.h>

#include <utility>

#include "tests/support/tcp_talker.hh"

// What is sent when: loss recovery, timeouts, windows, marks. One way takes 10 ms unless said
// otherwise; the handshake ends at 20 ms, when the first ten segments leave; nothing takes time to
// serialise, so what leaves together arrives together.
//
//     client a ── 10 ms ── b server, port 80

namespace violin {
namespace {

using namespace literals;

constexpr int64_t kSegment = 1'448;

// The position of data segment `number`, from 1.
uint32_t position_of(int number) { return static_cast<uint32_t>(1 + (number - 1) * kSegment); }

using Sent = std::vector<std::pair<uint32_t, int64_t>>;  // number of the segment, ms

// Data segments of a that were sent more than once: all transmissions but the first of each.
Sent sent_again(const TcpPipe& pipe) {
  Sent again;
  uint32_t highest = 0;
  for (const TcpStep& step : pipe.steps) {
    if (step.from != 'a' || step.length == 0) continue;
    if (step.sequence < highest) {
      again.emplace_back((step.sequence - 1) / kSegment + 1, step.at.ns() / 1'000'000);
    }
    highest = std::max(highest, step.sequence + step.length);
  }
  return again;
}

// Loses the first transmission of the given data segments of a.
std::function<TcpFate(const TcpStep&)> losing(std::vector<int> numbers) {
  return [numbers = std::move(numbers)](const TcpStep& step) mutable {
    TcpFate fate;
    if (step.from != 'a' || step.length == 0) return fate;
    for (int& number : numbers) {
      if (step.sequence == position_of(number)) {
        number = 0;
        fate.copies = 0;
        break;
      }
    }
    return fate;
  };
}

TcpSenderCounters counters_of(const TcpCall& call) {
  return call.client.connection->sender().counters();
}

TEST(TcpSender, RepairsALostSegmentAtTheThirdSelectiveAcknowledgment) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.client.to_send = 10 * kSegment;
  call.pipe.script = losing({3});
  call.start();
  call.pipe.run_for(1_s);
  EXPECT_EQ(sent_again(call.pipe), (Sent{{3, 40}}));
  EXPECT_EQ(counters_of(call).timeouts, 0u);
  EXPECT_EQ(counters_of(call).recoveries, 1u);
  EXPECT_EQ(call.client.acknowledged_at, Time::zero() + 60_ms);
}

TEST(TcpSender, RepairsScatteredLossesInOneRoundTrip) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.client.to_send = 10 * kSegment;
  call.pipe.script = losing({2, 4, 6});
  call.start();
  call.pipe.run_for(1_s);
  // 7 ACKs come back, 2 before the third SACK; PRR lets one segment out for each delivered, more
  // when below the threshold: all three leave at 40 ms.
  EXPECT_EQ(sent_again(call.pipe), (Sent{{2, 40}, {4, 40}, {6, 40}}));
  EXPECT_EQ(counters_of(call).recoveries, 1u);
  EXPECT_EQ(call.client.acknowledged_at, Time::zero() + 60_ms);
}

TEST(TcpSender, FindsALostRetransmissionByTimeInsteadOfWaitingForTheTimeout) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.client.to_send = 60 * kSegment;
  call.pipe.script = losing({3, 3});
  call.start();
  call.pipe.run_for(1_s);
  const Sent again = sent_again(call.pipe);
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(again[0], (std::pair<uint32_t, int64_t>{3, 40}));
  // Segments sent after the retransmission at 40 ms are sacked at 60 ms.
  EXPECT_EQ(again[1], (std::pair<uint32_t, int64_t>{3, 60}));
  EXPECT_EQ(counters_of(call).timeouts, 0u);
}

TEST(TcpSender, ProbesALostTailAfterTwoRoundTrips) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.client.to_send = 10 * kSegment;
  call.pipe.script = losing({9, 10});
  call.start();
  call.pipe.run_for(1_s);
  // ACKs of 1 to 8 come at 40 ms; 2 x 20 + 2 ms later the last segment is sent again; its SACK
  // comes at 102 ms and shows that 9 is lost.
  EXPECT_EQ(sent_again(call.pipe), (Sent{{10, 82}, {9, 102}}));
  EXPECT_EQ(counters_of(call).tail_probes, 1u);
  EXPECT_EQ(counters_of(call).timeouts, 0u);
}

TEST(TcpSender, ReducesItsWindowWhenAProbeRepairedTheOnlyLoss) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.client.to_send = 10 * kSegment;
  call.pipe.script = losing({10});
  call.start();
  call.pipe.run_for(250_ms);
  EXPECT_TRUE(sent_again(call.pipe).empty());
  // A lone segment waits 200 ms longer, for a delayed ACK, but not past the timeout of 220 ms.
  call.client.to_send = 11 * kSegment;
  call.pipe.run_for(11_ms);
  EXPECT_EQ(sent_again(call.pipe), (Sent{{10, 260}}));
  call.client.write(call.pipe.now());  // behind the probe
  call.pipe.run_for(1_s);
  EXPECT_EQ(counters_of(call).timeouts, 0u);
  EXPECT_EQ(counters_of(call).tail_probes, 1u);
  EXPECT_LT(call.client.connection->sender().window().slow_start_threshold, 10 * kSegment);
}

TEST(TcpSender, DoublesTheTimeoutFromTheRoundTripAndTwoHundredMilliseconds) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.client_options.tail_loss_probe = false;
  call.client.to_send = 10 * kSegment;
  call.pipe.script = [](const TcpStep& step) {
    return TcpFate{.copies = step.length > 0 && step.at < Time::zero() + 2_s ? 0 : 1};
  };
  call.start();
  call.pipe.run_for(10_s);
  // SRTT is 20 ms exactly: 220 ms, then twice that and so on; the fourth one arrives.
  const Sent again = sent_again(call.pipe);
  ASSERT_GE(again.size(), 4u);
  EXPECT_EQ(again[0], (std::pair<uint32_t, int64_t>{1, 240}));
  EXPECT_EQ(again[1], (std::pair<uint32_t, int64_t>{1, 680}));
  EXPECT_EQ(again[2], (std::pair<uint32_t, int64_t>{1, 1'560}));
  EXPECT_EQ(again[3], (std::pair<uint32_t, int64_t>{1, 3'320}));
  EXPECT_EQ(again[4].second, 3'340);  // then slow start
  EXPECT_EQ(call.server.received_bytes, 10 * kSegment);
}

TEST(TcpSender, WaitsASecondAtLeastByTheRfcRule) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.client_options.tail_loss_probe = false;
  call.client_options.timeout_rule = TcpTimeoutRule::kRfc6298;
  call.client.to_send = kSegment;
  call.pipe.script = losing({1, 1});
  call.start();
  call.pipe.run_for(10_s);
  EXPECT_EQ(sent_again(call.pipe), (Sent{{1, 1'020}, {1, 3'020}}));
}

TEST(TcpSender, FailsAfterTheRetriesItWasGiven) {
  TcpCall call;
  call.client_options.data_retries = 3;
  call.client.to_send = kSegment;
  call.pipe.script = [](const TcpStep& step) { return TcpFate{.copies = step.length > 0 ? 0 : 1}; };
  call.start();
  call.pipe.run_for(100_s);
  EXPECT_TRUE(call.client.was_told("timed_out"));
}

TEST(TcpSender, TakesBackATimeoutThatADelaySpikeCaused) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.client.to_send = 200 * kSegment;
  // Everything that leaves between 100 and 130 ms comes 600 ms late.
  call.pipe.script = [](const TcpStep& step) {
    TcpFate fate;
    const bool in_spike = step.at >= Time::zero() + 60_ms && step.at < Time::zero() + 400_ms;
    if (in_spike && step.from == 'a' && step.sequence < position_of(60)) fate.extra = 600_ms;
    return fate;
  };
  call.start();
  call.pipe.run_for(55_ms);
  call.pipe.run_for(3_s);
  EXPECT_EQ(call.server.received_bytes, call.client.to_send);
  EXPECT_GE(counters_of(call).timeouts, 1u);
  EXPECT_EQ(counters_of(call).undone, 1u);
  EXPECT_GT(call.client.connection->sender().window().congestion_window, 20 * kSegment);
}

TEST(TcpSender, LearnsToWaitForReorderedSegments) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.client.to_send = 2'000 * kSegment;
  // Every 30th segment comes 3 ms late, a quarter round trip is 5 ms.
  call.pipe.script = [](const TcpStep& step) {
    TcpFate fate;
    if (step.from == 'a' && step.length > 0 && (step.sequence / kSegment) % 30 == 3) {
      fate.extra = 3_ms;
    }
    return fate;
  };
  call.start();
  call.pipe.run_for(5_s);
  EXPECT_EQ(call.server.received_bytes, call.client.to_send);
  // The first one is taken for a loss; the mistake is noticed, and a lesson.
  EXPECT_EQ(sent_again(call.pipe), (Sent{{4, 40}}));
  EXPECT_EQ(counters_of(call).undone, 1u);
}

TEST(TcpSender, SendsEverythingAgainWhenTheReceiverForgotWhatItSacked) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.client.to_send = 10 * kSegment;
  call.pipe.script = [](const TcpStep& step) {
    return TcpFate{.copies = step.length > 0 && step.at < Time::zero() + 50_ms ? 0 : 1};
  };
  call.start();
  call.pipe.run_for(40_ms);
  // An ACK that claims segments 5 to 10, none of which came.
  TcpHeader ack = call.pipe.steps[1].header;
  ack.flags = TcpHeader::kAck;
  ack.maximum_segment_size.reset();
  ack.window_scale.reset();
  ack.sack_permitted = false;
  ack.sequence += 1;
  ack.sack_blocks[0] = {call.pipe.a.first_sequence + position_of(5),
                        call.pipe.a.first_sequence + position_of(11)};
  ack.sack_count = 1;
  call.pipe.inject(call.pipe.a, ack);
  EXPECT_EQ(call.client.connection->sender().scoreboard().sacked(), 6 * kSegment);
  call.pipe.run_for(10_s);
  EXPECT_EQ(call.server.received_bytes, 10 * kSegment);
}

TEST(TcpSender, RepairsByDuplicateAcksWhenThePeerHasNoSack) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.client_options.sack = false;
  call.client.to_send = 10 * kSegment;
  call.pipe.script = losing({3, 5});
  call.start();
  call.pipe.run_for(1_s);
  // The third duplicate ACK, then the partial ACK a round trip later.
  EXPECT_EQ(sent_again(call.pipe), (Sent{{3, 40}, {5, 60}}));
  EXPECT_EQ(counters_of(call).timeouts, 0u);
}

TEST(TcpSender, NeedsThreeDuplicateAcksToRepairWithoutSack) {
  for (const int behind : {2, 3}) {
    TcpCall call;
    call.pipe.keep_steps = true;
    call.client_options.sack = false;
    call.client.to_send = (3 + behind) * kSegment;
    call.pipe.script = losing({3});
    call.start();
    call.pipe.run_for(1_s);
    // With two it takes the timeout, 220 ms after the ACK of segment 2.
    EXPECT_EQ(sent_again(call.pipe).at(0),
              (std::pair<uint32_t, int64_t>{3, behind == 3 ? 40 : 260}));
  }
}

TEST(TcpSender, HalvesTheWindowOnceForManyLossesOfOneRoundTripWithNewReno) {
  TcpCall call;
  call.client_options.congestion = TcpCongestionAlgorithm::kNewReno;
  call.client.to_send = 1'000'000'000;
  call.start();
  call.pipe.run_for(105_ms);
  const int64_t flight = call.client.connection->sender().scoreboard().in_flight();
  ASSERT_GT(flight, 100 * kSegment);
  int lost = 0;
  call.pipe.script = [&](const TcpStep& step) {
    return TcpFate{.copies = step.length > 0 && step.number % 10 == 0 && ++lost <= 8 ? 0 : 1};
  };
  call.pipe.run_for(200_ms);
  EXPECT_EQ(counters_of(call).recoveries, 1u);
  const auto& window = call.client.connection->sender().window();
  // Between the flight when the first loss was seen and twice that, which slow start reached.
  EXPECT_GE(window.slow_start_threshold, flight / 2);
  EXPECT_LE(window.slow_start_threshold, flight * 11 / 10);
}

TEST(TcpSender, DoesNotOpenTheWindowByWhatWasKnownToHaveArrivedBeforeARecoveryEnded) {
  TcpCall call;
  call.client_options.congestion = TcpCongestionAlgorithm::kNewReno;
  call.client.to_send = 200 * kSegment;
  call.pipe.script = losing({3});
  call.start();
  // At 60 ms one ACK covers the repair and all that was sacked behind it: a whole window, of which
  // one segment is news.
  call.pipe.run_for(60_ms + 1_us);
  const TcpSender& sender = call.client.connection->sender();
  ASSERT_TRUE(sender.recovery().open());
  EXPECT_EQ(sender.counters().recoveries, 1u);
  EXPECT_EQ(sender.window().congestion_window, sender.window().slow_start_threshold);
}

TEST(TcpSender, KeepsTheFlightUpWhilePartialAcksFillOneHoleEachWithoutSack) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.client_options.sack = false;
  call.client_options.congestion = TcpCongestionAlgorithm::kNewReno;
  call.client.to_send = 4'000 * kSegment;
  std::vector<int> lost;
  for (int number = 80; number < 140; number += 2) lost.push_back(number);
  call.pipe.script = losing(lost);
  call.start();
  call.pipe.run_for(600_ms);
  // One repair per round trip. Every duplicate ACK stands for a segment that has left, and a
  // partial ACK takes back no more of them than it covers: as many new ones leave in each round
  // trip as in the one before, and one more, as Linux does it.
  std::vector<int> new_data(1);
  uint32_t highest = 0;
  for (const TcpStep& step : call.pipe.steps) {
    if (step.from != 'a' || step.length == 0) continue;
    if (step.sequence < highest) {
      new_data.push_back(0);
    } else {
      ++new_data.back();
    }
    highest = std::max(highest, step.sequence + step.length);
  }
  ASSERT_GE(new_data.size(), 20u);
  for (size_t round = 3; round < 20; ++round) {
    EXPECT_EQ(new_data[round], new_data[round - 1] + 1) << round;
  }
  EXPECT_EQ(counters_of(call).timeouts, 0u);
}

TEST(TcpSender, FillsAWindowThatIsNoMultipleOfASegmentWithOneShortSegmentAtATime) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.server_options.receive_buffer = Bytes(3 * kSegment + 500);
  call.client.to_send = 100 * kSegment;
  call.start();
  call.pipe.run_for(1_s);
  // At 20 ms: three full segments and one of 500 bytes, which RFC 1122 would have held back.
  std::vector<uint32_t> lengths;
  for (const TcpStep& step : call.pipe.steps) {
    if (step.from == 'a' && step.length > 0 && step.at == Time::zero() + 20_ms) {
      lengths.push_back(step.length);
    }
  }
  EXPECT_EQ(lengths, (std::vector<uint32_t>{kSegment, kSegment, kSegment, 500}));
}

TEST(TcpSender, HalvesAnOddWindowWithNewRenoToWholeSegments) {
  const auto reno = make_congestion_control(TcpCongestionAlgorithm::kNewReno);
  EXPECT_EQ(reno->threshold_after_loss({11 * kSegment, kSegment, kSegment}), 5 * kSegment);
  EXPECT_EQ(reno->threshold_after_loss({3 * kSegment, kSegment, kSegment}), 2 * kSegment);
}

TEST(TcpSender, ReducesOnceARoundTripWhenMarksAreEchoed) {
  TcpCall call;
  call.client_options.ecn = call.server_options.ecn = true;
  call.client.to_send = 1'000'000'000;
  bool marking = false;
  int reduced = 0;
  call.pipe.script = [&](const TcpStep& step) {
    if (step.from == 'a' && step.header.has(TcpHeader::kCwr) && step.length > 0) ++reduced;
    TcpFate fate;
    fate.mark = marking && step.from == 'a';
    return fate;
  };
  call.start();
  call.pipe.run_for(125_ms);
  ASSERT_TRUE(call.client.connection->ecn());
  EXPECT_EQ(counters_of(call).reductions_by_mark, 0u);
  const int64_t before = call.client.connection->sender().window().congestion_window;
  marking = true;
  call.pipe.run_for(20_ms);  // one flight
  marking = false;
  call.pipe.run_for(60_ms);
  EXPECT_EQ(counters_of(call).reductions_by_mark, 1u);
  EXPECT_EQ(reduced, 1);
  EXPECT_LT(call.client.connection->sender().window().slow_start_threshold, before * 2);
  EXPECT_EQ(counters_of(call).retransmissions, 0u);
  marking = true;
  call.pipe.run_for(400_ms);
  // 20 round trips at most; CWR, marked again, and the echo take two.
  EXPECT_GE(counters_of(call).reductions_by_mark, 9u);
  EXPECT_LE(counters_of(call).reductions_by_mark, 21u);
}

TEST(TcpSender, MarksOnlyNewDataAsEcnCapable) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.client_options.ecn = call.server_options.ecn = true;
  call.client.to_send = 10 * kSegment;
  call.pipe.script = losing({3});
  call.start();
  call.pipe.run_for(1_s);
  EXPECT_EQ(call.pipe.steps[0].header.flags, TcpHeader::kSyn | TcpHeader::kEce | TcpHeader::kCwr);
  EXPECT_EQ(call.pipe.steps[1].header.flags, TcpHeader::kSyn | TcpHeader::kAck | TcpHeader::kEce);
  int third = 0;
  for (const TcpStep& step : call.pipe.steps) {
    const bool again = step.sequence == position_of(3) && step.length > 0 && ++third == 2;
    EXPECT_EQ(step.ecn, step.length > 0 && !again ? Ecn::kCapable0 : Ecn::kNotCapable);
  }
  EXPECT_EQ(third, 2);
}

TEST(TcpSender, ProbesAClosedWindowLessAndLessOftenAndGoesOnWhenItOpens) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.server_options.receive_buffer = Bytes(60'000);
  call.client.to_send = 200'000;
  call.start();
  call.pipe.run_for(15_ms);
  call.pipe.run_for(10_ms);
  // Accepted at 30 ms: from then on nobody reads.
  call.pipe.run_for(6_ms);
  call.server.connection->pause_reading();
  call.pipe.run_for(10_s);
  const int64_t read = call.server.received_bytes;
  EXPECT_LT(read, 60'000);
  EXPECT_EQ(call.server.connection->receiver().next() - 1, read + 60'000);
  std::vector<int64_t> probes;
  for (const TcpStep& step : call.pipe.steps) {
    if (step.from == 'a' && step.length == 0 && step.at > Time::zero() + 200_ms) {
      probes.push_back(step.at.ns() / 1'000'000);
    }
  }
  ASSERT_GE(probes.size(), 4u);
  for (size_t i = 2; i < probes.size(); ++i) {
    const int64_t gap = probes[i] - probes[i - 1];
    const int64_t previous = probes[i - 1] - probes[i - 2];
    EXPECT_NEAR(static_cast<double>(gap), 2.0 * static_cast<double>(previous), 4);
  }
  EXPECT_EQ(counters_of(call).timeouts, 0u);
  const Time opened = call.pipe.now();
  call.server.connection->resume_reading(opened);
  call.pipe.run_for(1_s);
  EXPECT_EQ(call.server.received_bytes, 200'000);
  EXPECT_LT(call.client.acknowledged_at, opened + 200_ms);  // told, not found by a probe
}

TEST(TcpSender, KeepsProbingAClosedWindowAsLongAsItIsAnswered) {
  TcpCall call;
  call.server_options.receive_buffer = Bytes(20'000);
  call.client_options.data_retries = 3;
  call.client.to_send = 100'000;
  call.start();
  call.pipe.run_for(31_ms);
  call.server.connection->pause_reading();
  call.pipe.run_for(2'000_s);
  ASSERT_NE(call.client.connection, nullptr);
  EXPECT_GT(counters_of(call).window_probes, 15u);
  // The update that opens the window is lost: the next probe finds out.
  call.pipe.script = [](const TcpStep& step) {
    return TcpFate{.copies = step.from == 'b' ? 0 : 1};
  };
  call.server.connection->resume_reading(call.pipe.now());
  call.pipe.script = nullptr;
  call.pipe.run_for(200_s);
  EXPECT_EQ(call.server.received_bytes, 100'000);
}

TEST(TcpSender, GivesUpOnAClosedWindowWhenProbesAreNotAnswered) {
  TcpCall call;
  call.server_options.receive_buffer = Bytes(20'000);
  call.client_options.data_retries = 3;
  call.client.to_send = 100'000;
  call.start();
  call.pipe.run_for(31_ms);
  call.server.connection->pause_reading();
  call.pipe.run_for(200_ms);
  call.pipe.script = [](const TcpStep&) { return TcpFate{.copies = 0}; };
  call.pipe.run_for(600_s);
  EXPECT_TRUE(call.client.was_told("timed_out"));
}

TEST(TcpSender, HoldsBackASmallSegmentWhileAnotherIsOutOnlyWithNagle) {
  for (const bool nagle : {false, true}) {
    TcpCall call;
    call.pipe.keep_steps = true;
    call.client_options.nagle = nagle;
    call.start();
    call.pipe.run_for(50_ms);
    for (int i = 0; i < 3; ++i) {
      call.client.to_send += 10;
      call.client.write(call.pipe.now());
    }
    std::vector<uint32_t> lengths;
    call.pipe.run_for(1_s);
    for (const TcpStep& step : call.pipe.steps) {
      if (step.length > 0) lengths.push_back(step.length);
    }
    EXPECT_EQ(lengths,
              nagle ? (std::vector<uint32_t>{10, 20}) : (std::vector<uint32_t>{10, 10, 10}));
  }
}

TEST(TcpSender, StartsSlowlyAgainAfterAPauseUnlessToldNotTo) {
  for (const bool slow : {true, false}) {
    TcpCall call;
    call.pipe.keep_steps = true;
    call.client_options.slow_start_after_idle = slow;
    call.client.to_send = 2'000'000;
    call.start();
    call.pipe.run_for(5_s);
    ASSERT_EQ(call.server.received_bytes, 2'000'000);
    const int64_t window = call.client.connection->sender().window().congestion_window;
    ASSERT_GT(window, 100 * kSegment);
    const size_t before = call.pipe.steps.size();
    call.client.to_send += 1'000'000;
    call.client.write(call.pipe.now());
    const size_t burst = call.pipe.steps.size() - before;
    if (slow) {
      EXPECT_EQ(burst, 10u);
    } else {
      EXPECT_GE(burst, 100u);
    }
  }
}

TEST(TcpSender, DoesNotOpenItsWindowWhileTheApplicationIsTheLimit) {
  TcpCall call;
  call.start();
  call.pipe.run_for(50_ms);
  for (int i = 0; i < 500; ++i) {
    call.client.to_send += 2 * kSegment;
    call.client.write(call.pipe.now());
    call.pipe.run_for(21_ms);
  }
  EXPECT_EQ(call.client.connection->sender().window().congestion_window, 10 * kSegment);
}

TEST(TcpSender, DoublesItsWindowEachRoundTripInSlowStart) {
  TcpCall call;
  call.server_options.quick_acks = 1'000'000;
  call.client.to_send = 1'000'000'000;
  call.start();
  call.pipe.run_for(25_ms);
  int64_t segments = 10;
  for (int round = 0; round < 6; ++round) {
    EXPECT_EQ(call.client.connection->sender().window().congestion_window, segments * kSegment);
    call.pipe.run_for(20_ms);
    segments *= 2;
  }
}

TEST(TcpSender, TakesBackWhatItDidNotSendWhenToldToStop) {
  TcpCall call;
  call.client.to_send = 100'000;
  call.start();
  call.pipe.run_for(25_ms);
  call.client.connection->discard_unsent();
  call.client.connection->close(call.pipe.now());
  call.pipe.run_for(1_s);
  EXPECT_EQ(call.server.received_bytes, 10 * kSegment);
  EXPECT_EQ(call.server.wrong_bytes, 0);
  EXPECT_TRUE(call.server.was_told("peer closed"));
}

TEST(TcpRecovery, AlwaysLetsOneSegmentOut) {
  TcpRecovery recovery;
  recovery.repair({10 * kSegment, 1 + 10 * kSegment, 7 * kSegment});
  recovery.sent(20 * kSegment);  // more than was delivered: the walk allows nothing
  EXPECT_EQ(recovery.window_after({.delivered = 0, .pipe = 0, .segment_size = kSegment}), kSegment);
}

TEST(TcpRecovery, LetsOutSevenSegmentsForTenDeliveredWhileTheFlightIsAboveTheThreshold) {
  TcpRecovery recovery;
  recovery.repair({100 * kSegment, 1 + 100 * kSegment, 70 * kSegment});
  int64_t pipe = 99 * kSegment;
  int64_t sent = 0;
  for (int i = 0; i < 20; ++i) {
    pipe -= kSegment;
    const int64_t window = recovery.window_after(
        {.delivered = kSegment, .pipe = pipe, .segment_size = kSegment, .safe = true});
    while (pipe + kSegment <= window) {
      recovery.sent(kSegment);
      pipe += kSegment;
      sent += kSegment;
    }
  }
  EXPECT_EQ(sent, 14 * kSegment);
}

TEST(TcpRecovery, LetsOutWhatWasDeliveredAlsoWhenMoreLossWasFound) {
  TcpRecovery recovery;
  recovery.repair({100 * kSegment, 1 + 100 * kSegment, 70 * kSegment});
  TcpRecovery::Step step{
      .delivered = kSegment, .pipe = 10 * kSegment, .segment_size = kSegment, .safe = true};
  EXPECT_EQ(recovery.window_after(step), 12 * kSegment);
  recovery.sent(2 * kSegment);  // one more than was delivered
  step.safe = false;
  EXPECT_EQ(recovery.window_after(step), 11 * kSegment);
}

TEST(TcpSender, SendsRealBytesOverManyDescriptorsUnchanged) {
  TcpCall call;
  call.start();
  call.pipe.run_for(50_ms);
  Random random(7);
  int64_t written = 0;
  call.pipe.script = [&](const TcpStep&) {
    return TcpFate{.copies = random.below(20) == 0 ? 0 : 1};
  };
  for (int i = 0; i < 300; ++i) {
    std::vector<std::byte> bytes(1 + random.below(3'000));
    for (size_t k = 0; k < bytes.size(); ++k) {
      bytes[k] = stream_byte(call.client.sends, static_cast<uint64_t>(written) + k);
    }
    written +=
        call.client.connection->send(Payload::of_bytes(call.pipe.pools, bytes), call.pipe.now());
    call.pipe.run_for(Duration::microseconds(static_cast<int64_t>(random.below(5'000))));
  }
  call.pipe.run_for(30_s);
  EXPECT_EQ(call.server.received_bytes, written);
  EXPECT_EQ(call.server.wrong_bytes, 0);
}

}  // namespace
}  // namespace violin
