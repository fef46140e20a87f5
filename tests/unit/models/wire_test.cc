#include "models/link/wire.hh"

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "core/ip_header.hh"
#include "core/pacer.hh"
#include "core/segmentation.hh"
#include "tests/support/frame_log.hh"
#include "tests/support/packet_builder.hh"

namespace violin {
namespace {

using namespace literals;
using testing::FrameLog;
using testing::number_of;
using testing::numbered_frame;

// frame source ─▶ Wire ═▶ Flight ─▶ log
class WireTest : public ::testing::Test {
 protected:
  void make(const WireSpec& spec, uint64_t seed = 1, bool real_time = false) {
    wire_.reset();
    flight_ = std::make_unique<Flight>(scheduler_, "a->b");
    flight_->set_sink(log_);
    wire_ = std::make_unique<Wire>(*flight_, spec, Wire::Context{seed, window_, real_time});
    flight_->set_feeder(*wire_);
    std::array<Entity*, 1> entities{&flight_->entity()};
    assign_ranks(entities, seed);
  }
  void send(uint32_t number, uint32_t size = 1514) {
    wire_->receive(numbered_frame(pools_, number, size), now_);
  }
  void run_to(Duration at) {
    now_ = Time::zero() + at;
    scheduler_.run_until(now_, warp_);
  }
  std::vector<uint32_t> numbers() const { return testing::numbers_of(log_); }

