#include "models/queue/pie.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/distributions.hh"
#include "tests/support/frame_log.hh"
#include "tests/support/packet_builder.hh"
#include "tests/support/queue_log.hh"

namespace violin {
namespace {

using namespace literals;
using testing::numbered_frame;
using testing::PacketBuilder;
using testing::QueueLog;

constexpr BitRate kRate = BitRate::megabits_per_second(8);  // 1000 bytes per ms
constexpr uint32_t kSize = 1'000;

QueueSpec pie_spec() {
  QueueSpec spec;
  spec.kind = QueueSpec::Kind::kPie;
  spec.limit = PacketLimit{1'000'000};
  return spec;
}

// Section 4.2 of RFC 8033 as it stands there, in floating point and seconds.
struct Controller {
  double probability = 0;
  double before = 0;

  void update(double delay) {
    double p = 0.125 * (delay - 0.015) + 1.25 * (delay - before);
    const double limits[] = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1};
    const double divisors[] = {2048, 512, 128, 32, 8, 2};
    for (int i = 0; i < 6; ++i) {
      if (probability >= limits[i]) continue;
      p /= divisors[i];
      break;
    }
    probability += p;
    if (delay == 0 && before == 0) probability *= 0.98;
    probability = std::clamp(probability, 0.0, 1.0);
    before = delay;
  }
};

class PieTest : public ::testing::Test {
 protected:
  void set_level(Pie& queue, uint32_t packets, Time now) {
    while (queue.packets() > packets) queue.dequeue(now, log_);
    while (queue.packets() < packets) queue.enqueue(numbered_frame(pools_, 0, kSize), now, log_);
  }

