#include <gtest/gtest.h>

#include "tests/support/tcp_talker.hh"

// Whole transfers over a pipe that may lose, repeat, delay and corrupt segments.

namespace violin {
namespace {

using namespace literals;

struct Impairments {
  uint32_t lost_percent = 0;
  uint32_t twice_percent = 0;
  uint32_t corrupt_percent = 0;
  uint32_t late_percent = 0;
};

std::function<TcpFate(const TcpStep&)> impaired(const Impairments& what, Random& random) {
  return [&random, what](const TcpStep&) {
    TcpFate fate;
    const auto happens = [&random](uint32_t percent) { return random.below(100) < percent; };
    if (happens(what.lost_percent)) fate.copies = 0;
    if (happens(what.twice_percent)) fate.copies = 2;
    fate.corrupt = happens(what.corrupt_percent);
    if (happens(what.late_percent)) fate.extra = Duration::microseconds(random.below(15'000));
    return fate;
  };
}

// What no segment may do, whatever happens: take back a window, send beyond the peer's, outgrow the
// header or the path.
class Rules {
 public:
  void watch(const TcpStep& step) {
    Side& self = step.from == 'a' ? a_ : b_;
    Side& peer = step.from == 'a' ? b_ : a_;
    EXPECT_LE(step.header.header_length, TcpHeader::kMaximumSize);
    EXPECT_LE(step.length + step.header.header_length + 20, 1'500u);
    EXPECT_LE(step.header.sack_count, step.header.timestamps ? 3 : 4);
    if (step.header.has(TcpHeader::kSyn)) {
      self.shift = step.header.window_scale.value_or(0);
      self.edge = step.header.has(TcpHeader::kAck) ? step.acknowledgment + step.header.window
                                                   : step.header.window + 1;
      return;
    }
    EXPECT_LE(step.sequence + step.length, peer.edge);
    const int64_t edge = step.acknowledgment + (int64_t{step.header.window} << self.shift);
    EXPECT_GE(edge, self.edge);
    self.edge = std::max(self.edge, edge);
  }

 private:
  struct Side {
    int shift = 0;
    int64_t edge = 0;
  };
  Side a_, b_;
};

void expect_everything_arrived(const TcpCall& call) {
  EXPECT_EQ(call.server.received_bytes, call.client.to_send);
  EXPECT_EQ(call.client.received_bytes, call.server.to_send);
  EXPECT_EQ(call.server.wrong_bytes, 0);
  EXPECT_EQ(call.client.wrong_bytes, 0);
  EXPECT_FALSE(call.server.gap);
  EXPECT_FALSE(call.client.gap);
  EXPECT_TRUE(call.client.was_told("closed"));
  EXPECT_TRUE(call.server.was_told("closed"));
}

TEST(TcpTransfer, DeliversEveryByteOverAPerfectPipeAndClosesBothEnds) {
  TcpCall call;
  call.client.to_send = 10'000'000;
  call.client.close_when_sent = true;
  call.server.close_when_peer_closes = true;
  call.start();
  call.pipe.run_until(Time::zero() + 10_s);
  expect_everything_arrived(call);
  EXPECT_EQ(call.pipe.a.layer.connections(), 1u);  // TIME-WAIT
  EXPECT_EQ(call.pipe.b.layer.connections(), 0u);
  call.pipe.run_until(Time::zero() + 100_s);
  EXPECT_EQ(call.pipe.a.layer.connections(), 0u);
}

TEST(TcpTransfer, DeliversEveryByteBothWaysThroughLossReorderingCorruptionAndDuplication) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TcpPipeOptions options;
    options.as_bytes = seed % 2 == 0;
    options.rate = BitRate::megabits_per_second(50);
    TcpCall call(options, seed);
    Random random(seed);
    Rules rules;
    call.pipe.script = [&rules, fate = impaired({5, 2, 2, 10}, random)](const TcpStep& step) {
      rules.watch(step);
      return fate(step);
    };
    call.client_options.receive_buffer = Bytes(100'000 + static_cast<int64_t>(seed) * 1'237);
    call.client.to_send = 600'000 + static_cast<int64_t>(random.below(100'000));
    call.server.to_send = 300'000 + static_cast<int64_t>(random.below(100'000));
    call.client.close_when_sent = call.server.close_when_sent = true;
    call.client_options.sack = seed % 5 != 0;
    call.client_options.timestamps = seed % 3 != 0;
    call.client_options.ecn = call.server_options.ecn = seed % 4 == 0;
    if (seed % 7 == 0) call.client_options.congestion = TcpCongestionAlgorithm::kNewReno;
    call.start();
    call.pipe.run_until(Time::zero() + 1'000_s);
    expect_everything_arrived(call);
    EXPECT_EQ(call.pipe.a.layer.connections() + call.pipe.b.layer.connections(), 0u);
    EXPECT_EQ(call.pipe.pools.frames_in_use(), 0u);
    EXPECT_EQ(call.pipe.pools.slots_in_use(), 0u);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace violin