  BufferPools pools_;
  Scheduler scheduler_;
  Warp warp_;
  MeasureWindow window_;
  FrameLog log_;
  std::unique_ptr<Flight> flight_;
  std::unique_ptr<Wire> wire_;
  Time now_ = Time::zero();
};

constexpr BitRate kRate = BitRate::megabits_per_second(10);  // 1250 bytes take exactly 1 ms

TEST_F(WireTest, WithoutARateOnlyTheDelayPasses) {
  make({.delay = 10_ms});
  send(1);
  send(2);
  run_to(1_s);
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{10'000'000, 10'000'000}));
  EXPECT_EQ(numbers(), (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(wire_->sojourn(), nullptr);
}

// A TCP super-frame of ten segments.
Frame ten_segments(BufferPools& pools) {
  testing::PacketBuilder builder;
  builder.protocol = ip_protocol::kTcp;
  builder.payload_size = 10'000;
  Frame frame = builder.build(pools);
  frame.set_gso_size(1'000);
  return frame;
}

TEST_F(WireTest, WhereNoDecisionCouldTellSegmentsApartASuperFrameMayPassWhole) {
  make({.overhead = Bytes(24), .delay = 3_ms}, 1, /*real_time=*/true);
  wire_->receive(ten_segments(pools_), now_);
  EXPECT_EQ(flight_->in_flight(), 10u) << "counted as what it stands for";
  run_to(1_s);
  ASSERT_EQ(log_.arrivals().size(), 1u);
  EXPECT_EQ(log_.times_ns().front(), 3'000'000);
  const Frame whole = ten_segments(pools_);
  EXPECT_EQ(wire_->counters().received, 10u);
  EXPECT_EQ(flight_->delivered(), 10u);
  EXPECT_EQ(flight_->delivered_bytes(), segment_shape(whole).total_bytes);
  EXPECT_EQ(wire_->counters().sent_bits_in_window,
            (segment_shape(whole).total_bytes + 10 * 24) * 8);
  wire_->check_conservation();
}

TEST_F(WireTest, ARateAnImpairmentOrTheVirtualClockSplitSuperFrames) {
  const WireSpec lossy{.loss = BernoulliLoss{.probability = Probability::ratio(1, 1'000'000)}};
  for (const WireSpec& spec : {WireSpec{.rate = kRate}, lossy, WireSpec{.jitter = {.stddev = 1_us}},
                               WireSpec{.duplicate = Probability::ratio(1, 1'000'000)}}) {
    log_ = FrameLog();
    make(spec, 1, /*real_time=*/true);
    wire_->receive(ten_segments(pools_), now_);
    run_to(now_ - Time::zero() + 1_s);
    EXPECT_EQ(log_.arrivals().size(), 10u);
  }
  log_ = FrameLog();
  make({}, 1, /*real_time=*/false);
  wire_->receive(ten_segments(pools_), now_);
  run_to(now_ - Time::zero() + 1_s);
  EXPECT_EQ(log_.arrivals().size(), 10u);
}

TEST_F(WireTest, AWholeSuperFrameWithSegmentsTooLongForTheLinkIsDroppedAsTenFrames) {
  make({.mtu = 900}, 1, /*real_time=*/true);
  wire_->receive(ten_segments(pools_), now_);
  EXPECT_EQ(wire_->counters().drops.of(DropReason::kTooLongForLink), 10u);
  wire_->check_conservation();
}

TEST_F(WireTest, WithoutMemoryToSplitASuperFrameItsRestIsDroppedInRealTimeAndEndsAVirtualRun) {
  BufferPools few(BufferLimits{.frames = 5, .slot_bytes = size_t{1} << 20});
  make({.rate = kRate}, 1, /*real_time=*/true);
  wire_->receive(ten_segments(few), now_);
  EXPECT_EQ(wire_->counters().received, 10u);
  EXPECT_EQ(wire_->counters().drops.of(DropReason::kNoBuffer), 6u);
  wire_->check_conservation();
  run_to(1_s);
  log_ = FrameLog();
  make({.rate = kRate}, 1, /*real_time=*/false);
  EXPECT_THROW(wire_->receive(ten_segments(few), now_), PoolExhausted);
  wire_.reset();
  flight_.reset();
}

TEST_F(WireTest, SerialisesOneFrameAfterTheOtherAndThenDelays) {
  make({.rate = kRate, .delay = 5_ms});
  run_to(0_ms);
  send(1, 1250);
  send(2, 1250);
  send(3, 1250);
  run_to(1_s);
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{6'000'000, 7'000'000, 8'000'000}));
}

TEST_F(WireTest, ShortFramesTakeTheTimeOfSixtyBytesPlusTheOverhead) {
  make({.rate = kRate, .overhead = Bytes(20)});
  run_to(0_ms);
  send(1, 42);
  run_to(1_s);
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{64'000}));
  EXPECT_EQ(log_.arrivals()[0].frame.size(), 42u) << "padding is accounted for, not added";
}

TEST_F(WireTest, ManyBackToBackFramesTakeExactlyTheBitsOverTheRate) {
  make({.rate = BitRate::bits_per_second(7'777'777), .queue = {.limit = PacketLimit{2000}}});
  run_to(0_ms);
  for (uint32_t i = 0; i < 1000; ++i) send(i, 1001);
  run_to(10_s);
  const int64_t bits = 1000 * 1001 * 8;
  EXPECT_EQ(log_.times_ns().back(), (bits * 1'000'000'000 + 7'777'776) / 7'777'777);
}

TEST_F(WireTest, AFullDropTailQueueDropsAndDoesNotCountTheFrameBeingSent) {
  make({.rate = kRate, .queue = {.limit = PacketLimit{2}}});
  run_to(0_ms);
  for (uint32_t i = 1; i <= 5; ++i) send(i, 1250);
  EXPECT_EQ(wire_->queue_packets(), 2u);
  EXPECT_EQ(wire_->counters().drops.of(DropReason::kQueueFull), 2u);
  run_to(1_s);
  EXPECT_EQ(numbers(), (std::vector<uint32_t>{1, 2, 3}));
  wire_->check_conservation();
}

TEST_F(WireTest, ADepartureAtTheInstantOfAnArrivalComesFirst) {
  make({.rate = kRate, .queue = {.limit = PacketLimit{1}}});
  run_to(0_ms);
  send(1, 1250);
  send(2, 1250);
  run_to(1_ms);  // 1 has been sent, 2 begins: its place in the queue is free at this very instant
  send(3, 1250);
  run_to(1_s);
  EXPECT_EQ(numbers(), (std::vector<uint32_t>{1, 2, 3}));
}

TEST_F(WireTest, RecordsHowLongFramesWaited) {
  make({.rate = kRate});
  run_to(0_ms);
  for (uint32_t i = 1; i <= 3; ++i) send(i, 1250);
  run_to(1_s);
  ASSERT_NE(wire_->sojourn(), nullptr);
  EXPECT_EQ(wire_->sojourn()->count(), 2u);
  EXPECT_EQ(wire_->sojourn()->max(), 2_ms);
}

TEST_F(WireTest, ALostFrameHasUsedLinkTimeAndTheQueueGoesOnWithNothingInFlight) {
  make({.rate = kRate, .loss = BernoulliLoss{Probability::always(), {}}});
  run_to(0_ms);
  for (uint32_t i = 1; i <= 4; ++i) send(i, 1250);
  run_to(2_ms);
  EXPECT_EQ(wire_->queue_packets(), 1u) << "1 and 2 were sent and lost, 3 is being sent";
  wire_->apply({.loss = LossSpec{}}, now_);
  run_to(1_s);
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{4'000'000}));
  EXPECT_EQ(wire_->counters().drops.of(DropReason::kLoss), 3u);
  wire_->check_conservation();
}

TEST_F(WireTest, JitterKeepsOrderUnlessReorderingIsAskedFor) {
  make({.rate = BitRate::megabits_per_second(100), .delay = 10_ms, .jitter = {.stddev = 5_ms}});
  for (uint32_t i = 0; i < 500; ++i) {
    run_to(Duration::milliseconds(i));
    send(i, 500);
  }
  run_to(5_s);
  std::vector<uint32_t> sorted = numbers();
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(numbers(), sorted);
  EXPECT_EQ(sorted.size(), 500u);
  wire_->check_conservation();
}

TEST_F(WireTest, AReorderedFrameLeavesAtOnceAndOvertakes) {
  make({.rate = kRate,
        .delay = 50_ms,
        .reorder = {.probability = Probability::always(), .correlation = {}, .gap = 3}});
  run_to(0_ms);
  for (uint32_t i = 1; i <= 6; ++i) send(i, 1250);
  run_to(1_s);
  EXPECT_EQ(numbers(), (std::vector<uint32_t>{3, 6, 1, 2, 4, 5}));
  EXPECT_EQ(log_.times_ns()[0], 3'000'000) << "as soon as it has been serialised";
  wire_->check_conservation();
}

TEST_F(WireTest, ADuplicateFollowsItsOriginalWithTheSameBytes) {
  make({.delay = 1_ms, .duplicate = Probability::always()});
  send(7, 300);
  run_to(1_s);
  ASSERT_EQ(numbers(), (std::vector<uint32_t>{7, 7}));
  EXPECT_EQ(log_.arrivals()[0].frame.sums(), log_.arrivals()[1].frame.sums());
  EXPECT_EQ(wire_->counters().duplicated, 1u);
  wire_->check_conservation();
}

TEST_F(WireTest, CorruptionFlipsOneBitAndWithdrawsTheWordThatChecksumsAreGood) {
  make({.corrupt = Probability::always()});
  Frame frame = numbered_frame(pools_, 1, 200);
  frame.set_checksum_good(true);
  std::array<std::byte, 200> before;
  frame.copy_to(before);
  wire_->receive(std::move(frame), now_);
  run_to(1_s);
  ASSERT_EQ(log_.count(), 1u);
  std::array<std::byte, 200> after;
  log_.arrivals()[0].frame.copy_to(after);
  int flipped = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    flipped += std::popcount(static_cast<unsigned>(before[i] ^ after[i]));
  }
  EXPECT_EQ(flipped, 1);
  EXPECT_FALSE(log_.arrivals()[0].frame.checksum_good());
}

TEST_F(WireTest, AFrameLongerThanTheMtuAllowsIsDroppedByName) {
  make({.mtu = 1000});
  send(1, 1019);
  send(2, 1018);  // with room for one VLAN tag
  run_to(1_s);
  EXPECT_EQ(numbers(), (std::vector<uint32_t>{2}));
  EXPECT_EQ(wire_->counters().drops.of(DropReason::kTooLongForLink), 1u);
}

TEST_F(WireTest, GoingDownDropsWhatIsQueuedAndInFlightAndUpAgainCarries) {
  make({.rate = kRate, .delay = 100_ms});
  run_to(0_ms);
  for (uint32_t i = 1; i <= 3; ++i) send(i, 1250);
  run_to(1500_us);
  wire_->set_down(true, now_);
  send(4);
  run_to(1_s);
  EXPECT_EQ(log_.count(), 0u);
  EXPECT_EQ(wire_->counters().drops.of(DropReason::kLinkDown), 4u);
  wire_->set_down(false, now_);
  send(5, 1250);
  run_to(2_s);
  EXPECT_EQ(numbers(), (std::vector<uint32_t>{5}));
  wire_->check_conservation();
}

TEST_F(WireTest, ALiveRateChangeKeepsTheQueueAndTheFrameBeingSentKeepsItsEnd) {
  make({.rate = kRate});
  run_to(0_ms);
  for (uint32_t i = 1; i <= 3; ++i) send(i, 1250);
  run_to(500_us);
  wire_->apply({.rate = BitRate::megabits_per_second(100)}, now_);
  run_to(1_s);
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{1'000'000, 1'100'000, 1'200'000}));
}

