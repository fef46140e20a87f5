#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/random.hh"
#include "emulator/tunnel/join_client.hh"
#include "emulator/tunnel/join_server.hh"

namespace violin::testing {

using Datagram = std::vector<std::byte>;

// Secrets that are the same in every run of a test.
inline SecretSource repeatable_secrets(uint64_t seed) {
  return [random = std::make_shared<Random>(seed)](std::span<std::byte> bytes) {
    for (std::byte& b : bytes) b = static_cast<std::byte>(random->next());
  };
}

inline SecretKey repeatable_key(uint64_t seed) {
  return SecretKey::generate(repeatable_secrets(seed));
}

inline KeyPair repeatable_pair(uint64_t seed) { return KeyPair::from_secret(repeatable_key(seed)); }

// One server, its clients, and a network between them that loses, delays and doubles as it is told.
class JoinNetwork {
 public:
  struct Passing {
    bool to_server;
    uint32_t client;
    const Datagram& bytes;
    uint64_t number;  // how many were sent before
  };
  // When the copies of a datagram arrive, after it was sent; none when it is lost.
  using Fate = std::function<std::vector<Duration>(const Passing&)>;

  explicit JoinNetwork(const JoinGuardOptions& guard = {})
      : server_pair(repeatable_pair(1)),
        server(
            server_pair, guard,
            [this](uint32_t port) -> std::optional<uint16_t> {
              if (no_ports) return std::nullopt;
              return static_cast<uint16_t>(30000 + port);
            },
            repeatable_secrets(2)) {
    server.add_violin("v1", violin_key);
  }

  JoinClient::Options options(uint32_t number) const {
    return {.index = number,
            .own = repeatable_pair(1000 + number),
            .responder = server_pair.open,
            .violin_key = violin_key,
            .control = {IpAddress::v4(0x0a00'0001), JoinMessage::kUdpPort},
            .violin = "v1",
            .link = "link" + std::to_string(number),
            .encryption = Encryption::kAes256Gcm,
            .data_port = static_cast<uint16_t>(20000 + number % 10000),
            .timestamp_base = 1'000'000'000'000};
  }

  // Clients are numbered from 0, and so are their links.
  uint32_t add_client() {
    const auto number = static_cast<uint32_t>(clients.size());
    const JoinClient::Options made = options(number);
    server.admit({made.violin, made.link, made.own.open, made.encryption});
    return add_client(made);
  }
  uint32_t add_client(const JoinClient::Options& made) {
    const auto number = static_cast<uint32_t>(clients.size());
    clients.push_back(
        std::make_unique<JoinClient>(made, Random(77 + number), repeatable_secrets(5000 + number)));
    return number;
  }
  // The process of a client begins anew: nothing is left of the former one but its keys.
  void restart_client(uint32_t number, const JoinClient::Options& made) {
    clients[number] =
        std::make_unique<JoinClient>(made, Random(99), repeatable_secrets(9000 + number));
  }

  UdpEndpoint address_of(uint32_t client) const {
    return {IpAddress::v4(0x0b00'0000 + client), JoinMessage::kUdpPort};
  }

  void start(uint32_t client) { take_client(client, clients[client]->start(now)); }
  void leave(uint32_t client) { take_client(client, clients[client]->leave(now)); }

  void take_client(uint32_t client, JoinOutput output) {
    for (ControlDatagram& datagram : output.send) send(true, client, std::move(datagram.bytes));
    for (JoinEvent& event : output.events) take_event(true, std::move(event));
  }
  void take_server(JoinOutput output) {
    for (ControlDatagram& datagram : output.send) {
      const uint32_t client = datagram.to.address.v4_bits() - 0x0b00'0000;
      if (client < clients.size()) send(false, client, std::move(datagram.bytes));
    }
    for (JoinEvent& event : output.events) take_event(false, std::move(event));
  }

  // Lets everything happen that is due up to `end`.
  void run_until(Time end) {
    while (true) {
      Time next = server.deadline();
      for (const auto& client : clients) next = std::min(next, client->deadline());
      if (!under_way.empty()) next = std::min(next, under_way.begin()->first);
      if (next > end) break;
      now = std::max(now, next);
      if (!under_way.empty() && under_way.begin()->first <= now) {
        deliver(under_way.extract(under_way.begin()).mapped());
        continue;
      }
      take_server(server.expire(now));
      for (uint32_t i = 0; i < clients.size(); ++i) take_client(i, clients[i]->expire(now));
    }
    now = end;
  }
  void run_for(Duration span) { run_until(now + span); }

  template <typename Event>
  std::vector<Event> events(bool of_client) const {
    std::vector<Event> found;
    for (const JoinEvent& event : of_client ? client_events : server_events) {
      if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
    }
    return found;
  }
  template <typename Event>
  std::vector<Event> at_client() const {
    return events<Event>(true);
  }
  template <typename Event>
  std::vector<Event> at_server() const {
    return events<Event>(false);
  }

  bool no_ports = false;
  SecretKey violin_key = repeatable_key(3);
  KeyPair server_pair;
  JoinServer server;
  std::vector<std::unique_ptr<JoinClient>> clients;
  Time now = Time::from_ns(1'000'000);
  Fate fate = [](const Passing&) { return std::vector{Duration::milliseconds(20)}; };
  std::vector<JoinEvent> client_events, server_events;
  std::function<void(bool of_client, const JoinEvent&)> on_event;
  std::vector<std::pair<bool, Datagram>> sent;  // to the server?, bytes: all, in order

 private:
  struct UnderWay {
    bool to_server;
    uint32_t client;
    Datagram bytes;
  };
  void send(bool to_server, uint32_t client, Datagram bytes) {
    for (const Duration delay : fate({to_server, client, bytes, sent.size()})) {
      under_way.emplace(now + delay, UnderWay{to_server, client, bytes});
    }
    sent.emplace_back(to_server, std::move(bytes));
  }
  void deliver(const UnderWay& datagram) {
    if (datagram.to_server) {
      take_server(server.receive(datagram.bytes, address_of(datagram.client), now));
    } else {
      take_client(datagram.client, clients[datagram.client]->receive(datagram.bytes, now));
    }
  }
  void take_event(bool of_client, JoinEvent event) {
    if (on_event) on_event(of_client, event);
    (of_client ? client_events : server_events).push_back(std::move(event));
  }

  std::multimap<Time, UnderWay> under_way;
};

// What JoinNetwork::Fate gives.
using Fates = std::vector<Duration>;

inline bool is(const JoinNetwork::Passing& passing, JoinMessageType type) {
  return passing.bytes[1] == static_cast<std::byte>(type);
}

}  // namespace violin::testing
