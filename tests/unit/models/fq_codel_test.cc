#include "models/queue/fq_codel.hh"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

#include "models/queue/flow_hash.hh"
#include "tests/support/packet_builder.hh"
#include "tests/support/queue_log.hh"
#include "tests/support/statistics.hh"

namespace violin {
namespace {

using namespace literals;
using testing::PacketBuilder;
using testing::QueueLog;

QueueSpec fq_spec() {
  QueueSpec spec;
  spec.kind = QueueSpec::Kind::kFqCodel;
  spec.limit = PacketLimit{1'000'000};
  return spec;
}

// A frame of flow `port`, of `size` bytes.
PacketBuilder packet(uint16_t port, uint32_t size) {
  PacketBuilder builder;
  builder.protocol = ip_protocol::kUdp;
  builder.udp.source_port = port;
  builder.payload_size = size - EthernetHeader::kSize - Ipv4Header::kSize - UdpHeader::kSize;
  return builder;
}

uint16_t port_of(const Frame& frame) {
  return load_be16(frame.headers().data() + EthernetHeader::kSize + Ipv4Header::kSize);
}

class FqCodelTest : public ::testing::Test {
 protected:
  void offer(FqCodel& queue, uint16_t port, uint32_t size, int count, Time now = Time::zero()) {
    for (int i = 0; i < count; ++i) queue.enqueue(packet(port, size).build(pools_), now, log_);
  }

