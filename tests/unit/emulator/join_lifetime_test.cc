#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/join_network.hh"
#include "tests/support/joined_traffic.hh"

// What happens to joined links, and to those that are not quite: confirming, leaving, renewing,
// starting again.

namespace violin::testing {
namespace {

using namespace literals;

using Fates = std::vector<Duration>;

bool is(const JoinNetwork::Passing& passing, JoinMessageType type) {
  return passing.bytes[1] == static_cast<std::byte>(type);
}

// ---- half open ----------------------------------------------------------------------------------

TEST(JoinLifetime, APortThatNobodyConfirmsIsClosed) {
  JoinNetwork network;
  network.add_client();
  const Datagram request = network.clients[0]->start(network.now).send[0].bytes;
  network.restart_client(0, network.options(0));  // gone before it heard anything
  const Time start = network.now;
  network.take_server(network.server.receive(request, network.address_of(0), start));
  EXPECT_EQ(network.server.ports_open(), 1u);
  EXPECT_EQ(network.server.deadline(), start + JoinPort::kHalfOpenMax);
  network.run_until(start + JoinPort::kHalfOpenMax - 1_ns);
  EXPECT_EQ(network.server.ports_open(), 1u);
  network.run_for(1_ns);
  EXPECT_EQ(network.server.ports_open(), 0u);
  ASSERT_EQ(network.at_server<PortClosed>().size(), 1u);
  EXPECT_EQ(network.at_server<PortClosed>()[0].ending, PortEnding::kUnconfirmed);
  EXPECT_TRUE(network.at_server<KeysConfirmed>().empty());
  EXPECT_EQ(network.server.deadline(), Time::never());
  const JoinOutput late = network.server.receive(request, network.address_of(0), network.now);
  ASSERT_EQ(late.send.size(), 1u);
  EXPECT_EQ(JoinMessage::read(late.send[0].bytes)->type, JoinMessageType::kRefusal);
  network.start(0);
  network.run_for(1_s);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 1u) << "it can be joined afterwards";
}

TEST(JoinLifetime, ANewerRequestReplacesKeysThatNobodyConfirmed) {
  JoinNetwork network;
  network.add_client();
  network.fate = [](const JoinNetwork::Passing& passing) {
    return passing.to_server ? Fates{20_ms} : Fates();
  };
  network.start(0);
  network.run_for(1_s);
  network.restart_client(0, network.options(0));
  network.fate = [](const JoinNetwork::Passing&) { return Fates{20_ms}; };
  network.start(0);
  network.run_for(1_s);
  const auto keys = network.at_server<NewKeys>();
  ASSERT_EQ(keys.size(), 2u);
  ASSERT_EQ(network.at_server<KeysAbandoned>().size(), 1u);
  EXPECT_EQ(network.at_server<KeysAbandoned>()[0].receive_session, keys[0].session.receive_session);
  ASSERT_EQ(network.at_server<KeysConfirmed>().size(), 1u);
  EXPECT_EQ(network.at_server<KeysConfirmed>()[0].receive_session, keys[1].session.receive_session);
  EXPECT_EQ(network.server.ports_open(), 1u);
}

TEST(JoinLifetime, RequestsAreRepeatedForLessLongThanAPortStaysHalfOpen) {
  JoinNetwork network;
  network.add_client();
  network.fate = [](const JoinNetwork::Passing&) { return Fates(); };
  const Time start = network.now;
  network.start(0);
  network.run_for(300_s);
  ASSERT_EQ(network.sent.size(), static_cast<size_t>(JoinClient::kAttempts));
  for (const auto& [to_server, bytes] : network.sent) EXPECT_EQ(bytes, network.sent[0].second);
  ASSERT_EQ(network.at_client<JoinFailed>().size(), 1u);
  network.restart_client(0, network.options(0));
  Time now = start;
  JoinOutput output = network.clients[0]->start(now);
  while (network.clients[0]->deadline() != Time::never()) {
    now = network.clients[0]->deadline();
    output = network.clients[0]->expire(now);
  }
  EXPECT_GT(now, start + 60_s);
  EXPECT_LT(now, start + JoinPort::kHalfOpenMax);
}

TEST(JoinLifetime, TrafficConfirmsTheKeysWhenNoNoticeComesThrough) {
  JoinNetwork network;
  network.add_client();
  network.fate = [](const JoinNetwork::Passing& passing) {
    return is(passing, JoinMessageType::kConfirm) ? Fates() : Fates{20_ms};
  };
  network.start(0);
  network.run_for(3_s);
  EXPECT_TRUE(network.at_server<KeysConfirmed>().empty());
  EXPECT_TRUE(network.at_client<KeysConfirmed>().empty());
  const uint64_t to_server = network.at_server<NewKeys>()[0].session.receive_session;
  const uint64_t to_client = network.at_client<NewKeys>()[0].session.receive_session;
  network.take_server(network.server.data_received(0, to_client, network.now));
  EXPECT_TRUE(network.at_server<KeysConfirmed>().empty()) << "that is not what it receives";
  for (int i = 0; i < 3; ++i) {
    network.take_server(network.server.data_received(0, to_server, network.now));
    network.take_client(0, network.clients[0]->data_received(to_client, network.now));
  }
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 1u);
  EXPECT_EQ(network.at_client<KeysConfirmed>().size(), 1u);
  const size_t sent = network.sent.size();
  network.run_for(60_s);
  EXPECT_EQ(network.sent.size(), sent) << "there is nothing left to confirm";
}

