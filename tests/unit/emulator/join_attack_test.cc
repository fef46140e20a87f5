#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/join_expectations.hh"
#include "tests/support/join_network.hh"

// Replays, flipped bits and noise between the ends of a join.

namespace violin::testing {
namespace {

using namespace literals;

TEST(JoinAttack, ARequestWhoseKeysAreConfirmedMeetsSilenceFromWhereverItComes) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.run_for(1_s);
  expect_joined(network);
  const Datagram request = network.sent[0].second;
  const UdpEndpoint own = network.address_of(0);
  for (const UdpEndpoint& from : {own, UdpEndpoint{own.address, 5}, UdpEndpoint{}}) {
    const JoinOutput output = network.server.receive(request, from, network.now);
    EXPECT_TRUE(output.send.empty());
    EXPECT_TRUE(output.events.empty());
  }
  EXPECT_EQ(network.server.counters().replayed, 3u);
  EXPECT_EQ(network.server.counters().drops().of(DropReason::kReplayed), 3u);
  EXPECT_EQ(network.server.counters().repeated, 0u);
  EXPECT_EQ(network.server.ports_open(), 1u);
}

TEST(JoinAttack, AReplayedRequestChangesNothingAfterANewerOne) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.run_for(200_s);  // keys were renewed by now
  ASSERT_EQ(network.at_server<KeysConfirmed>().size(), 2u);
  const Datagram old_request = network.sent[0].second;
  const Datagram old_confirmation = network.sent[2].second;
  JoinOutput output =
      network.server.receive(old_request, {IpAddress::v4(0x0bad'0001), 5}, network.now);
  EXPECT_TRUE(output.events.empty());
  EXPECT_EQ(network.server.counters().refused, 1u);
  EXPECT_EQ(network.server.counters().replayed, 1u);
  // The refusal cannot be read by who replays, and means nothing to the client.
  ASSERT_EQ(output.send.size(), 1u);
  output = network.clients[0]->receive(output.send[0].bytes, network.now);
  EXPECT_TRUE(output.events.empty());
  output = network.server.receive(old_confirmation, network.address_of(0), network.now);
  EXPECT_TRUE(output.events.empty());
  EXPECT_TRUE(output.send.empty());
}

TEST(JoinAttack, ARequestReplayedAfterLeavingOpensNothing) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.run_for(1_s);
  network.leave(0);
  network.run_for(100_s);
  ASSERT_EQ(network.server.ports_open(), 0u);
  const JoinOutput output =
      network.server.receive(network.sent[0].second, network.address_of(0), network.now);
  EXPECT_TRUE(output.events.empty());
  EXPECT_EQ(network.server.ports_open(), 0u);
}

// Delivers every message with each of its bits flipped, and looks that nothing comes of it; then
// delivers it as it is.
class FlippingNetwork : public JoinNetwork {
 public:
  explicit FlippingNetwork(const JoinGuardOptions& guard = {}) : JoinNetwork(guard) {
    fate = [this](const Passing& passing) {
      for (size_t bit = 0; bit < passing.bytes.size() * 8; ++bit) {
        Datagram changed = passing.bytes;
        changed[bit / 8] ^= std::byte{1} << (bit % 8);
        const JoinOutput output = passing.to_server ? server.receive(changed, address_of(0), now)
                                                    : clients[0]->receive(changed, now);
        EXPECT_TRUE(output.send.empty() && output.events.empty())
            << "type " << static_cast<int>(passing.bytes[1]) << ", bit " << bit;
      }
      seen.insert(static_cast<int>(passing.bytes[1]));
      return std::vector{20_ms};
    };
  }
  std::set<int> seen;  // types of messages
};

TEST(JoinAttack, NoFlippedBitOfAnyMessageIsAnsweredOrBelieved) {
  FlippingNetwork network;
  network.add_client();
  network.start(0);
  network.run_for(1_s);
  expect_joined(network);
  network.leave(0);
  network.run_for(1_s);
  EXPECT_EQ(network.at_client<PortClosed>().size(), 1u);
  EXPECT_EQ(network.seen, (std::set{1, 2, 5, 6, 7, 8}));
}

TEST(JoinAttack, NoFlippedBitOfARefusalOrACookieIsBelieved) {
  FlippingNetwork refusing;
  refusing.add_client();
  refusing.no_ports = true;
  refusing.start(0);
  refusing.run_for(1_s);
  EXPECT_EQ(refusing.at_client<JoinFailed>().size(), 1u);
  EXPECT_EQ(refusing.seen, (std::set{1, 3}));
  FlippingNetwork loaded({.requests = {.per_second = 1, .burst = 1}});
  loaded.add_client();
  loaded.add_client();
  const Datagram other = loaded.clients[1]->start(loaded.now).send[0].bytes;
  loaded.server.receive(other, loaded.address_of(1), loaded.now);
  loaded.start(0);
  loaded.run_for(500_ms);
  EXPECT_EQ(loaded.seen, (std::set{1, 2, 4, 5, 6}));
  EXPECT_EQ(loaded.at_client<NewKeys>().size(), 1u);
}

TEST(JoinAttack, NoiseGetsNoAnswer) {
  JoinNetwork network;
  network.add_client();
  Random random(11);
  for (int i = 0; i < 20'000; ++i) {
    Datagram bytes(random.below(JoinMessage::kSizeMax + 20));
    for (std::byte& b : bytes) b = static_cast<std::byte>(random.next());
    if (bytes.size() >= 8 && random.below(2) == 0) {
      const auto header = join_header(static_cast<JoinMessageType>(random.below(10)), 0);
      std::copy(header.begin(), header.end(), bytes.begin());
    }
    EXPECT_TRUE(network.server.receive(bytes, network.address_of(9), network.now).send.empty());
    EXPECT_TRUE(network.clients[0]->receive(bytes, network.now).send.empty());
  }
  EXPECT_TRUE(network.client_events.empty());
  EXPECT_EQ(network.server.ports_open(), 0u);
  EXPECT_EQ(network.clients[0]->ignored(), 20'000u);
}

TEST(JoinAttack, NoAnswerIsLongerThanWhatItAnswers) {
  JoinNetwork network({.requests = {.per_second = 1, .burst = 3}});
  for (int i = 0; i < 6; ++i) network.add_client();
  JoinClient::Options options = network.options(5);
  options.violin = std::string(64, 'v');
  network.restart_client(5, options);
  Datagram last;
  network.fate = [&](const JoinNetwork::Passing& passing) {
    if (passing.to_server) {
      // Delivered at once, so that the next to be sent is its answer.
      last = passing.bytes;
      return std::vector{Duration()};
    }
    EXPECT_LE(passing.bytes.size(), last.size());
    return std::vector{10_ms};
  };
  for (uint32_t i = 0; i < 6; ++i) {
    network.start(i);
    network.run_for(100_ms);
  }
  network.run_for(30_s);
  for (uint32_t i = 0; i < 5; ++i) network.leave(i);
  network.run_for(30_s);
  EXPECT_GT(network.server.counters().cookies, 0u);
  EXPECT_EQ(network.server.counters().refused, 1u);
  EXPECT_EQ(network.at_client<PortClosed>().size(), 5u);
}

}  // namespace
}  // namespace violin::testing