  BufferPools pools_;
  QueueLog log_;
};

TEST_F(FqCodelTest, GivesBusyFlowsEqualBytesWhateverTheirFrameSizes) {
  FqCodel queue(fq_spec(), BitRate(), Random(1));
  offer(queue, 1, 1'514, 1'000);
  offer(queue, 2, 500, 3'000);
  offer(queue, 3, 100, 15'000);
  std::array<int64_t, 4> sent{};
  for (int i = 0; i < 8'000; ++i) {
    const Frame frame = queue.dequeue(Time::zero(), log_);
    sent[port_of(frame)] += frame.size();
    // At any time no two are further apart than a quantum and a frame.
    for (int a = 1; a <= 3; ++a) {
      for (int b = 1; b <= 3; ++b) {
        const auto left = static_cast<size_t>(a), right = static_cast<size_t>(b);
        ASSERT_LE(sent[left] - sent[right], 2 * 1'514 + 1'514) << i;
      }
    }
  }
  EXPECT_GT(sent[1], 400'000);
}

TEST_F(FqCodelTest, ServesASparseFlowBeforeTheBacklogOfOthers) {
  FqCodel queue(fq_spec(), BitRate(), Random(1));
  offer(queue, 1, 100, 5'000);
  for (int i = 0; i < 20; ++i) queue.dequeue(Time::zero(), log_);  // within its second quantum
  for (int round = 0; round < 20; ++round) {
    offer(queue, 2, 200, 1);
    EXPECT_EQ(port_of(queue.dequeue(Time::zero(), log_)), 2) << round;
    // Until the emptied flow has been passed over among the old ones; then it counts as new again.
    for (int i = 0; i < 40; ++i) EXPECT_EQ(port_of(queue.dequeue(Time::zero(), log_)), 1);
  }
}

TEST_F(FqCodelTest, LetsAFlowThatRanEmptyWaitForItsTurnOnceBeforeItIsNewAgain) {
  FqCodel queue(fq_spec(), BitRate(), Random(1));
  offer(queue, 1, 100, 5'000);
  for (int i = 0; i < 20; ++i) queue.dequeue(Time::zero(), log_);
  offer(queue, 2, 200, 1);
  EXPECT_EQ(port_of(queue.dequeue(Time::zero(), log_)), 2);
  EXPECT_EQ(port_of(queue.dequeue(Time::zero(), log_)), 1);  // 2 was found empty
  offer(queue, 2, 200, 1);
  EXPECT_EQ(port_of(queue.dequeue(Time::zero(), log_)), 1);
}

TEST_F(FqCodelTest, SharesEquallyWithAFlowThatAlwaysHasExactlyOnePacket) {
  FqCodel queue(fq_spec(), BitRate(), Random(1));
  offer(queue, 1, 1'514, 500);
  queue.dequeue(Time::zero(), log_);
  int others = 0;
  for (int i = 0; i < 100; ++i) {
    while (queue.packets() < 500) offer(queue, 2, 1'514, 1);
    others += port_of(queue.dequeue(Time::zero(), log_)) == 1 ? 1 : 0;
  }
  EXPECT_NEAR(others, 50, 2);
}

TEST_F(FqCodelTest, KeepsTheOrderWithinAFlow) {
  FqCodel queue(fq_spec(), BitRate(), Random(1));
  for (uint16_t i = 0; i < 300; ++i) {
    PacketBuilder builder = packet(static_cast<uint16_t>(1 + i % 3), 300);
    builder.identification = i;
    queue.enqueue(builder.build(pools_), Time::zero(), log_);
  }
  std::array<int, 4> last{-1, -1, -1, -1};
  for (int i = 0; i < 300; ++i) {
    const Frame frame = queue.dequeue(Time::zero(), log_);
    const int number = load_be16(frame.headers().data() + EthernetHeader::kSize + 4);
    EXPECT_GT(number, last[port_of(frame)]);
    last[port_of(frame)] = number;
  }
  EXPECT_EQ(queue.packets(), 0u);
  EXPECT_EQ(queue.bytes(), Bytes(0));
}

TEST_F(FqCodelTest, DropsHalfOfTheFattestFlowFromItsHeadWhenFull) {
  QueueSpec spec = fq_spec();
  spec.limit = PacketLimit{60};
  FqCodel queue(spec, BitRate(), Random(1));
  offer(queue, 1, 1'000, 40);
  offer(queue, 2, 100, 20);
  EXPECT_TRUE(log_.drops().empty());
  offer(queue, 3, 100, 1);  // one too many
  ASSERT_EQ(log_.drops().size(), 20u);
  for (const auto& drop : log_.drops()) {
    EXPECT_EQ(port_of(drop.frame), 1);
    EXPECT_EQ(drop.reason, DropReason::kQueueFull);
  }
  EXPECT_EQ(queue.packets(), 41u);
  EXPECT_EQ(queue.bytes(), Bytes(20 * 1'000 + 21 * 100));
}

TEST_F(FqCodelTest, DropsNoMoreThanSixtyFourAtOnce) {
  QueueSpec spec = fq_spec();
  spec.limit = PacketLimit{1'000};
  FqCodel queue(spec, BitRate(), Random(1));
  offer(queue, 1, 1'000, 1'001);
  EXPECT_EQ(log_.drops().size(), 64u);
}

TEST_F(FqCodelTest, NeverHoldsMoreThanItsLimitOfBytes) {
  QueueSpec spec = fq_spec();
  spec.limit = ByteLimit{Bytes(5'000)};
  FqCodel queue(spec, BitRate(), Random(1));
  Random random(2);
  for (int i = 0; i < 1'000; ++i) {
    offer(queue, static_cast<uint16_t>(random.below(9)),
          static_cast<uint32_t>(60 + random.below(1'455)), 1);
    ASSERT_LE(queue.bytes(), Bytes(5'000));
  }
}

TEST_F(FqCodelTest, RunsCodelOnEachFlowByItself) {
  FqCodel queue(fq_spec(), BitRate(), Random(1));
  offer(queue, 1, 1'000, 3'000);
  // One frame per 100 us of the standing flow; the other flow comes and goes.
  for (int64_t i = 0; i < 2'500; ++i) {
    const Time now = Time::zero() + 100_us * i;
    offer(queue, 2, 100, 1, now);
    queue.dequeue(now, log_);
    queue.dequeue(now, log_);
  }
  EXPECT_GE(log_.count(DropReason::kActiveQueue), 2u);
  EXPECT_EQ(log_.drops().front().when, Time::zero() + 105_ms);
  for (const auto& drop : log_.drops()) EXPECT_EQ(port_of(drop.frame), 1);
}

TEST_F(FqCodelTest, FlushesEverythingAndGoesOn) {
  FqCodel queue(fq_spec(), BitRate(), Random(1));
  for (uint16_t port = 1; port <= 5; ++port) offer(queue, port, 200, 10);
  queue.dequeue(Time::zero(), log_);
  queue.flush(DropReason::kLinkDown, Time::zero(), log_);
  EXPECT_EQ(log_.count(DropReason::kLinkDown), 49u);
  EXPECT_EQ(queue.packets(), 0u);
  EXPECT_FALSE(queue.dequeue(Time::zero(), log_));
  offer(queue, 3, 200, 2);
  EXPECT_TRUE(queue.dequeue(Time::zero(), log_));
  EXPECT_TRUE(queue.dequeue(Time::zero(), log_));
  EXPECT_FALSE(queue.dequeue(Time::zero(), log_));
}

TEST(FlowHash, IsThatOfTheFiveTupleAndNothingElse) {
  BufferPools pools;
  for (const bool v6 : {false, true}) {
    PacketBuilder base = packet(1, 500);
    base.v6 = v6;
    const uint64_t hash = flow_hash(base.build(pools), 1);
    PacketBuilder same = base;
    same.payload_size = 7;
    same.identification = 99;
    same.traffic_class = 3;
    same.vlan = true;
    EXPECT_EQ(flow_hash(same.build(pools), 1), hash);
    std::set<uint64_t> others{hash};
    PacketBuilder other = base;
    other.source_host = 9;
    others.insert(flow_hash(other.build(pools), 1));
    other = base;
    other.destination_host = 9;
    others.insert(flow_hash(other.build(pools), 1));
    other = base;
    other.protocol = ip_protocol::kTcp;
    others.insert(flow_hash(other.build(pools), 1));
    other = base;
    other.udp.source_port = 9;
    others.insert(flow_hash(other.build(pools), 1));
    other = base;
    other.udp.destination_port = 9;
    others.insert(flow_hash(other.build(pools), 1));
    others.insert(flow_hash(base.build(pools), 2));
    EXPECT_EQ(others.size(), 7u);
  }
}

TEST(FlowHash, IsThatOfTheBytesHoweverTheyAreHeld) {
  BufferPools pools;
  const Frame frame = packet(1, 500).build(pools);
  const auto bytes = testing::bytes_of(frame);
  EXPECT_EQ(flow_hash(Frame::from_bytes(pools, bytes), 1), flow_hash(frame, 1));
  Frame all_payload = Frame::allocate(pools);
  all_payload.set_payload(Payload::of_bytes(pools, bytes));
  EXPECT_EQ(flow_hash(all_payload, 1), flow_hash(frame, 1));
}

TEST(FlowHash, IgnoresThePortsOfFragmentsButNotTheRest) {
  BufferPools pools;
  const auto fragment = [&](uint16_t port) {
    Frame frame = packet(port, 500).build(pools);
    store_be16(frame.headers().data() + EthernetHeader::kSize + 6, 0x2000);  // more fragments
    return flow_hash(frame, 1);
  };
  EXPECT_EQ(fragment(1), fragment(2));
}

TEST(FlowHash, SpreadsFlowsEvenlyOverTheTable) {
  BufferPools pools;
  std::vector<double> observed(64), expected(64, 20'000 / 64.0);
  for (uint16_t port = 0; port < 20'000; ++port) {
    observed[flow_hash(packet(port, 60).build(pools), 3) >> 58] += 1;
  }
  EXPECT_GT(testing::chi_square_p(observed, expected), testing::kRejected);
}

TEST(FlowHash, TakesAnyBytes) {
  BufferPools pools;
  Random random(5);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::byte> bytes(random.below(120));
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
    if (bytes.size() > 14) {
      store_be16(bytes.data() + 12, random.below(2) == 0 ? ether_type::kIpv4 : ether_type::kIpv6);
      bytes[14] = static_cast<std::byte>(random.below(2) == 0 ? 0x40 + random.below(16) : 0x60);
    }
    const Frame frame = Frame::from_bytes(pools, bytes);
    EXPECT_EQ(flow_hash(frame, 1), flow_hash(frame.clone(), 1));
  }
}

}  // namespace
}  // namespace violin