TEST(JoinLifetime, AnInitiatorThatIsNeverConfirmedAsksForNewKeys) {
  JoinNetwork network;
  network.add_client();
  bool lose = true;
  network.fate = [&](const JoinNetwork::Passing& passing) {
    return lose && is(passing, JoinMessageType::kConfirm) ? Fates() : Fates{20_ms};
  };
  network.start(0);
  network.run_for(100_s);
  lose = false;
  network.run_for(100_s);
  EXPECT_GE(network.at_client<NewKeys>().size(), 2u);
  EXPECT_EQ(network.at_client<KeysConfirmed>().back().receive_session,
            network.at_client<NewKeys>().back().session.receive_session);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 1u);
  EXPECT_EQ(network.at_client<KeysAbandoned>()[0].receive_session,
            network.at_client<NewKeys>()[0].session.receive_session);
}

// ---- leaving ------------------------------------------------------------------------------------

TEST(JoinLifetime, LeavingClosesThePortAlsoWhenNoticesAreLost) {
  for (uint64_t lost = 0; lost < 32; ++lost) {
    JoinNetwork network;
    network.add_client();
    network.start(0);
    network.run_for(1_s);
    const uint64_t before = network.sent.size();
    network.fate = [&](const JoinNetwork::Passing& passing) {
      const uint64_t number = passing.number - before;
      return number < 5 && (lost >> number & 1) != 0 ? Fates() : Fates{20_ms, 60_ms};
    };
    network.leave(0);
    network.run_for(40_s);
    ASSERT_EQ(network.at_client<PortClosed>().size(), 1u) << "lost " << lost;
    EXPECT_EQ(network.at_client<PortClosed>()[0].ending, PortEnding::kLeft);
    ASSERT_EQ(network.at_server<PortClosed>().size(), 1u);
    EXPECT_EQ(network.at_server<PortClosed>()[0].ending, PortEnding::kLeft);
    EXPECT_EQ(network.server.ports_open(), 0u);
    EXPECT_TRUE(network.clients[0]->is_idle());
    EXPECT_EQ(network.clients[0]->deadline(), Time::never());
  }
}