TEST_F(WireTest, AShorterDelaySetLiveDoesNotReorderAndZeroWorks) {
  make({.delay = 100_ms});
  send(1);
  run_to(10_ms);
  wire_->apply({.delay = Duration()}, now_);
  send(2);
  run_to(1_s);
  send(3);
  run_to(2_s);
  EXPECT_EQ(numbers(), (std::vector<uint32_t>{1, 2, 3}));
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{100'000'000, 100'000'000, 1'000'000'000}));
}

TEST_F(WireTest, LookingAtAWireAtOtherTimesChangesNothing) {
  const WireSpec spec{.rate = kRate,
                      .delay = 3_ms,
                      .loss = BernoulliLoss{Probability::ratio(1, 3), {}},
                      .queue = {.kind = QueueSpec::Kind::kCodel}};
  make(spec);
  run_to(0_ms);
  for (uint32_t i = 0; i < 200; ++i) send(i, 1250);
  run_to(1_s);
  const std::vector<int64_t> undisturbed = log_.times_ns();
  const uint64_t digest = flight_->digest();

  Scheduler scheduler;
  FrameLog log;
  Flight flight(scheduler, "a->b");
  Wire wire(flight, spec, {1, window_});
  flight.set_sink(log);
  flight.set_feeder(wire);
  scheduler.run_until(Time::zero(), warp_);
  for (uint32_t i = 0; i < 200; ++i) wire.receive(numbered_frame(pools_, i, 1250), Time::zero());
  for (int64_t us = 137; us < 1'000'000; us += 137) {
    scheduler.run_until(Time::zero() + Duration::microseconds(us), warp_);
    wire.catch_up(Time::zero() + Duration::microseconds(us));
  }
  scheduler.run_until(Time::zero() + 1_s, warp_);
  EXPECT_EQ(log.times_ns(), undisturbed);
  EXPECT_EQ(flight.digest(), digest);
}

// The frame that is ready to overtake must leave when the one before it has been sent, although the
// wire's event before that was for another frame's arrival.
TEST_F(WireTest, AnEventBeforeTheEndOfASerialisationDoesNotSwallowIt) {
  make({.rate = kRate,
        .delay = 10_ms,
        .reorder = {.probability = Probability::always(), .correlation = {}, .gap = 3},
        .mtu = 9000});
  run_to(0_ms);
  send(1, 1250);
  run_to(10_ms);
  send(2, 6250);  // until 15 ms; frame 1 arrives at 11 ms
  send(3, 1250);
  run_to(1_s);
  EXPECT_EQ(numbers(), (std::vector<uint32_t>{1, 3, 2}));
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{11'000'000, 16'000'000, 25'000'000}));
}

