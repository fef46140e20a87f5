#include "models/queue/drop_tail.hh"

#include <gtest/gtest.h>

#include "tests/support/frame_log.hh"
#include "tests/support/queue_log.hh"

namespace violin {
namespace {

using namespace literals;
using testing::number_of;
using testing::numbered_frame;
using testing::QueueLog;

constexpr Time kStart = Time::zero();

class DropTailTest : public ::testing::Test {
 protected:
  void offer(DropTail& queue, uint32_t count, uint32_t size) {
    for (uint32_t i = 0; i < count; ++i) {
      queue.enqueue(numbered_frame(pools_, i, size), kStart, log_);
    }
  }

  BufferPools pools_;
  QueueLog log_;
};

TEST_F(DropTailTest, GivesFramesBackInOrderOfArrivalWithTheirSojourn) {
  DropTail queue(PacketLimit{10}, BitRate());
  for (uint32_t i = 0; i < 3; ++i) {
    queue.enqueue(numbered_frame(pools_, i, 100), kStart + 1_ms * i, log_);
  }
  EXPECT_EQ(queue.packets(), 3u);
  EXPECT_EQ(queue.bytes(), Bytes(300));
  for (uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(number_of(queue.dequeue(kStart + 10_ms, log_)), i);
    EXPECT_EQ(queue.last_sojourn(), 10_ms - 1_ms * i);
  }
  EXPECT_FALSE(queue.dequeue(kStart + 10_ms, log_));
  EXPECT_EQ(queue.bytes(), Bytes(0));
}

TEST_F(DropTailTest, HoldsExactlyItsLimitOfPackets) {
  DropTail queue(PacketLimit{3}, BitRate());
  offer(queue, 5, 1514);
  EXPECT_EQ(queue.packets(), 3u);
  ASSERT_EQ(log_.drops().size(), 2u);
  EXPECT_EQ(number_of(log_.drops()[0].frame), 3u);
  EXPECT_EQ(log_.drops()[0].reason, DropReason::kQueueFull);
}

TEST_F(DropTailTest, HoldsExactlyItsLimitOfBytes) {
  DropTail queue(ByteLimit{Bytes(1000)}, BitRate());
  offer(queue, 3, 400);
  EXPECT_EQ(queue.bytes(), Bytes(800));
  queue.enqueue(numbered_frame(pools_, 9, 200), kStart, log_);
  EXPECT_EQ(queue.bytes(), Bytes(1000));
  EXPECT_EQ(log_.drops().size(), 1u);
}

TEST_F(DropTailTest, HoldsWhatTheRateCarriesInItsLimitOfTime) {
  // 12 Mbit/s for 1 ms: 1500 bytes.
  DropTail queue(TimeLimit{1_ms}, BitRate::megabits_per_second(12));
  offer(queue, 4, 500);
  EXPECT_EQ(queue.bytes(), Bytes(1500));
  EXPECT_EQ(log_.drops().size(), 1u);
}

TEST_F(DropTailTest, KeepsWhatWaitsWhenASlowerRateShrinksItsLimit) {
  DropTail queue(TimeLimit{1_ms}, BitRate::megabits_per_second(12));
  offer(queue, 3, 500);
  queue.set_rate(BitRate::megabits_per_second(4));
  EXPECT_EQ(queue.bytes(), Bytes(1500));
  queue.enqueue(numbered_frame(pools_, 9, 100), kStart, log_);
  EXPECT_EQ(log_.drops().size(), 1u);
  while (queue.dequeue(kStart, log_)) {
  }
  queue.enqueue(numbered_frame(pools_, 9, 500), kStart, log_);
  EXPECT_EQ(queue.packets(), 1u);
}

TEST_F(DropTailTest, HasNoLimitOfTimeWithoutARate) {
  DropTail queue(TimeLimit{1_ns}, BitRate());
  offer(queue, 100, 1514);
  EXPECT_EQ(queue.packets(), 100u);
}

TEST_F(DropTailTest, LetsNothingWaitWithALimitBelowOneFrame) {
  DropTail queue(PacketLimit{0}, BitRate());
  offer(queue, 1, 60);
  EXPECT_EQ(queue.packets(), 0u);
  EXPECT_EQ(log_.drops().size(), 1u);
}

TEST_F(DropTailTest, FlushesEveryFrameWithTheGivenReason) {
  DropTail queue(PacketLimit{10}, BitRate());
  offer(queue, 4, 100);
  queue.flush(DropReason::kLinkDown, kStart + 1_ms, log_);
  EXPECT_EQ(log_.count(DropReason::kLinkDown), 4u);
  EXPECT_EQ(queue.packets(), 0u);
  EXPECT_EQ(queue.bytes(), Bytes(0));
}

}  // namespace
}  // namespace violin