TEST(JoinLifetime, LeavingIsAnsweredAgainForAWhileAndThenForgotten) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.run_for(1_s);
  network.leave(0);
  const Datagram leave = network.sent.back().second;
  network.run_for(1_s);
  const Datagram answer = network.sent.back().second;
  const auto again = [&] {
    return network.server.receive(leave, network.address_of(0), network.now);
  };
  ASSERT_EQ(again().send.size(), 1u);
  EXPECT_EQ(again().send[0].bytes, answer);
  EXPECT_TRUE(again().events.empty());
  network.run_for(JoinPort::kLeftMax);
  EXPECT_TRUE(again().send.empty());
}

TEST(JoinLifetime, LeavingUnderKeysThatWereNeverConfirmedClosesThePort) {
  JoinNetwork network;
  network.add_client();
  network.fate = [](const JoinNetwork::Passing& passing) {
    return is(passing, JoinMessageType::kConfirm) ? Fates() : Fates{20_ms};
  };
  network.start(0);
  network.run_for(1_s);
  EXPECT_EQ(network.server.ports_open(), 1u);
  network.leave(0);
  network.run_for(1_s);
  ASSERT_EQ(network.at_client<PortClosed>().size(), 1u);
  EXPECT_EQ(network.at_client<PortClosed>()[0].ending, PortEnding::kLeft);
  EXPECT_EQ(network.server.ports_open(), 0u);
}

TEST(JoinLifetime, LeavingWithoutAnAnswerEnds) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.run_for(1_s);
  network.fate = [](const JoinNetwork::Passing&) { return Fates(); };
  network.leave(0);
  network.leave(0);  // means nothing more
  network.run_for(60_s);
  ASSERT_EQ(network.at_client<PortClosed>().size(), 1u);
  EXPECT_EQ(network.at_client<PortClosed>()[0].ending, PortEnding::kUnanswered);
  EXPECT_EQ(network.server.ports_open(), 1u);
  network.run_for(JoinPort::kKeysMax);
  ASSERT_EQ(network.at_server<PortClosed>().size(), 1u) << "its keys became too old";
  EXPECT_EQ(network.at_server<PortClosed>()[0].ending, PortEnding::kSilent);
}

TEST(JoinLifetime, ALeaveOfAFormerSessionIsNotBelieved) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.run_for(1_s);
  const JoinSession former = network.at_client<NewKeys>()[0].session;
  network.run_for(150_s);
  ASSERT_EQ(network.at_client<NewKeys>().size(), 2u);
  const JoinOutput output = network.server.receive(former.notice(JoinMessageType::kLeave, 0),
                                                   network.address_of(0), network.now);
  EXPECT_TRUE(output.send.empty());
  EXPECT_EQ(network.server.ports_open(), 1u);
}

TEST(JoinLifetime, LeavingBeforeAnyAnswerEndsAtOnceAndTheLinkCanBeJoinedAgain) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.leave(0);
  EXPECT_EQ(network.at_client<PortClosed>().size(), 1u);
  network.run_for(1_s);
  EXPECT_TRUE(network.at_client<NewKeys>().empty()) << "the answer came too late";
  network.start(0);
  network.run_for(1_s);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 1u);
  network.leave(0);
  network.run_for(1_s);
  network.start(0);
  network.run_for(1_s);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 2u);
}

// ---- renewing -----------------------------------------------------------------------------------

// Data in both directions every 50 ms, under the keys that the events say, through the network.
class TrafficNetwork : public JoinNetwork {
 public:
  TrafficNetwork() {
    add_client();
    on_event = [this](bool of_client, const JoinEvent& event) {
      (of_client ? client_end : server_end).take(event);
      held_max = std::max({held_max, client_end.sessions_held(), server_end.sessions_held()});
    };
  }
  void run_with_traffic(Duration span) {
    for (const Time end = now + span; now < end;) {
      exchange(true);
      exchange(false);
      run_for(50_ms);
    }
  }

  JoinedTraffic client_end, server_end;
  size_t held_max = 0;
  uint64_t delivered = 0, refused = 0;
  // How long a datagram of data takes; nothing when it is lost.
  std::function<std::optional<Duration>()> data_fate = [] { return 40_ms; };