  BufferPools pools_;
  QueueLog log_;
};

TEST_F(PieTest, AdjustsItsProbabilityAsTheRfcSays) {
  Pie queue(pie_spec(), kRate, Random(1));
  Controller controller;
  Random random(2);
  double greatest = 0;
  set_level(queue, 0, Time::from_ns(1));
  for (int64_t i = 1; i <= 4'000; ++i) {
    // Long phases of much and of little delay, so that every row of the table is visited.
    const bool is_calm = i / 600 % 2 == 1;
    const auto level = static_cast<uint32_t>(is_calm ? random.below(3) : 20 + random.below(3));
    set_level(queue, level, Time::zero() + 15_ms * i - 1_ns);
    queue.dequeue(Time::zero() + 15_ms * i, log_);  // its update comes before it takes one
    controller.update(level * 0.001);
    ASSERT_NEAR(queue.drop_probability().to_double(), controller.probability, 1e-8) << i;
    greatest = std::max(greatest, controller.probability);
  }
  EXPECT_GT(greatest, 0.2);
}

TEST_F(PieTest, IsTheSameWhetherOrNotSomebodyLooksBetweenUpdates) {
  Pie watched(pie_spec(), kRate, Random(1));
  Pie alone(pie_spec(), kRate, Random(1));
  for (Pie* queue : {&watched, &alone}) {
    set_level(*queue, 100, Time::zero());
    set_level(*queue, 100, Time::zero() + 600_ms);
    set_level(*queue, 0, Time::zero() + 601_ms);
  }
  EXPECT_GT(alone.drop_probability(), Probability::ratio(1, 100));
  for (int64_t ms = 602; ms < 1'000; ++ms) watched.dequeue(Time::zero() + 1_ms * ms, log_);
  alone.dequeue(Time::zero() + 999_ms, log_);
  EXPECT_EQ(watched.drop_probability(), alone.drop_probability());
  EXPECT_GT(alone.drop_probability(), Probability::never());
}

TEST_F(PieTest, ForgetsAfterTwoIdleCenturiesWithoutCountingItsUpdates) {
  Pie queue(pie_spec(), kRate, Random(1));
  set_level(queue, 500, Time::zero());
  queue.dequeue(Time::zero() + 5_s, log_);
  EXPECT_EQ(queue.drop_probability(), Probability::always());
  set_level(queue, 0, Time::zero() + 5_s);
  queue.dequeue(Time::zero() + 1_s * (int64_t{200} * 365 * 86'400), log_);
  EXPECT_EQ(queue.drop_probability(), Probability::never());
}

struct Overload {
  double delay_ms;  // mean, of the second half
  double lost;      // share, of the second half
};

// Random arrivals at `percent` of the rate for two minutes.
Overload overload(Pie& queue, int64_t percent, BufferPools& pools, QueueLog& log) {
  Random random(4);
  Time arrival = Time::zero();
  Time service = Time::zero();
  double waited = 0, served = 0, arrived = 0;
  size_t drops_before = 0;
  const Time half = Time::zero() + 60_s;
  while (arrival < Time::zero() + 120_s) {
    arrival = arrival + exponential(random, Duration::nanoseconds(100'000'000 / percent));
    for (; service < arrival; service = service + 1_ms) {
      const Frame frame = queue.dequeue(service, log);
      if (!frame || service < half) continue;
      waited += queue.last_sojourn().to_milliseconds();
      ++served;
    }
    if (arrival < half) drops_before = log.drops().size();
    if (arrival >= half) ++arrived;
    queue.enqueue(numbered_frame(pools, 0, kSize), arrival, log);
  }
  return {waited / served, static_cast<double>(log.drops().size() - drops_before) / arrived};
}

TEST_F(PieTest, HoldsTheDelayAtItsTargetUnderOverload) {
  for (const int64_t percent : {110, 125, 200}) {
    Pie queue(pie_spec(), kRate, Random(3));
    QueueLog log;
    const Overload result = overload(queue, percent, pools_, log);
    EXPECT_NEAR(result.delay_ms, 15, 2) << percent << " %";
    EXPECT_NEAR(result.lost, 1 - 100.0 / static_cast<double>(percent), 0.02);
    EXPECT_EQ(log.count(DropReason::kQueueFull), 0u);
  }
}

TEST_F(PieTest, DropsNothingWhileABurstIsAllowed) {
  QueueSpec spec = pie_spec();
  Pie queue(spec, kRate, Random(1));
  // Standing at a second from the start: the probability rises beyond a half within 150 ms.
  for (int64_t ms = 0; ms < 150; ++ms) {
    set_level(queue, 1'000, Time::zero() + 1_ms * ms);
    queue.dequeue(Time::zero() + 1_ms * ms, log_);
  }
  EXPECT_GT(queue.drop_probability(), Probability::ratio(1, 2));
  EXPECT_TRUE(log_.drops().empty());
  for (int64_t ms = 150; ms < 170; ++ms) {
    set_level(queue, 1'000, Time::zero() + 1_ms * ms);
    queue.dequeue(Time::zero() + 1_ms * ms, log_);
  }
  EXPECT_FALSE(log_.drops().empty());
}

TEST_F(PieTest, NeverDropsWithTwoMeanPacketsWaiting) {
  Pie queue(pie_spec(), BitRate::bits_per_second(8'000), Random(1));  // a second per packet
  for (int64_t i = 0; i < 1'000; ++i) {
    set_level(queue, 3, Time::zero() + 100_ms * i);
    queue.dequeue(Time::zero() + 100_ms * i, log_);
  }
  EXPECT_EQ(queue.drop_probability(), Probability::always());
  EXPECT_TRUE(log_.drops().empty());
}

TEST_F(PieTest, MarksCapablePacketsOnlyBelowTenPercent) {
  QueueSpec spec = pie_spec();
  spec.ecn = true;
  PacketBuilder builder;
  builder.payload_size = 946;
  builder.traffic_class = static_cast<uint8_t>(Ecn::kCapable0);
  Pie queue(spec, kRate, Random(1));
  Time now = Time::zero();
  const auto hold_at_60_ms = [&](Probability until) {
    while (queue.drop_probability() < until) {
      while (queue.packets() < 60) queue.enqueue(builder.build(pools_), now, log_);
      queue.dequeue(now, log_);
      now = now + 1_ms;
    }
  };
  hold_at_60_ms(Probability::ratio(98, 1'000));
  EXPECT_GT(log_.marks().size(), 10u);
  EXPECT_TRUE(log_.drops().empty());
  hold_at_60_ms(Probability::ratio(102, 1'000));
  const size_t marks = log_.marks().size();
  hold_at_60_ms(Probability::ratio(300, 1'000));
  EXPECT_EQ(log_.marks().size(), marks);
  EXPECT_GT(log_.count(DropReason::kActiveQueue), 10u);
}

TEST_F(PieTest, DropsArrivalsAtItsHardLimit) {
  QueueSpec spec = pie_spec();
  spec.limit = TimeLimit{10_ms};
  Pie queue(spec, kRate, Random(1));
  for (int i = 0; i < 12; ++i) queue.enqueue(numbered_frame(pools_, 0, kSize), Time(), log_);
  EXPECT_EQ(queue.packets(), 10u);
  EXPECT_EQ(log_.count(DropReason::kQueueFull), 2u);
}

}  // namespace
}  // namespace violin
