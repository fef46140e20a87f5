#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "core/pacer.hh"
#include "core/random.hh"
#include "core/segmentation.hh"
#include "models/link/wire.hh"
#include "tests/simulation/seeds.hh"
#include "tests/support/frame_log.hh"
#include "tests/support/packet_builder.hh"
#include "tests/support/scenario_text.hh"

// A super-frame is N segments in one handle. Through any wire it gives what its N segments give:
// the same frames with the same bytes at the same instants, the same drops and the same counters.

namespace violin::testing {
namespace {

// One thing to send: when, how many segments, protocol, and whether it may be marked.
struct Burst {
  Time at;
  uint32_t segments = 1;
  uint16_t segment_size = 1000;
  uint32_t last_size = 1000;
  bool udp = false;
  bool v6 = false;
  uint8_t traffic_class = 0;
};

std::vector<Burst> draw_bursts(Random& random) {
  std::vector<Burst> bursts;
  Time at = Time::zero();
  for (int i = 0; i < 60; ++i) {
    at += Duration::microseconds(static_cast<int64_t>(random.below(20'000)));
    Burst burst{.at = at};
    burst.segments = 1 + static_cast<uint32_t>(random.below(20));
    burst.segment_size = static_cast<uint16_t>(100 + random.below(1300));
    burst.last_size = 1 + static_cast<uint32_t>(random.below(burst.segment_size));
    burst.udp = random.below(3) == 0;
    burst.v6 = random.below(3) == 0;
    burst.traffic_class = random.below(2) == 0 ? 2 : 0;
    bursts.push_back(burst);
  }
  return bursts;
}

// What one wire made of the bursts.
class Passage {
 public:
  Passage(const WireSpec& spec, uint64_t seed, const std::vector<Burst>& bursts, bool as_segments)
      : flight_(scheduler_, "a->b"), wire_(flight_, spec, {seed, window_}) {
    flight_.set_sink(log_);
    flight_.set_feeder(wire_);
    std::array<Entity*, 1> entities{&flight_.entity()};
    assign_ranks(entities, seed);
    for (const Burst& burst : bursts) {
      scheduler_.run_until(burst.at, warp_);
      send(burst, as_segments);
    }
    scheduler_.run_until(bursts.back().at + Duration::seconds(100), warp_);
    wire_.catch_up(scheduler_.now());
    wire_.check_conservation();
  }
  const std::vector<FrameLog::Arrival>& arrivals() const { return log_.arrivals(); }
  const WireCounters& counters() const { return wire_.counters(); }
  const Wire& wire() const { return wire_; }
  uint64_t digest() const { return flight_.digest(); }

 private:
  void send(const Burst& burst, bool as_segments) {
    PacketBuilder builder;
    builder.v6 = burst.v6;
    builder.traffic_class = burst.traffic_class;
    if (burst.udp) builder.protocol = ip_protocol::kUdp;
    builder.payload_size = (burst.segments - 1) * burst.segment_size + burst.last_size;
    Frame frame = builder.build(pools_);
    frame.set_gso_size(burst.segment_size);
    if (!as_segments) {
      wire_.receive(std::move(frame), burst.at);
      return;
    }
    segment(std::move(frame), [&](Frame part) {
      part.set_gso_size(0);
      wire_.receive(std::move(part), burst.at);
    });
  }

  BufferPools pools_;
  Scheduler scheduler_;
  Warp warp_;
  MeasureWindow window_{Time::zero(), Time::zero() + Duration::seconds(1)};
  FrameLog log_;
  Flight flight_;
  Wire wire_;
};

void expect_equal(const WireCounters& left, const WireCounters& right) {
  EXPECT_EQ(left.received, right.received);
  EXPECT_EQ(left.duplicated, right.duplicated);
  EXPECT_EQ(left.corrupted, right.corrupted);
  EXPECT_EQ(left.marked, right.marked);
  EXPECT_EQ(left.sent_bits_in_window, right.sent_bits_in_window);
  EXPECT_EQ(left.busy_in_window, right.busy_in_window);
  EXPECT_EQ(left.queue_packets_max, right.queue_packets_max);
  EXPECT_EQ(left.queue_bytes_max, right.queue_bytes_max);
  for (size_t reason = 0; reason < kDropReasonCount; ++reason) {
    EXPECT_EQ(left.drops.of(static_cast<DropReason>(reason)),
              right.drops.of(static_cast<DropReason>(reason)))
        << name_of(static_cast<DropReason>(reason));
  }
}

void expect_same_passage(const std::string& keys, uint64_t seed) {
  SCOPED_TRACE("link keys: " + keys + ", SEED=" + std::to_string(seed));
  Random random = substream(seed, "super-frames", "bursts");
  const std::vector<Burst> bursts = draw_bursts(random);
  const WireSpec spec = test::wire_of(keys);
  const Passage whole(spec, seed, bursts, /*as_segments=*/false);
  const Passage parts(spec, seed, bursts, /*as_segments=*/true);
  expect_equal(whole.counters(), parts.counters());
  EXPECT_EQ(whole.digest(), parts.digest());
  ASSERT_EQ(whole.arrivals().size(), parts.arrivals().size());
  for (size_t i = 0; i < whole.arrivals().size(); ++i) {
    ASSERT_EQ(whole.arrivals()[i].when, parts.arrivals()[i].when) << i;
    ASSERT_EQ(bytes_of(whole.arrivals()[i].frame), bytes_of(parts.arrivals()[i].frame)) << i;
    ASSERT_EQ(whole.arrivals()[i].frame.gso_size(), 0u) << "a wire carries ordinary frames";
  }
  if (whole.wire().sojourn() != nullptr) {
    ASSERT_NE(parts.wire().sojourn(), nullptr);
    EXPECT_EQ(whole.wire().sojourn()->count(), parts.wire().sojourn()->count());
    EXPECT_EQ(whole.wire().sojourn()->mean(), parts.wire().sojourn()->mean());
  }
}

// Each impairment and each discipline, once alone and once all together.
constexpr const char* kKinds[] = {
    "rate: 100 Mbit/s",
    "delay: 5 ms, jitter: { stddev: 2 ms, correlation: 30 % }",
    "loss: { random: 10 %, correlation: 20 % }",
    "loss: { gemodel: { p: 5 %, r: 30 %, loss_bad: 80 %, loss_good: 1 % } }",
    "loss: { state: { p13: 5 %, p31: 40 %, p32: 20 %, p23: 30 %, p14: 2 % } }",
    "duplicate: 20 %",
    "corrupt: 20 %",
    "delay: 10 ms, rate: 50 Mbit/s, reorder: { percent: 30 %, gap: 3 }",
    "rate: 10 Mbit/s, overhead: 24 B, queue: { limit: 20 packets }",
    "rate: 10 Mbit/s, queue: { limit: 20000 B }",
    "rate: 10 Mbit/s, queue: { limit: 15 ms }",
    "rate: 5 Mbit/s, queue: { kind: red, limit: 60000 B, ecn: true }",
    "rate: 5 Mbit/s, queue: { kind: codel, ecn: true }",
    "rate: 5 Mbit/s, queue: { kind: fq_codel, ecn: true, flows: 8 }",
    "rate: 5 Mbit/s, queue: { kind: pie, ecn: true }",
    "trace: [1, 1, 2, 5, 9]",
    "mtu: 900",
    "rate: 8 Mbit/s, delay: 4 ms, jitter: 1 ms, loss: 3 %, duplicate: 2 %, corrupt: 2 %, "
    "reorder: { percent: 10 %, gap: 2 }, queue: { kind: fq_codel, limit: 100 packets }"};

TEST(SuperFrame, PassesEveryKindOfWireAsItsSegmentsDo) {
  for (const char* keys : kKinds) {
    for (const uint64_t seed : seeds(4)) expect_same_passage(keys, seed);
  }
}

TEST(SuperFrame, TheKindsOfWireDoSomethingToIt) {
  // The control: were nothing lost, marked or copied, equality would prove nothing.
  Random random = substream(1, "super-frames", "bursts");
  const std::vector<Burst> bursts = draw_bursts(random);
  uint64_t dropped = 0, marked = 0, duplicated = 0, corrupted = 0;
  for (const char* keys : kKinds) {
    const Passage passage(test::wire_of(keys), 1, bursts, false);
    dropped += passage.counters().drops.total() > 0 ? 1 : 0;
    marked += passage.counters().marked > 0 ? 1 : 0;
    duplicated += passage.counters().duplicated > 0 ? 1 : 0;
    corrupted += passage.counters().corrupted > 0 ? 1 : 0;
  }
  EXPECT_GE(dropped, 8u);
  EXPECT_GE(marked, 3u);
  EXPECT_GE(duplicated, 2u);
  EXPECT_GE(corrupted, 2u);
}

}  // namespace
}  // namespace violin::testing