 private:
  void exchange(bool to_server) {
    auto& path = to_server ? to_server_ : to_client_;
    const auto session = (to_server ? client_end : server_end).sending();
    if (const auto delay = data_fate(); session && delay) path.emplace(now + *delay, *session);
    while (!path.empty() && path.begin()->first <= now) {
      receive(to_server, path.extract(path.begin()).mapped());
    }
  }
  void receive(bool to_server, uint64_t session) {
    if (!(to_server ? server_end : client_end).receives(session, now)) {
      ++refused;
      return;
    }
    ++delivered;
    if (to_server) {
      take_server(server.data_received(0, session, now));
    } else {
      take_client(0, clients[0]->data_received(session, now));
    }
  }

  std::multimap<Time, uint64_t> to_server_, to_client_;
};

TEST(JoinLifetime, KeysAreRenewedWhileTrafficFlowsAndNoDatagramIsRefused) {
  TrafficNetwork network;
  network.start(0);
  network.run_with_traffic(1000_s);
  const auto keys = network.at_client<NewKeys>();
  EXPECT_GE(keys.size(), 9u);
  EXPECT_LE(keys.size(), 11u);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), keys.size());
  std::set<uint64_t> sessions;
  for (const NewKeys& one : keys) sessions.insert(one.session.send_session);
  EXPECT_EQ(sessions.size(), keys.size());
  EXPECT_EQ(network.refused, 0u);
  EXPECT_GT(network.delivered, 39'900u);
  EXPECT_EQ(network.server.ports_open(), 1u);
  EXPECT_LE(network.held_max, 3u);
}

TEST(JoinLifetime, RenewingThroughLossAndDelayRefusesNoDatagram) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    TrafficNetwork network;
    Random random(seed);
    const auto chance = [&] { return random.chance(Probability::ratio(30, 100)); };
    const auto delay = [&] {
      return Duration::milliseconds(static_cast<int64_t>(random.below(2000)));
    };
    network.fate = [&](const JoinNetwork::Passing&) { return chance() ? Fates() : Fates{delay()}; };
    network.data_fate = [&] { return chance() ? std::nullopt : std::optional(delay()); };
    network.start(0);
    network.run_with_traffic(600_s);
    EXPECT_EQ(network.refused, 0u) << "seed " << seed;
    EXPECT_GT(network.delivered, 10'000u);
    EXPECT_GE(network.at_server<KeysConfirmed>().size(), 4u);
    EXPECT_LE(network.held_max, 3u);
  }
}

TEST(JoinLifetime, ManyDatagramsRenewTheKeysToo) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.run_for(1_s);
  network.take_client(
      0, network.clients[0]->datagrams_counted(JoinClient::kCounterMax - 1, network.now));
  network.run_for(1_s);
  EXPECT_EQ(network.at_client<NewKeys>().size(), 1u);
  network.take_client(0,
                      network.clients[0]->datagrams_counted(JoinClient::kCounterMax, network.now));
  network.run_for(1_s);
  EXPECT_EQ(network.at_client<NewKeys>().size(), 2u);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 2u);
}

TEST(JoinLifetime, AnOutageLongerThanAllAttemptsLeavesTheKeysInUse) {
  TrafficNetwork network;
  network.start(0);
  network.run_with_traffic(100_s);
  bool out = true;
  network.fate = [&](const JoinNetwork::Passing&) { return out ? Fates() : Fates{20_ms}; };
  network.data_fate = [&] { return out ? std::nullopt : std::optional(40_ms); };
  network.run_with_traffic(200_s);
  ASSERT_GE(network.at_client<JoinFailed>().size(), 1u);
  EXPECT_EQ(network.at_client<JoinFailed>()[0].failure, JoinFailure::kNoAnswer);
  EXPECT_NE(network.at_client<JoinFailed>()[0].retry_at, Time::never());
  EXPECT_EQ(network.at_client<NewKeys>().size(), 1u);
  out = false;
  const uint64_t before = network.delivered;
  network.run_with_traffic(1_s);
  EXPECT_GT(network.delivered, before + 30);
  network.run_with_traffic(60_s);
  EXPECT_EQ(network.at_client<NewKeys>().size(), 2u);
  EXPECT_EQ(network.refused, 0u);
}

