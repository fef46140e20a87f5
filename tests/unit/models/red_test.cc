#include "models/queue/red.hh"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/distributions.hh"
#include "tests/support/frame_log.hh"
#include "tests/support/packet_builder.hh"
#include "tests/support/queue_log.hh"
#include "tests/support/statistics.hh"

namespace violin {
namespace {

using namespace literals;
using testing::chi_square_p;
using testing::kRejected;
using testing::numbered_frame;
using testing::PacketBuilder;
using testing::QueueLog;

constexpr uint32_t kSize = 1'000;

QueueSpec red_spec() {
  QueueSpec spec;
  spec.kind = QueueSpec::Kind::kRed;
  spec.limit = PacketLimit{1'000'000};
  spec.red_min = Bytes(10 * kSize);
  spec.red_max = Bytes(30 * kSize);
  return spec;
}

class RedTest : public ::testing::Test {
 protected:
  void offer(Red& queue, Time now = Time::zero()) {
    queue.enqueue(numbered_frame(pools_, 0, kSize), now, log_);
  }
  // Offers `count` packets to a queue that is kept at `level` packets, with no averaging. Returns
  // the distances from drop to drop.
  std::vector<size_t> distances(QueueSpec spec, uint32_t level, int count) {
    spec.red_weight_shift = 0;
    Red queue(spec, BitRate(), Random(7));
    while (queue.packets() < level) offer(queue);
    std::vector<size_t> found;
    size_t passed = 0;
    for (int i = 0; i < count; ++i) {
      const size_t drops = log_.drops().size();
      offer(queue);
      ++passed;
      if (log_.drops().size() > drops) {
        found.push_back(passed);
        passed = 0;
      }
      while (queue.packets() > level) queue.dequeue(Time::zero(), log_);
    }
    found.erase(found.begin());  // the count began while the queue was filled
    return found;
  }

