#include "models/queue/codel.hh"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/frame_log.hh"
#include "tests/support/packet_builder.hh"
#include "tests/support/queue_log.hh"

namespace violin {
namespace {

using namespace literals;
using testing::checksums_are_right;
using testing::numbered_frame;
using testing::PacketBuilder;
using testing::QueueLog;

Time at_us(int64_t value) { return Time::from_ns(value * 1'000); }

QueueSpec codel_spec() {
  QueueSpec spec;
  spec.kind = QueueSpec::Kind::kCodel;
  spec.limit = PacketLimit{1'000'000};
  return spec;
}

class CodelTest : public ::testing::Test {
 protected:
  void fill(uint32_t count, Time now) {
    for (uint32_t i = 0; i < count; ++i) queue_.enqueue(numbered_frame(pools_, i, 60), now, log_);
  }
  // Serves one frame each 10 us, from `begin` up to and including `end`.
  void serve(Time begin, Time end) {
    for (Time now = begin; now <= end; now = now + 10_us) queue_.dequeue(now, log_);
  }

  BufferPools pools_;
  QueueLog log_;
  Codel queue_{codel_spec(), BitRate()};
};

TEST_F(CodelTest, DropsAtTheTimesOfTheControlLaw) {
  // All frames come at 0, so that the first waits for the target at 5 ms; the queue has stood for
  // an interval at 105 ms. Then, by hand, 100 ms / sqrt(n) added up, in nanoseconds:
  const int64_t law[] = {105'000'000, 205'000'000, 275'710'678, 333'445'704,
                         383'445'704, 428'167'063, 468'991'892, 506'788'339,
                         542'143'678, 575'477'011, 607'099'787};
  fill(100, Time::zero());
  queue_.dequeue(at_us(5'000), log_);
  size_t drops = 0;
  for (const int64_t due : law) {
    queue_.dequeue(Time::from_ns(due - 1), log_);
    EXPECT_EQ(log_.drops().size(), drops) << due;
    queue_.dequeue(Time::from_ns(due), log_);
    EXPECT_EQ(log_.drops().size(), ++drops) << due;
  }
  EXPECT_EQ(log_.count(DropReason::kActiveQueue), drops);
}

TEST_F(CodelTest, MakesUpForDropsThatFellDueWhileNothingWasServed) {
  fill(100, Time::zero());
  queue_.dequeue(at_us(5'000), log_);
  queue_.dequeue(at_us(105'000), log_);
  queue_.dequeue(Time::from_ns(333'445'704), log_);  // due at 205, 275.7 and 333.4 ms
  EXPECT_EQ(log_.drops().size(), 4u);
}

TEST_F(CodelTest, DropsNothingBelowTarget) {
  for (int64_t i = 0; i < 20'000; ++i) {
    queue_.enqueue(numbered_frame(pools_, 1, 60), at_us(100 * i), log_);
    queue_.enqueue(numbered_frame(pools_, 1, 60), at_us(100 * i), log_);
    if (i >= 24) {  // 48 wait, served two by two: below 5 ms each
      queue_.dequeue(at_us(100 * i), log_);
      queue_.dequeue(at_us(100 * i), log_);
    }
  }
  EXPECT_TRUE(log_.drops().empty());
}

TEST_F(CodelTest, ToleratesAQueueThatDoesNotStandForAnInterval) {
  fill(20'000, Time::zero());
  serve(Time::zero(), at_us(104'990));
  EXPECT_TRUE(log_.drops().empty());
}

TEST_F(CodelTest, NeverDropsTheLastPacketsHoweverLongTheyWaited) {
  fill(2, Time::zero());
  EXPECT_TRUE(queue_.dequeue(at_us(1'000'000), log_));
  EXPECT_TRUE(queue_.dequeue(at_us(2'000'000), log_));
  EXPECT_FALSE(queue_.dequeue(at_us(3'000'000), log_));
  EXPECT_TRUE(log_.drops().empty());
}

TEST_F(CodelTest, ResumesAtTheDropRateThatHelpedWhenTheQueueStandsAgainSoon) {
  fill(70'000, Time::zero());
  serve(Time::zero(), at_us(607'100));  // eleven drops: the last one beyond the first ten
  queue_.flush(DropReason::kLinkDown, at_us(607'110), log_);
  EXPECT_FALSE(queue_.dequeue(at_us(607'110), log_));
  const size_t before = log_.drops().size();
  fill(50'000, at_us(700'000));
  serve(at_us(700'000), at_us(850'000));
  // Stands at 705 ms, drops at 805 ms, and next after 100 ms / sqrt(10) = 31.622776 ms.
  ASSERT_EQ(log_.drops().size(), before + 2);
  EXPECT_EQ(log_.drops()[before].when, at_us(805'000));
  EXPECT_EQ(log_.drops()[before + 1].when, at_us(836'630));
}

TEST_F(CodelTest, BeginsAnewWhenTheQueueStoodLongAgo) {
  fill(70'000, Time::zero());
  serve(Time::zero(), at_us(607'100));
  queue_.flush(DropReason::kLinkDown, at_us(607'110), log_);
  queue_.dequeue(at_us(607'110), log_);
  const size_t before = log_.drops().size();
  const Time later = at_us(607'110 + 1'600'000);
  fill(50'000, later);
  serve(later, later + 250_ms);
  ASSERT_EQ(log_.drops().size(), before + 2);
  EXPECT_EQ(log_.drops()[before + 1].when - log_.drops()[before].when, 100_ms);
}

TEST_F(CodelTest, DropsArrivalsAtItsHardLimit) {
  QueueSpec spec = codel_spec();
  spec.limit = PacketLimit{3};
  Codel queue(spec, BitRate());
  for (uint32_t i = 0; i < 5; ++i) queue.enqueue(numbered_frame(pools_, i, 60), at_us(0), log_);
  EXPECT_EQ(log_.count(DropReason::kQueueFull), 2u);
  EXPECT_EQ(queue.packets(), 3u);
}

TEST_F(CodelTest, MarksCapablePacketsAtTheTimesOfTheControlLawAndDropsNone) {
  QueueSpec spec = codel_spec();
  spec.ecn = true;
  for (const bool v6 : {false, true}) {
    Codel queue(spec, BitRate());
    QueueLog log;
    PacketBuilder builder;
    builder.v6 = v6;
    builder.payload_size = 0;
    builder.traffic_class = static_cast<uint8_t>(Ecn::kCapable0);
    for (int i = 0; i < 30'000; ++i) queue.enqueue(builder.build(pools_), at_us(0), log);
    size_t marked = 0;
    for (int64_t us = 0; us <= 280'000; us += 10) {
      const Frame frame = queue.dequeue(at_us(us), log);
      ASSERT_TRUE(frame);
      if (log.marks().size() == marked) continue;
      ++marked;
      EXPECT_TRUE(frame.checksum_good());
      EXPECT_TRUE(checksums_are_right(frame));
      const std::byte* ip = frame.headers().data() + EthernetHeader::kSize;
      EXPECT_EQ(load_be16(ip) >> (v6 ? 4 : 0) & 3, 3);
    }
    EXPECT_TRUE(log.drops().empty());
    EXPECT_EQ(log.marks(), (std::vector<Time>{at_us(105'000), at_us(205'000), at_us(275'720)}));
  }
}

TEST_F(CodelTest, DropsWhatIsNotEcnCapableAlsoWithEcn) {
  QueueSpec spec = codel_spec();
  spec.ecn = true;
  Codel queue(spec, BitRate());
  PacketBuilder builder;
  for (int i = 0; i < 30'000; ++i) queue.enqueue(builder.build(pools_), at_us(0), log_);
  for (int64_t us = 0; us <= 210'000; us += 10) queue.dequeue(at_us(us), log_);
  EXPECT_EQ(log_.drops().size(), 2u);
  EXPECT_TRUE(log_.marks().empty());
}

}  // namespace
}  // namespace violin