// When a wire is looked at is nobody's business: not a sampler's, and not whether its far half is
// in another slice.
TEST(WireQueues, LookingAtAnyOfThemAtOtherTimesChangesNothing) {
  const auto digest_of = [](QueueSpec::Kind kind, bool looking) {
    BufferPools pools;
    Scheduler scheduler;
    Warp warp;
    const MeasureWindow window;
    FrameLog log;
    Flight flight(scheduler, "a->b");
    Wire wire(flight, {.rate = kRate, .delay = 3_ms, .queue = {.kind = kind, .ecn = true}},
              {1, window});
    flight.set_sink(log);
    flight.set_feeder(wire);
    Random random(5);
    Time next = Time::zero();
    for (int64_t us = 0; us < 2'000'000; us += 100) {
      const Time now = Time::zero() + Duration::microseconds(us);
      scheduler.run_until(now, warp);
      if (looking) wire.catch_up(now);
      if (now < next) continue;
      testing::PacketBuilder packet;
      packet.source_host = 1 + static_cast<uint32_t>(random.below(4));
      packet.traffic_class = 2;
      packet.payload_size = 100 + static_cast<uint32_t>(random.below(1300));
      wire.receive(packet.build(pools), now);
      next = now + Duration::microseconds(static_cast<int64_t>(random.below(1400)));
    }
    wire.check_conservation();
    return flight.digest();
  };
  using Kind = QueueSpec::Kind;
  for (const Kind kind : {Kind::kDropTail, Kind::kRed, Kind::kCodel, Kind::kFqCodel, Kind::kPie}) {
    EXPECT_EQ(digest_of(kind, false), digest_of(kind, true)) << static_cast<int>(kind);
  }
}

TEST_F(WireTest, AnotherSeedLosesOtherFrames) {
  const WireSpec spec{.loss = BernoulliLoss{Probability::ratio(1, 2), {}}};
  make(spec, 1);
  for (uint32_t i = 0; i < 64; ++i) send(i, 100);
  run_to(1_s);
  const std::vector<uint32_t> first = numbers();
  make(spec, 2);
  for (uint32_t i = 0; i < 64; ++i) send(i, 100);
  run_to(2_s);
  const std::vector<uint32_t> all = numbers();
  EXPECT_NE(std::vector<uint32_t>(all.begin() + static_cast<ptrdiff_t>(first.size()), all.end()),
            first);
}

}  // namespace
}  // namespace violin
