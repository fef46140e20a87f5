#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "tests/support/join_expectations.hh"
#include "tests/support/join_network.hh"

// Both ends of a join, and what a network may do between them.

namespace violin::testing {
namespace {

using namespace literals;

TEST(Join, GivesBothEndsKeysSessionsAndPortsOfEachOther) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.run_for(1_s);
  expect_joined(network);
  EXPECT_EQ(network.sent.size(), 4u) << "request, answer, confirmation, its answer";
  const NewKeys client = network.at_client<NewKeys>()[0];
  const NewKeys server = network.at_server<NewKeys>()[0];
  EXPECT_TRUE(client.send_at_once);
  EXPECT_FALSE(server.send_at_once) << "its request might have been a replayed one";
  EXPECT_EQ(client.peer, (UdpEndpoint{IpAddress::v4(0x0a00'0001), 30000}));
  EXPECT_EQ(server.peer, (UdpEndpoint{IpAddress::v4(0x0b00'0000), 20000}));
  EXPECT_NE(client.session.send_session, 0u);
  EXPECT_NE(client.session.receive_session, 0u);
  EXPECT_NE(client.session.send_session, client.session.receive_session);
  EXPECT_FALSE(client.session.send_key == client.session.receive_key);
  EXPECT_FALSE(client.session.notice_key == client.session.send_key);
  EXPECT_EQ(network.server.ports_open(), 1u);
  EXPECT_TRUE(network.clients[0]->is_joined());
  // The client's keys are known to be the server's, so what was sent before is under way for no
  // longer than the grace.
  EXPECT_GT(network.at_client<KeysConfirmed>()[0].drop_former_at, network.now);
}

TEST(Join, SurvivesTheLossOfEverySubsetOfTheFirstMessages) {
  for (uint64_t lost = 0; lost < 256; ++lost) {
    JoinNetwork network;
    network.add_client();
    network.fate = [&](const JoinNetwork::Passing& passing) {
      const bool drop = passing.number < 8 && (lost >> passing.number & 1) != 0;
      return drop ? std::vector<Duration>() : std::vector{20_ms};
    };
    network.start(0);
    network.run_for(90_s);
    expect_joined(network);
    EXPECT_EQ(network.at_server<NewKeys>().size(), 1u) << "lost " << lost;
    EXPECT_EQ(network.at_client<NewKeys>().size(), 1u) << "lost " << lost;
    EXPECT_TRUE(network.at_client<JoinFailed>().empty());
  }
}

TEST(Join, DoubledMessagesChangeNothing) {
  JoinNetwork network;
  network.add_client();
  network.fate = [](const JoinNetwork::Passing&) { return std::vector{20_ms, 20_ms, 300_ms}; };
  network.start(0);
  network.run_for(60_s);
  expect_joined(network);
  EXPECT_EQ(network.at_server<NewKeys>().size(), 1u);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 1u);
  EXPECT_EQ(network.at_client<NewKeys>().size(), 1u);
  EXPECT_EQ(network.at_client<KeysConfirmed>().size(), 1u);
  EXPECT_EQ(network.server.counters().accepted, 1u);
  EXPECT_EQ(network.server.counters().repeated, 1u);
  EXPECT_EQ(network.server.counters().replayed, 1u) << "the one that came after the confirmation";
}

TEST(Join, MessagesThatOvertakeEachOtherChangeNothing) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    JoinNetwork network;
    network.add_client();
    Random random(seed);
    network.fate = [&](const JoinNetwork::Passing&) {
      return std::vector{Duration::milliseconds(static_cast<int64_t>(random.below(4000)))};
    };
    network.start(0);
    network.run_for(100_s);
    expect_joined(network);
    EXPECT_EQ(network.at_server<NewKeys>().size(), 1u);
  }
}

TEST(Join, TheSameRequestGetsTheSameAnswerAndNoSecondPort) {
  JoinNetwork network;
  network.add_client();
  const JoinOutput request = network.clients[0]->start(network.now);
  const UdpEndpoint from = network.address_of(0);
  const JoinOutput first = network.server.receive(request.send[0].bytes, from, network.now);
  ASSERT_EQ(first.send.size(), 1u);
  EXPECT_EQ(first.events.size(), 1u);
  for (int i = 0; i < 3; ++i) {
    const JoinOutput again = network.server.receive(request.send[0].bytes, from, network.now + 1_s);
    ASSERT_EQ(again.send.size(), 1u);
    EXPECT_EQ(again.send[0].bytes, first.send[0].bytes);
    EXPECT_TRUE(again.events.empty());
  }
  EXPECT_EQ(network.server.ports_open(), 1u);
}

TEST(Join, AThousandLinksAreJoinedThroughThirtyPercentLoss) {
  JoinNetwork network;
  Random random(4);
  network.fate = [&](const JoinNetwork::Passing&) {
    return random.chance(Probability::ratio(30, 100)) ? std::vector<Duration>()
                                                      : std::vector{25_ms};
  };
  for (int i = 0; i < 1000; ++i) network.start(network.add_client());
  network.run_for(100_s);
  EXPECT_EQ(network.server.ports_open(), 1000u);
  const auto of_client = network.at_client<NewKeys>();
  const auto of_server = network.at_server<NewKeys>();
  ASSERT_EQ(of_client.size(), 1000u);
  ASSERT_EQ(of_server.size(), 1000u);
  EXPECT_EQ(network.at_client<KeysConfirmed>().size(), 1000u);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 1000u);
  std::set<uint64_t> sessions;
  for (const NewKeys& client : of_client) {
    sessions.insert({client.session.send_session, client.session.receive_session});
    const auto server = std::find_if(of_server.begin(), of_server.end(),
                                     [&](const NewKeys& one) { return one.port == client.port; });
    ASSERT_NE(server, of_server.end());
    expect_same_keys(client, *server);
  }
  EXPECT_EQ(sessions.size(), 2000u);
}

TEST(Join, OnePeerJoinsManyLinksInAnyOrder) {
  JoinNetwork network;
  Random random(9);
  network.fate = [&](const JoinNetwork::Passing&) {
    return std::vector{Duration::milliseconds(static_cast<int64_t>(random.below(400)))};
  };
  for (uint32_t i = 0; i < 50; ++i) {
    JoinClient::Options options = network.options(i);
    options.own = repeatable_pair(1000);
    network.server.admit({options.violin, options.link, options.own.open, options.encryption});
    network.start(network.add_client(options));
  }
  network.run_for(20_s);
  EXPECT_EQ(network.server.ports_open(), 50u);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 50u);
  EXPECT_EQ(network.server.counters().refused, 0u);
}

TEST(JoinDeathTest, ALinkIsAdmittedOnce) {
  JoinNetwork network;
  network.add_client();
  EXPECT_DEATH(network.server.admit({"v1", "link0", PublicKey{}, Encryption::kNone}), "link0");
  EXPECT_DEATH(network.server.admit({"v7", "link1", PublicKey{}, Encryption::kNone}), "link1");
}

}  // namespace
}  // namespace violin::testing
