#include "models/node/udp_layer.hh"

#include <gtest/gtest.h>

#include "tests/support/node_network.hh"

namespace violin {
namespace {

using namespace literals;
using testing::ip;
using testing::NodeNetwork;

class Inbox final : public UdpReceiver {
 public:
  void receive_datagram(Frame data, const UdpReceived& from, Time) override {
    sizes.push_back(data.size());
    last = from;
  }
  void receive_error(const IcmpError& error, Time) override { codes.push_back(error.code); }
  std::vector<uint32_t> sizes;
  std::vector<uint8_t> codes;
  UdpReceived last;
};

//     h1 ── h2
class UdpTest : public ::testing::Test {
 protected:
  UdpTest() { EXPECT_TRUE(h1.udp().bind(1000, inbox1) && h2.udp().bind(2000, inbox2)); }
  ~UdpTest() override { EXPECT_TRUE(network.balanced()); }
  void send(uint32_t size, uint16_t port) {
    Frame data = h1.new_frame();
    data.set_payload(Payload::of_stream(1, 0, size));
    h1.udp().send(std::move(data), {ip("10.0.0.1"), 1000, ip("10.0.0.2"), port}, {}, network.now());
    network.run_for(1_s);
  }

  NodeNetwork network;
  Host& h1 = network.host("h1");
  Host& h2 = network.host("h2");
  NodeNetwork::Pair cable =
      network.join(network.nic(h1, "10.0.0.1/24"), network.nic(h2, "10.0.0.2/24"));
  Inbox inbox1, inbox2;
};

TEST_F(UdpTest, DeliversDataOfAnySizeToWhoListensAtThePort) {
  for (uint32_t size : {0u, 1u, 1472u, 1473u, 9001u}) send(size, 2000);
  EXPECT_EQ(inbox2.sizes, (std::vector<uint32_t>{0, 1, 1472, 1473, 9001}));
  EXPECT_EQ(inbox2.last.source_port, 1000);
  EXPECT_EQ(inbox2.last.ip.source, ip("10.0.0.1"));
}

TEST_F(UdpTest, MakesChecksumsThatAReceiverFindsRight) {
  cable.to_right.keep_flags = false;
  for (uint32_t size = 0; size < 40; ++size) send(size, 2000);
  EXPECT_EQ(inbox2.sizes.size(), 40u);
}

TEST_F(UdpTest, DropsDatagramsWithAWrongChecksum) {
  struct Corruptor final : FrameSink {
    explicit Corruptor(Nic& receiver) : to(receiver) {}
    void receive(Frame frame, Time now) override {
      const bool is_ip = frame.headers()[12] == std::byte{8} && frame.headers()[13] == std::byte{0};
      if (is_ip) frame.writable_payload()[0] ^= std::byte{4};
      to.receive(std::move(frame), now);
    }
    Nic& to;
  } corruptor(h2.nic(0));
  h1.nic(0).connect(corruptor);
  send(10, 2000);
  EXPECT_TRUE(inbox2.sizes.empty());
  EXPECT_EQ(h2.drops().of(DropReason::kBadChecksum), 1u);
}

TEST_F(UdpTest, TellsTheSenderThatNobodyListens) {
  send(10, 2001);
  EXPECT_EQ(h2.drops().of(DropReason::kNoListener), 1u);
  EXPECT_EQ(inbox1.codes, (std::vector<uint8_t>{IcmpHeader::kPortUnreachable}));
}

TEST_F(UdpTest, BindsAPortOnceAndGivesOutFreeOnes) {
  EXPECT_FALSE(h1.udp().bind(1000, inbox2));
  const uint16_t first = h1.udp().ephemeral_port();
  EXPECT_TRUE(h1.udp().bind(static_cast<uint16_t>(first + 1), inbox2));
  EXPECT_EQ(h1.udp().ephemeral_port(), first + 2);
  h1.udp().unbind(1000);
  EXPECT_TRUE(h1.udp().bind(1000, inbox2));
}

}  // namespace
}  // namespace violin