  BufferPools pools_;
  QueueLog log_;
};

TEST_F(RedTest, SpacesDropsUniformlyUpToTheInverseOfTheProbability) {
  // Half-way between the thresholds p = 1/20: one drop every 1 to 20 packets, all equally likely.
  const auto found = distances(red_spec(), 20, 200'000);
  std::vector<double> observed(22), expected(22);
  for (size_t distance : found) observed[std::min<size_t>(distance, 21)] += 1;
  for (size_t k = 1; k <= 20; ++k) expected[k] = static_cast<double>(found.size()) / 20;
  EXPECT_EQ(observed[21], 0);
  EXPECT_GT(chi_square_p({observed.begin() + 1, observed.begin() + 21},
                         {expected.begin() + 1, expected.begin() + 21}),
            kRejected);
}

TEST_F(RedTest, DropsNothingBelowTheLowerThreshold) {
  Red queue(red_spec(), BitRate(), Random(1));
  for (int i = 0; i < 10'000; ++i) {
    offer(queue);
    if (queue.packets() > 9) queue.dequeue(Time::zero(), log_);
  }
  EXPECT_TRUE(log_.drops().empty());
}

TEST_F(RedTest, RaisesTheProbabilityGentlyFromTheUpperThresholdToTwiceIt) {
  // At one and a half times the upper threshold: 1/10 + 9/10 x 1/2 = 55 %. With spacing a drop
  // comes after one packet with 55 %, after two with certainty.
  const auto found = distances(red_spec(), 45, 20'000);
  std::vector<double> observed(3);
  for (size_t distance : found) {
    ASSERT_LE(distance, 2u);
    observed[distance] += 1;
  }
  const auto drops = static_cast<double>(found.size());
  EXPECT_GT(chi_square_p({observed[1], observed[2]}, {0.55 * drops, 0.45 * drops}), kRejected);
}

TEST_F(RedTest, DropsEverythingAboveTheUpperThresholdUnlessGentle) {
  QueueSpec spec = red_spec();
  spec.red_gentle = false;
  spec.red_weight_shift = 0;
  Red queue(spec, BitRate(), Random(1));
  for (int i = 0; i < 1'000; ++i) offer(queue);
  EXPECT_EQ(queue.packets(), 30u);
}

TEST_F(RedTest, AveragesTheQueueExponentially) {
  QueueSpec spec = red_spec();
  spec.red_min = Bytes(1'000'000);
  spec.red_max = Bytes(2'000'000);
  Red queue(spec, BitRate(), Random(1));
  Random random(2);
  double average = 0;
  offer(queue);
  for (int i = 0; i < 20'000; ++i) {
    average += (static_cast<double>(queue.bytes().count()) - average) / 512;
    offer(queue);
    EXPECT_NEAR(static_cast<double>(queue.average().count()), average, 2);
    if (random.below(100) < 98 && queue.packets() > 1) queue.dequeue(Time::zero(), log_);
  }
  EXPECT_GT(average, 100'000);
}

TEST_F(RedTest, LetsTheAverageDecayWhileNothingWaits) {
  QueueSpec spec = red_spec();
  spec.red_min = Bytes(1'000'000);
  spec.red_max = Bytes(2'000'000);
  Red queue(spec, BitRate::bits_per_second(1514 * 8 * 1'000), Random(1));  // a frame per ms
  for (int i = 0; i < 200; ++i) offer(queue);
  const auto before = static_cast<double>(queue.average().count());
  while (queue.dequeue(Time::zero(), log_)) {
  }
  offer(queue, Time::zero() + 700_ms);
  EXPECT_NEAR(static_cast<double>(queue.average().count()), before * std::pow(511.0 / 512, 701), 2);
}

TEST_F(RedTest, TakesAQuarterAndThreeQuartersOfItsLimitForThresholds) {
  QueueSpec spec = red_spec();
  spec.red_min = spec.red_max = Bytes();
  spec.red_gentle = false;
  spec.red_probability = Probability::never();
  spec.red_weight_shift = 0;
  spec.limit = ByteLimit{Bytes(40 * kSize)};
  Red queue(spec, BitRate(), Random(1));
  for (int i = 0; i < 100; ++i) offer(queue);
  EXPECT_EQ(queue.packets(), 30u);
  EXPECT_EQ(log_.count(DropReason::kQueueFull), 0u);
}

TEST_F(RedTest, HoldsAnOverloadedQueueBetweenItsThresholds) {
  // 8 Mbit/s serves 1000 bytes per ms; packets come at random 10 % faster. Uniform spacing drops
  // 2p / (1 + p): a tenth of them is lost at p = 1/21, near the middle of the thresholds.
  QueueSpec spec = red_spec();
  Red queue(spec, BitRate::megabits_per_second(8), Random(3));
  Random random(4);
  Time arrival = Time::zero();
  Time service = Time::zero();
  double sum = 0, samples = 0;
  for (int i = 0; i < 400'000; ++i) {
    arrival = arrival + exponential(random, Duration::nanoseconds(1'000'000 * 10 / 11));
    for (; service < arrival; service = service + 1_ms) queue.dequeue(service, log_);
    offer(queue, arrival);
    if (i < 100'000) continue;
    sum += static_cast<double>(queue.average().count());
    ++samples;
  }
  EXPECT_GT(sum / samples, 15'000);
  EXPECT_LT(sum / samples, 25'000);
  EXPECT_NEAR(static_cast<double>(log_.count(DropReason::kActiveQueue)) / 400'000, 1.0 / 11, 0.01);
  EXPECT_EQ(log_.count(DropReason::kQueueFull), 0u);
}

TEST_F(RedTest, MarksCapablePacketsWhereItWouldDropThemButDropsThemWhenFull) {
  QueueSpec spec = red_spec();
  spec.ecn = true;
  spec.red_weight_shift = 0;
  spec.limit = PacketLimit{100};
  Red queue(spec, BitRate(), Random(1));
  PacketBuilder builder;
  builder.payload_size = 946;
  builder.traffic_class = static_cast<uint8_t>(Ecn::kCapable1);
  for (int i = 0; i < 150; ++i) queue.enqueue(builder.build(pools_), Time::zero(), log_);
  EXPECT_EQ(queue.packets(), 100u);
  EXPECT_EQ(log_.count(DropReason::kActiveQueue), 0u);
  EXPECT_EQ(log_.count(DropReason::kQueueFull), 50u);
  EXPECT_GE(log_.marks().size(), 40u);  // every one above twice the upper threshold
}

}  // namespace
}  // namespace violin
