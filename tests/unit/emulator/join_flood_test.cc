#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "emulator/tunnel/join_guard.hh"
#include "tests/support/join_network.hh"

// Joining while others flood the server: rates and cookies.

namespace violin::testing {
namespace {

using namespace literals;

// A request with a good mac1 that is worth nothing: what anyone can make who knows the public key.
Datagram worthless_request(const PublicKey& receiver, Random& random) {
  Datagram body(140);
  for (std::byte& b : body) b = static_cast<std::byte>(random.next());
  Datagram request =
      join_message_start(JoinMessageType::kRequest, static_cast<uint32_t>(random.next32()), body);
  JoinMacKeys(receiver).append_mac1(request);
  JoinMacKeys::append_mac2(request, std::nullopt);
  return request;
}

TEST(JoinFlood, AFloodIsAskedForCookiesAndClientsJoinAllTheSame) {
  JoinNetwork network({.requests = {.per_second = 100, .burst = 100}});
  for (int i = 0; i < 50; ++i) network.add_client();
  Random random(3);
  uint64_t answered = 0;
  const auto flood = [&](int count) {
    for (int i = 0; i < count; ++i) {
      // From ten addresses, which are not the sender's own.
      const UdpEndpoint from{IpAddress::v4(0xc633'6400 + static_cast<uint32_t>(random.below(10))),
                             static_cast<uint16_t>(random.next())};
      answered +=
          network.server
              .receive(worthless_request(network.server_pair.open, random), from, network.now)
              .send.size();
    }
  };
  flood(2000);
  for (uint32_t i = 0; i < 50; ++i) network.start(i);
  for (int i = 0; i < 300; ++i) {
    flood(50);  // 1,000 a second
    network.run_for(50_ms);
  }
  EXPECT_EQ(network.server.ports_open(), 50u);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 50u);
  EXPECT_TRUE(network.at_client<JoinFailed>().empty());
  // 10 senders may have 10 at once and 5 a second in 15 s.
  EXPECT_LE(answered, 10u * (10 + 5 * 15));
  EXPECT_GT(network.server.counters().cookies, 50u);
  // Public-key arithmetic was done for the rate that is free, and for who showed a cookie.
  EXPECT_LE(network.server.counters().unauthentic, 100u + 100 * 15);
}

TEST(JoinFlood, ACookieIsOfNoUseFromAnotherAddress) {
  JoinNetwork network({.requests = {.per_second = 1, .burst = 1}});
  network.add_client();
  Random random(5);
  const auto use_up = [&](Time now) {
    network.server.receive(worthless_request(network.server_pair.open, random), {}, now);
  };
  Datagram with_cookie;
  network.fate = [&](const JoinNetwork::Passing& passing) {
    if (passing.to_server && passing.number > 0) {
      if (with_cookie.empty()) with_cookie = passing.bytes;
      return Fates();
    }
    return Fates{20_ms};
  };
  use_up(network.now);
  network.start(0);
  network.run_for(100_ms);
  ASSERT_FALSE(with_cookie.empty());
  EXPECT_TRUE(JoinMessage::read(with_cookie)->has_mac2());
  const auto ports_after = [&](const UdpEndpoint& from, Time now) {
    use_up(now);
    network.server.receive(with_cookie, from, now);
    return network.server.ports_open();
  };
  EXPECT_EQ(ports_after(network.address_of(1), network.now), 0u);
  UdpEndpoint other_port = network.address_of(0);
  ++other_port.port;
  EXPECT_EQ(ports_after(other_port, network.now), 0u);
  EXPECT_EQ(ports_after(network.address_of(0), network.now + 100_s), 1u);
}

TEST(JoinFlood, ACookieIsGoodForItsLifetime) {
  JoinGuard guard(repeatable_pair(1).open, {.requests = {.per_second = 1, .burst = 1}},
                  repeatable_secrets(1));
  const JoinMacKeys keys(repeatable_pair(1).open);
  const UdpEndpoint from{IpAddress::v4(7), 8};
  Datagram request = join_message_start(JoinMessageType::kRequest, 1, Datagram(120));
  keys.append_mac1(request);
  Datagram bare = request;
  JoinMacKeys::append_mac2(bare, std::nullopt);
  const JoinMessage asking = *JoinMessage::read(bare);
  // Whatever the age of the secret at the time the cookie is given.
  for (int64_t age = 0; age < 120; age += 7) {
    const Time given = Time::from_ns(age * 1'000'000'000);
    guard.judge(asking, from, given);
    const Datagram answer = guard.cookie_answer(asking, from, given);
    const auto cookie = keys.open_cookie(*JoinMessage::read(answer), asking.mac1);
    Datagram showing = request;
    JoinMacKeys::append_mac2(showing, cookie);
    JoinGuard later = guard;
    EXPECT_EQ(
        later.judge(*JoinMessage::read(showing), from, given + JoinGuard::kCookieLifetime - 1_ns),
        JoinGuard::Verdict::kHandle);
    EXPECT_EQ(later.judge(*JoinMessage::read(showing), from, given + 240_s),
              JoinGuard::Verdict::kWrongMac2);
  }
}

TEST(JoinFlood, ACookieIsUsedAtOnceButOnlyOnceAndNotForLong) {
  JoinNetwork network({.requests = {.per_second = 1, .burst = 1}});
  network.add_client();
  Random random(7);
  network.server.receive(worthless_request(network.server_pair.open, random), {}, network.now);
  Datagram cookie;
  network.fate = [&](const JoinNetwork::Passing& passing) {
    if (passing.bytes[1] == static_cast<std::byte>(JoinMessageType::kCookie)) {
      cookie = passing.bytes;
    }
    return Fates{20_ms};
  };
  network.start(0);
  network.run_for(41_ms);
  ASSERT_FALSE(cookie.empty());
  EXPECT_EQ(network.sent.size(), 3u) << "request, cookie, request";
  EXPECT_TRUE(network.clients[0]->receive(cookie, network.now).send.empty()) << "replayed";
  network.run_for(1_s);
  ASSERT_EQ(network.at_server<KeysConfirmed>().size(), 1u);
  const size_t before = network.sent.size();
  network.run_for(JoinClient::kKeysLifetime);
  ASSERT_GT(network.sent.size(), before) << "the keys are renewed";
  EXPECT_FALSE(JoinMessage::read(network.sent[before].second)->has_mac2());
}

TEST(JoinFlood, WhoShowsACookieIsStillLimited) {
  JoinGuard guard(repeatable_pair(1).open,
                  {.requests = {.per_second = 1, .burst = 1},
                   .requests_per_sender = {.per_second = 10, .burst = 20}},
                  repeatable_secrets(1));
  const JoinMacKeys keys(repeatable_pair(1).open);
  const auto showing_cookie = [&](const UdpEndpoint& from) {
    Datagram request = join_message_start(JoinMessageType::kRequest, 1, Datagram(120));
    keys.append_mac1(request);
    Datagram bare = request;
    JoinMacKeys::append_mac2(bare, std::nullopt);
    const JoinMessage asking = *JoinMessage::read(bare);
    const Datagram answer = guard.cookie_answer(asking, from, Time::zero());
    JoinMacKeys::append_mac2(request, keys.open_cookie(*JoinMessage::read(answer), asking.mac1));
    return request;
  };
  const auto count = [&](const UdpEndpoint& from, JoinGuard::Verdict wanted) {
    const Datagram request = showing_cookie(from);
    int found = 0;
    for (int i = 0; i < 100; ++i) {
      if (guard.judge(*JoinMessage::read(request), from, Time::zero()) == wanted) ++found;
    }
    return found;
  };
  const UdpEndpoint greedy{IpAddress::v4(7), 8};
  EXPECT_EQ(count(greedy, JoinGuard::Verdict::kHandle), 1 + 20);
  EXPECT_EQ(count({greedy.address, 9}, JoinGuard::Verdict::kTooMany), 100) << "another port";
  EXPECT_EQ(count({IpAddress::v4(70), 8}, JoinGuard::Verdict::kHandle), 20) << "somebody else";
}

TEST(JoinFlood, ACookieOfAServerThatWasStartedAgainIsGivenUp) {
  const JoinGuardOptions loaded{.requests = {.per_second = 1, .burst = 1}};
  JoinNetwork network(loaded);
  network.add_client();
  Random random(6);
  const auto run_under_load = [&](int seconds) {
    for (int i = 0; i < seconds * 20; ++i) {
      network.server.receive(worthless_request(network.server_pair.open, random), {}, network.now);
      network.run_for(50_ms);
    }
  };
  network.fate = [](const JoinNetwork::Passing& passing) {
    const bool has_cookie = passing.to_server && JoinMessage::read(passing.bytes)->has_mac2();
    return has_cookie ? Fates() : Fates{20_ms};
  };
  network.server.receive(worthless_request(network.server_pair.open, random), {}, network.now);
  network.start(0);
  network.run_for(100_ms);
  ASSERT_TRUE(JoinMessage::read(network.sent.back().second)->has_mac2());
  const JoinClient::Options options = network.options(0);
  network.server = JoinServer(
      network.server_pair, loaded, [](uint32_t) { return uint16_t{4000}; },
      repeatable_secrets(222));
  network.server.add_violin("v1", network.violin_key);
  network.server.admit({options.violin, options.link, options.own.open, options.encryption});
  network.fate = [](const JoinNetwork::Passing&) { return Fates{20_ms}; };
  run_under_load(10);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 1u);
}

}  // namespace
}  // namespace violin::testing
