#include "models/workload/ping.hh"

#include <gtest/gtest.h>

#include "tests/support/node_network.hh"

namespace violin {
namespace {

using namespace literals;
using testing::ip;
using testing::NodeNetwork;

//     h1 ── 5 ms ── h2
class PingTest : public ::testing::Test {
 protected:
  PingTest() {
    h1.add_static_neighbour(h1.nic(0), ip("10.0.0.2"), h2.nic(0).mac());
    h2.add_static_neighbour(h2.nic(0), ip("10.0.0.1"), h1.nic(0).mac());
  }
  PingSpec spec(uint32_t count, Duration interval = 10_ms) {
    return {.name = "rtt",
            .target = ip("10.0.0.2"),
            .count = count,
            .interval = interval,
            .timeout = 20_ms,
            .ip = {}};
  }

  NodeNetwork network;
  Host& h1 = network.host("h1");
  Host& h2 = network.host("h2");
  NodeNetwork::Pair cable =
      network.join(network.nic(h1, "10.0.0.1/24"), network.nic(h2, "10.0.0.2/24"), 5_ms);
};

TEST_F(PingTest, MeasuresTheRoundTripOfEveryRequest) {
  Ping ping(h1, spec(3));
  ping.start(network.now() + 1_ms);
  network.run_for(1_s);
  ASSERT_EQ(ping.records().size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(ping.records()[i].sent, Time::zero() + 1_ms + 10_ms * static_cast<int64_t>(i));
    EXPECT_EQ(ping.records()[i].rtt, 10_ms);
  }
  EXPECT_EQ(ping.lost(network.now()), 0u);
}

TEST_F(PingTest, VerifiesAsARealPeerWouldDo) {
  cable.to_right.keep_flags = cable.to_left.keep_flags = false;
  Ping ping(h1, spec(10));
  ping.start(network.now());
  network.run_for(1_s);
  EXPECT_EQ(ping.received(), 10u);
}

TEST_F(PingTest, CountsAsLostOnlyWhatHadItsTime) {
  Ping ping(h1, spec(5));
  ping.start(network.now());
  cable.to_right.cut = true;
  network.run_to(Time::zero() + 35_ms);  // requests at 0, 10, 20, 30 ms; timeout 20 ms
  EXPECT_EQ(ping.lost(network.now()), 2u);
  cable.to_right.cut = false;
  network.run_for(1_s);
  EXPECT_EQ(ping.lost(network.now()), 4u);
  EXPECT_EQ(ping.received(), 1u);
}

TEST_F(PingTest, EveryRequestIsAnsweredLostOrOutstandingAtAnyInstant) {
  Ping ping(h1, spec(5));
  ping.start(network.now());
  cable.to_right.cut = true;
  network.run_to(Time::zero() + 35_ms);  // requests at 0, 10, 20, 30 ms; timeout 20 ms
  EXPECT_EQ(ping.outstanding(network.now()), 2u);
  cable.to_right.cut = false;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(ping.records().size(),
              ping.received() + ping.lost(network.now()) + ping.outstanding(network.now()));
    network.run_for(5_ms);
  }
  EXPECT_EQ(ping.outstanding(network.now()), 0u);
}

TEST_F(PingTest, KnowsWhichRequestsMayHaveWaitedForAddresses) {
  Ping ping(h1, spec(4, 4_ms));  // at 0, 4, 8 and 12 ms; the first reply at 10 ms
  ping.start(network.now());
  network.run_for(1_s);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(ping.neighbours_known(ping.records()[i]), i == 3) << i;
  }
}

TEST_F(PingTest, CountsARepeatedReplyAsADuplicate) {
  struct Doubler final : FrameSink {
    explicit Doubler(FrameSink& wire) : to(wire) {}
    void receive(Frame frame, Time now) override {
      to.receive(frame.clone(), now);
      to.receive(std::move(frame), now);
    }
    FrameSink& to;
  } doubler(cable.to_left);
  h2.nic(0).connect(doubler);
  Ping ping(h1, spec(4));
  ping.start(network.now());
  network.run_for(1_s);
  EXPECT_EQ(ping.received(), 4u);
  EXPECT_EQ(ping.duplicates(), 4u);
}

TEST_F(PingTest, CountsAReplyAfterTheTimeoutAsLostAndLate) {
  PingSpec hasty = spec(2);
  hasty.timeout = 10_ms - 1_ns;
  Ping ping(h1, hasty);
  ping.start(network.now());
  network.run_for(1_s);
  EXPECT_EQ(ping.late(), 2u);
  EXPECT_EQ(ping.lost(network.now()), 2u);
}

TEST_F(PingTest, TellsItsRepliesFromThoseOfAnotherOfTheSameName) {
  Ping first(h1, spec(3)), second(h1, spec(5));
  first.start(network.now());
  second.start(network.now());
  network.run_for(1_s);
  EXPECT_EQ(first.received(), 3u);
  EXPECT_EQ(second.received(), 5u);
  EXPECT_EQ(first.duplicates() + second.duplicates(), 0u);
}

TEST_F(PingTest, GoesOnPastTheLastSixteenBitNumber) {
  Ping ping(h1, spec(70'000, 1_us));
  ping.start(network.now());
  network.run_for(1_s);
  EXPECT_EQ(ping.received(), 70'000u);
  EXPECT_EQ(ping.records()[69'999].rtt, 10_ms);
  EXPECT_EQ(ping.records()[10].rtt, 10_ms);
}

TEST_F(PingTest, SendsNoMoreOnceStopped) {
  Ping ping(h1, spec(100));
  ping.start(network.now());
  network.run_to(Time::zero() + 25_ms);
  ping.stop();
  network.run_for(1_s);
  EXPECT_EQ(ping.records().size(), 3u);
  EXPECT_EQ(ping.received(), 3u);
}

}  // namespace
}  // namespace violin
