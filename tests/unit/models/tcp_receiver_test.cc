#include "models/tcp/tcp_receiver.hh"

#include <gtest/gtest.h>

#include <set>

#include "core/random.hh"
#include "tests/support/tcp_talker.hh"

namespace violin {
namespace {

using namespace literals;

constexpr uint32_t kSegment = 1'448;
constexpr auto kNow = TcpReceiver::Acknowledge::kNow;
constexpr auto kLater = TcpReceiver::Acknowledge::kLater;

TcpReceiver receiver_without_quick_acks(int64_t buffer = 1 << 20) {
  TcpOptions options;
  options.quick_acks = 0;
  options.receive_buffer = Bytes(buffer);
  TcpReceiver receiver(options);
  receiver.agree({5, kSegment});
  receiver.announce_unscaled();
  return receiver;
}

Payload segment(int64_t position, uint32_t length = kSegment) {
  return Payload::of_stream(1, static_cast<uint64_t>(position), length);
}

TEST(TcpReceiver, AcknowledgesEverySecondFullSegment) {
  TcpReceiver receiver = receiver_without_quick_acks();
  EXPECT_EQ(receiver.receive(1, segment(1), false), kLater);
  EXPECT_EQ(receiver.receive(1 + kSegment, segment(1 + kSegment), false), kNow);
  receiver.announce();
  EXPECT_EQ(receiver.receive(1 + 2 * kSegment, segment(1 + 2 * kSegment), false), kLater);
}

TEST(TcpReceiver, AcknowledgesTheFirstSegmentsOneByOne) {
  TcpOptions options;
  options.quick_acks = 3;
  TcpReceiver receiver(options);
  receiver.agree({7, kSegment});
  receiver.announce_unscaled();
  for (int i = 0; i < 4; ++i) {
    const int64_t at = 1 + i * int64_t{kSegment};
    EXPECT_EQ(receiver.receive(at, segment(at), false), i < 3 ? kNow : kLater);
    receiver.announce();
  }
}

TEST(TcpReceiver, AcknowledgesAtOnceWhatIsOutOfOrderFillsAGapOrIsKnown) {
  TcpReceiver receiver = receiver_without_quick_acks();
  EXPECT_EQ(receiver.receive(1 + kSegment, segment(1 + kSegment), false), kNow);
  EXPECT_TRUE(receiver.gap());
  EXPECT_EQ(receiver.receive(1, segment(1), false), kNow);
  EXPECT_FALSE(receiver.gap());
  EXPECT_EQ(receiver.receive(1, segment(1), false), kNow);
  EXPECT_EQ(receiver.next(), 1 + 2 * kSegment);
}

TEST(TcpReceiver, ReportsTheLatestRangeFirstAndDuplicatesBeforeIt) {
  TcpReceiver receiver = receiver_without_quick_acks();
  for (int64_t position : {101, 301, 501, 701, 201}) {
    receiver.receive(position, segment(position, 100), false);
  }
  std::array<TcpReassembly::Range, 4> ranges;
  // 201 joined 101 and 301.
  ASSERT_EQ(receiver.sacks(ranges, 3), 3);
  EXPECT_EQ(ranges[0].begin, 101);
  EXPECT_EQ(ranges[0].end, 401);
  EXPECT_EQ(ranges[1].begin, 701);
  EXPECT_EQ(ranges[2].begin, 501);
  receiver.receive(301, segment(301, 50), false);
  ASSERT_EQ(receiver.sacks(ranges, 3), 3);
  EXPECT_EQ(ranges[0].begin, 301);  // DSACK
  EXPECT_EQ(ranges[0].end, 351);
  EXPECT_EQ(ranges[1].begin, 101);  // the range around it, as RFC 2883 wants
  ASSERT_EQ(receiver.sacks(ranges, 3), 3);
  EXPECT_NE(ranges[0].end, 351);  // reported once
}

TEST(TcpReceiver, NeverTakesBackWhatItOffered) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    TcpReceiver receiver = receiver_without_quick_acks(100'000 + static_cast<int64_t>(seed) * 7);
    int64_t edge = receiver.edge();
    for (int i = 0; i < 2'000; ++i) {
      const int64_t room = receiver.edge() - receiver.next();
      const auto length = static_cast<uint32_t>(random.below(kSegment) + 1);
      if (room > 0) {
        const int64_t ahead = random.below(4) == 0 ? static_cast<int64_t>(random.below(5'000)) : 0;
        receiver.receive(receiver.next() + ahead, segment(receiver.next() + ahead, length), false);
      }
      if (random.below(3) == 0) {
        while (!receiver.take().empty()) {
        }
      }
      const int64_t window = int64_t{receiver.announce()} << 5;
      ASSERT_GE(receiver.next() + window, edge);
      edge = receiver.next() + window;
      ASSERT_EQ(edge, receiver.edge());
      ASSERT_LE(window, 100'000 + static_cast<int64_t>(seed) * 7 + 31);
    }
  }
}

TEST(TcpReceiver, OffersNothingNewUntilAFullSegmentFits) {
  TcpReceiver receiver = receiver_without_quick_acks(453 * 32);  // just over ten segments
  receiver.announce();
  int64_t position = 1;
  for (uint64_t stream = 1; receiver.edge() > receiver.next(); ++stream) {
    const auto length =
        static_cast<uint32_t>(std::min<int64_t>(kSegment / 2, receiver.edge() - position));
    receiver.receive(position, Payload::of_stream(stream, 0, length), false);
    position += length;
  }
  EXPECT_EQ(receiver.announce(), 0);
  EXPECT_EQ(receiver.take().size(), kSegment / 2);
  EXPECT_EQ(receiver.announce(), 0);
  EXPECT_EQ(receiver.take().size(), kSegment / 2);
  EXPECT_EQ(int64_t{receiver.announce()} << 5, kSegment >> 5 << 5);
}

TEST(TcpReceiver, KeepsNothingBeyondTheWindow) {
  TcpReceiver receiver = receiver_without_quick_acks(2'000);
  receiver.announce();
  EXPECT_EQ(receiver.receive(1, segment(1, 5'000), false), kNow);
  EXPECT_LE(receiver.next(), receiver.edge());
  EXPECT_LE(receiver.next(), 2'032);
}

TEST(TcpReceiver, TakesAFinThatCameBeforeItsData) {
  TcpReceiver receiver = receiver_without_quick_acks();
  receiver.receive(101, segment(101, 100), true);
  EXPECT_FALSE(receiver.fin_received());
  receiver.receive(1, segment(1, 100), false);
  EXPECT_TRUE(receiver.fin_received());
  EXPECT_EQ(receiver.next(), 202);
  EXPECT_EQ(receiver.take().size(), 200u);
  EXPECT_FALSE(receiver.has_unread());
}

TEST(TcpReceiver, WaitsFortyMillisecondsWithALoneSegment) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.server_options.quick_acks = 0;
  call.client.to_send = 3 * kSegment;
  call.start();
  call.pipe.run_for(1_s);
  std::vector<std::pair<uint32_t, int64_t>> acks;
  for (const TcpStep& step : call.pipe.steps) {
    if (step.from == 'b' && !step.header.has(TcpHeader::kSyn)) {
      acks.emplace_back(step.acknowledgment, step.at.ns() / 1'000'000);
    }
  }
  EXPECT_EQ(acks, (std::vector<std::pair<uint32_t, int64_t>>{{1 + 2 * kSegment, 30},
                                                             {1 + 3 * kSegment, 70}}));
}

TEST(TcpReassembly, GivesEveryByteOnceInOrderWhateverTheOrderOfArrival) {
  BufferPools pools;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    TcpReassembly reassembly;
    std::set<int64_t> held;
    int64_t next = 1;
    for (int i = 0; i < 400; ++i) {
      const int64_t begin = next + 1 + static_cast<int64_t>(random.below(3'000));
      const auto length = static_cast<uint32_t>(1 + random.below(400));
      Payload payload = segment(begin, length);
      if (seed % 2 == 0) payload.writable(pools);
      ASSERT_TRUE(reassembly.insert(begin, payload));
      for (int64_t at = begin; at < begin + length; ++at) held.insert(at);
      ASSERT_TRUE(reassembly.holds({begin, begin + length}));
      std::array<TcpReassembly::Range, 4> ranges;
      ASSERT_GE(reassembly.ranges(ranges, 3), 1);
      ASSERT_TRUE(ranges[0].contains({begin, begin + length}));
      if (i % 20 != 19) continue;
      next = *held.begin();
      for (Payload part = reassembly.take(next); !part.empty(); part = reassembly.take(next)) {
        ASSERT_TRUE(part.equals_stream(1, static_cast<uint64_t>(next)));
        for (uint32_t k = 0; k < part.size(); ++k) ASSERT_EQ(held.erase(next + k), 1u);
        next += part.size();
      }
      ASSERT_FALSE(held.contains(next));
      if (held.empty()) {
        ASSERT_TRUE(reassembly.empty());
      }
    }
  }
}

}  // namespace
}  // namespace violin
