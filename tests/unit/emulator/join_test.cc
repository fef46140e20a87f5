#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/support/join_network.hh"

// Both ends of a join, and what a network may do between them.

namespace violin::testing {
namespace {

using namespace literals;

void expect_same_keys(const NewKeys& initiator, const NewKeys& responder) {
  EXPECT_EQ(initiator.session.send_key, responder.session.receive_key);
  EXPECT_EQ(initiator.session.receive_key, responder.session.send_key);
  EXPECT_EQ(initiator.session.send_session, responder.session.receive_session);
  EXPECT_EQ(initiator.session.receive_session, responder.session.send_session);
}

// Client 0 and the server hold the same keys, and both know it.
void expect_joined(const JoinNetwork& network) {
  ASSERT_FALSE(network.at_client<NewKeys>().empty());
  ASSERT_FALSE(network.at_server<NewKeys>().empty());
  expect_same_keys(network.at_client<NewKeys>().back(), network.at_server<NewKeys>().back());
  ASSERT_FALSE(network.at_client<KeysConfirmed>().empty());
  ASSERT_FALSE(network.at_server<KeysConfirmed>().empty());
  EXPECT_EQ(network.at_client<KeysConfirmed>().back().receive_session,
            network.at_client<NewKeys>().back().session.receive_session);
  EXPECT_EQ(network.at_server<KeysConfirmed>().back().receive_session,
            network.at_server<NewKeys>().back().session.receive_session);
}

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
  EXPECT_EQ(network.server.counters().repeated, 2u);
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

// ---- who is refused -----------------------------------------------------------------------------

// What becomes of a join of a client that differs from one that is admitted.
JoinFailed failure_of(const std::function<void(JoinClient::Options&)>& differ,
                      JoinServerCounters* counters = nullptr) {
  JoinNetwork network;
  network.server.add_violin("v2", repeatable_key(8));
  network.server.admit({"v2", "other", repeatable_pair(55).open, Encryption::kNone});
  network.add_client();
  JoinClient::Options options = network.options(0);
  differ(options);
  network.restart_client(0, options);
  network.start(0);
  network.run_for(200_s);
  EXPECT_TRUE(network.at_server<NewKeys>().empty() || network.at_server<KeysConfirmed>().empty());
  EXPECT_EQ(network.server.ports_open(), 0u);
  EXPECT_TRUE(network.clients[0]->is_idle());
  if (counters != nullptr) *counters = network.server.counters();
  const auto failures = network.at_client<JoinFailed>();
  EXPECT_EQ(failures.size(), 1u);
  return failures.empty() ? JoinFailed{} : failures[0];
}

TEST(Join, AWrongKeyMeetsSilence) {
  JoinServerCounters counters;
  JoinFailed failed;
  for (uint64_t seed = 66; seed < 76; ++seed) {
    failed = failure_of(
        [seed](JoinClient::Options& options) { options.own = repeatable_pair(seed); }, &counters);
    EXPECT_EQ(failed.failure, JoinFailure::kNoAnswer);
    EXPECT_EQ(failed.text, "no answer to 20 requests");
    EXPECT_EQ(counters.unknown_peer, 20u);
  }
  failed =
      failure_of([](JoinClient::Options& options) { options.responder = repeatable_pair(77).open; },
                 &counters);
  EXPECT_EQ(failed.failure, JoinFailure::kNoAnswer);
  EXPECT_EQ(counters.unauthentic, 20u);
  failed = failure_of([](JoinClient::Options& options) { options.responder = PublicKey{}; });
  EXPECT_EQ(failed.failure, JoinFailure::kBadResponderKey);
}

TEST(Join, AWrongKeyOfTheViolinIsNamed) {
  const JoinFailed failed =
      failure_of([](JoinClient::Options& options) { options.violin_key = repeatable_key(68); });
  EXPECT_EQ(failed.failure, JoinFailure::kUnreadableAnswer);
}

TEST(Join, WhatIsNotAdmittedIsRefusedWithItsReason) {
  const auto refusal = [](const std::function<void(JoinClient::Options&)>& differ) {
    const JoinFailed failed = failure_of(differ);
    EXPECT_EQ(failed.failure, JoinFailure::kRefused);
    return failed.text;
  };
  EXPECT_EQ(refusal([](JoinClient::Options& options) { options.violin = "v9"; }),
            "unknown violin: v9");
  EXPECT_EQ(refusal([](JoinClient::Options& options) { options.violin = "v2"; }),
            "unknown violin: v2")
      << "it exists, but the peer has nothing to do with it";
  EXPECT_EQ(refusal([](JoinClient::Options& options) { options.link = "nowhere"; }),
            "unknown link: nowhere");
  EXPECT_EQ(refusal([](JoinClient::Options& options) { options.encryption = Encryption::kNone; }),
            "other encryption");
}

TEST(Join, ALinkOfAnotherPeerIsAnUnknownLink) {
  JoinNetwork network;
  network.add_client();
  network.add_client();
  JoinClient::Options options = network.options(0);
  options.link = "link1";
  network.restart_client(0, options);
  network.start(0);
  network.run_for(1_s);
  ASSERT_EQ(network.at_client<JoinFailed>().size(), 1u);
  EXPECT_EQ(network.at_client<JoinFailed>()[0].text, "unknown link: link1");
}

TEST(Join, APortThatCannotBeOpenedIsRefusedAndMayBeAskedForAgain) {
  JoinNetwork network;
  network.add_client();
  network.no_ports = true;
  network.start(0);
  network.run_for(1_s);
  ASSERT_EQ(network.at_client<JoinFailed>().size(), 1u);
  EXPECT_EQ(network.at_client<JoinFailed>()[0].text, "no port");
  EXPECT_EQ(network.at_client<JoinFailed>()[0].retry_at, Time::never());
  network.no_ports = false;
  network.start(0);
  network.run_for(1_s);
  expect_joined(network);
}

// ---- replays, flips, noise ----------------------------------------------------------------------

TEST(Join, AReplayedRequestChangesNothingAfterANewerOne) {
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
  // The refusal cannot be read by who replays, and means nothing to the client.
  ASSERT_EQ(output.send.size(), 1u);
  output = network.clients[0]->receive(output.send[0].bytes, network.now);
  EXPECT_TRUE(output.events.empty());
  output = network.server.receive(old_confirmation, network.address_of(0), network.now);
  EXPECT_TRUE(output.events.empty());
  EXPECT_TRUE(output.send.empty());
}

TEST(Join, ARequestReplayedAfterLeavingOpensNothing) {
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

TEST(Join, NoFlippedBitOfAnyMessageIsAnsweredOrBelieved) {
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

TEST(Join, NoFlippedBitOfARefusalOrACookieIsBelieved) {
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

TEST(Join, NoiseGetsNoAnswer) {
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

TEST(Join, NoAnswerIsLongerThanWhatItAnswers) {
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