TEST(JoinLifetime, AfterAnOutageLongerThanKeysLiveTheLinkIsJoinedAgain) {
  TrafficNetwork network;
  network.start(0);
  network.run_with_traffic(10_s);
  bool out = true;
  network.fate = [&](const JoinNetwork::Passing&) { return out ? Fates() : Fates{20_ms}; };
  network.data_fate = [&] { return out ? std::nullopt : std::optional(40_ms); };
  network.run_with_traffic(700_s);
  ASSERT_EQ(network.at_server<PortClosed>().size(), 1u);
  EXPECT_EQ(network.at_server<PortClosed>()[0].ending, PortEnding::kSilent);
  out = false;
  network.run_with_traffic(60_s);
  const uint64_t before = network.delivered;
  const uint64_t refused_before = network.refused;
  network.run_with_traffic(10_s);
  EXPECT_GT(network.delivered, before + 390);
  EXPECT_EQ(network.refused, refused_before);
}

TEST(JoinLifetime, APortWhoseNewKeysArePendingOutlivesItsOldOnes) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.run_for(1_s);
  network.fate = [](const JoinNetwork::Passing&) { return Fates(); };
  network.run_for(JoinPort::kKeysMax - 20_s);
  network.restart_client(0, network.options(0));
  bool lose = true;
  network.fate = [&](const JoinNetwork::Passing& passing) {
    return lose && !passing.to_server ? Fates() : Fates{20_ms};
  };
  network.start(0);
  network.run_for(40_s);
  EXPECT_EQ(network.server.ports_open(), 1u);
  lose = false;
  network.run_for(10_s);
  EXPECT_TRUE(network.at_server<PortClosed>().empty());
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 2u);
}

TEST(JoinLifetime, RequestsOfOneInstantAreStillOneNewerThanTheOther) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.leave(0);
  network.start(0);
  network.run_for(1_s);
  EXPECT_EQ(network.server.counters().accepted, 2u);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 1u);
  EXPECT_TRUE(network.at_client<JoinFailed>().empty());
}

TEST(JoinLifetime, AClientThatIsStartedAgainReplacesTheKeys) {
  TrafficNetwork network;
  network.start(0);
  network.run_with_traffic(5_s);
  JoinClient::Options options = network.options(0);
  options.timestamp_base += 1'000'000'000;
  options.data_port = 7777;
  network.restart_client(0, options);
  network.client_end = JoinedTraffic();
  network.start(0);
  network.run_with_traffic(5_s);
  ASSERT_EQ(network.at_server<KeysConfirmed>().size(), 2u);
  EXPECT_EQ(network.at_server<NewKeys>()[1].peer.port, 7777);
  EXPECT_EQ(network.client_end.sending(), network.at_server<NewKeys>()[1].session.receive_session);
  EXPECT_EQ(network.server.ports_open(), 1u);
}

TEST(JoinLifetime, AClientWhoseClockWentBackIsToldSo) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.run_for(1_s);
  JoinClient::Options options = network.options(0);
  options.timestamp_base -= 10'000'000'000;
  network.restart_client(0, options);
  network.start(0);
  network.run_for(1_s);
  ASSERT_EQ(network.at_client<JoinFailed>().size(), 1u);
  EXPECT_EQ(network.at_client<JoinFailed>()[0].failure, JoinFailure::kRefused);
  EXPECT_EQ(network.at_client<JoinFailed>()[0].text, "older request");
  EXPECT_EQ(network.server.ports_open(), 1u);
}

}  // namespace
}  // namespace violin::testing
