#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "tests/support/join_network.hh"
#include "tests/support/joined_traffic.hh"

// New keys for joined links: in time, after an outage, and when an end is started again.

namespace violin::testing {
namespace {

using namespace literals;

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

TEST(JoinRenewal, KeysAreRenewedWhileTrafficFlowsAndNoDatagramIsRefused) {
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

TEST(JoinRenewal, RenewingThroughLossAndDelayRefusesNoDatagram) {
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

TEST(JoinRenewal, ManyDatagramsRenewTheKeysToo) {
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

TEST(JoinRenewal, AnOutageLongerThanAllAttemptsLeavesTheKeysInUse) {
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

TEST(JoinRenewal, AfterAnOutageLongerThanKeysLiveTheLinkIsJoinedAgain) {
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

TEST(JoinRenewal, APortWhoseNewKeysArePendingOutlivesItsOldOnes) {
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

TEST(JoinRenewal, RequestsOfOneInstantAreStillOneNewerThanTheOther) {
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

TEST(JoinRenewal, AClientThatIsStartedAgainReplacesTheKeys) {
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

TEST(JoinRenewal, AClientWhoseClockWentBackIsToldSo) {
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
