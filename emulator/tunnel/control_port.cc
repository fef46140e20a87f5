#include "emulator/tunnel/control_port.hh"

#include <algorithm>
#include <array>
#include <utility>

#include "core/byte_order.hh"
#include "core/check.hh"

namespace violin {
namespace {

constexpr size_t kDatagramMax = 2048;
// How often the counters of tunnels are looked at.
constexpr Duration kCountInterval = Duration::seconds(10);

uint64_t seed_of(const SecretSource& secrets) {
  std::array<std::byte, 8> bytes;
  secrets(bytes);
  return load_be64(bytes.data());
}

UdpEndpoint endpoint_of(const SocketAddress& address) {
  return {address.address(), address.port()};
}

std::string words_for(const JoinFailed& failed) {
  switch (failed.failure) {
    case JoinFailure::kNoAnswer:
      return "nobody answers";
    case JoinFailure::kUnreadableAnswer:
      return "who answers has another key for the violin";
    case JoinFailure::kRefused:
      return "refused: " + failed.text;
    case JoinFailure::kBadResponderKey:
      return "the peer's key gives no secrets";
  }
  return failed.text;
}

}  // namespace

ControlPort::ControlPort(Realtime& realtime, const Options& options)
    : realtime_(realtime),
      options_(options),
      socket_({.v6 = options.v6, .port = options.port}),
      server_(
          options.own, {}, [this](uint32_t) { return std::optional(options_.data_port); },
          system_secrets()),
      alarm_(realtime, [this] { expire(); }) {
  realtime_.add_input(socket_.descriptor(), *this);
}

ControlPort::~ControlPort() { realtime_.remove_input(socket_.descriptor()); }

void ControlPort::add_violin(const std::string& name, const SecretKey& key) {
  server_.add_violin(name, key);
  violins_.emplace_back(name, key);
}

void ControlPort::join(const Link& link, UdpTunnel& tunnel) {
  const auto violin = std::find_if(violins_.begin(), violins_.end(),
                                   [&](const auto& known) { return known.first == link.violin; });
  CHECK(violin != violins_.end());
  JoinClient::Options options;
  const auto index = static_cast<uint32_t>(clients_.size());
  options.index = index;
  options.own = options_.own;
  options.responder = link.peer;
  options.violin_key = violin->second;
  options.control = {link.peer_address, kUdpPort};
  options.violin = link.violin;
  options.link = link.name;
  options.encryption = link.encryption;
  options.data_port = options_.data_port;
  options.timestamp_base = static_cast<uint64_t>(ScenarioClock::calendar_ns(0));
  const SecretSource secrets = system_secrets();
  clients_.push_back({link, &tunnel,
                      std::make_unique<JoinClient>(options, Random(seed_of(secrets)), secrets),
                      ""});
  roles_.emplace(&tunnel, Role{.asks = true, .index = index});
  tunnel.set_keeper(*this);
}

void ControlPort::admit(const Link& link, UdpTunnel& tunnel) {
  const uint32_t number = server_.admit({link.violin, link.name, link.peer, link.encryption});
  CHECK_COMPARE(number, ==, admitted_.size());
  admitted_.push_back({link, &tunnel});
  roles_.emplace(&tunnel, Role{.asks = false, .index = number});
  tunnel.set_keeper(*this);
}

template <typename Change>
void ControlPort::change(uint32_t index, Change&& change) {
  Client& client = clients_[index];
  deadlines_.erase({client.joining->deadline(), index});
  carry_out(change(*client.joining), &client);
  const Time deadline = client.joining->deadline();
  if (deadline != Time::never()) deadlines_.emplace(deadline, index);
}

void ControlPort::start() {
  const Time at = now();
  for (uint32_t i = 0; i < clients_.size(); ++i) {
    change(i, [at](JoinClient& client) { return client.start(at); });
  }
  set_alarm();
}

void ControlPort::leave() {
  const Time at = now();
  for (uint32_t i = 0; i < clients_.size(); ++i) {
    change(i, [at](JoinClient& client) { return client.leave(at); });
  }
}

bool ControlPort::is_ready() const {
  const auto can_send = [](const auto& end) { return end.tunnel->can_send(); };
  return std::all_of(clients_.begin(), clients_.end(), can_send) &&
         std::all_of(admitted_.begin(), admitted_.end(), can_send);
}

std::string ControlPort::what_is_missing() const {
  for (const Client& client : clients_) {
    if (client.tunnel->can_send()) continue;
    return client.link.violin + "/" + client.link.name + " is not joined at " +
           to_string(client.link.peer_address) + ": " +
           (client.failure.empty() ? "no answer yet" : client.failure);
  }
  for (const Admitted& admitted : admitted_) {
    if (admitted.tunnel->can_send()) continue;
    return admitted.link.violin + "/" + admitted.link.name + " was not joined by " +
           to_string(admitted.link.peer_address);
  }
  return "";
}

Time ControlPort::now() { return Time::from_ns(ScenarioClock::monotonic_ns()); }

// One datagram per round, and below one client: the arithmetic of a handshake takes some tenths of
// a millisecond, for which frames may be held up, but not for many of them.
size_t ControlPort::read_input(Time) {
  std::array<std::byte, kDatagramMax> buffer;
  SocketAddress from;
  from.length = sizeof from.storage;
  const ssize_t got = ::recvfrom(socket_.descriptor(), buffer.data(), buffer.size(), MSG_TRUNC,
                                 reinterpret_cast<sockaddr*>(&from.storage), &from.length);
  if (got < 0) {
    SocketAddress about;
    uint32_t ignored = 0;
    while (socket_.next_error(about, ignored)) {
    }
    return 0;
  }
  // What was longer is still longer than any that we know.
  take({buffer.data(), std::min(static_cast<size_t>(got), buffer.size())}, endpoint_of(from));
  set_alarm();
  return 0;
}

// What a responder sends is for the client of ours that it names, all else is for our server, which
// counts what is nobody's.
void ControlPort::take(std::span<const std::byte> datagram, const UdpEndpoint& from) {
  const std::optional<JoinMessage> message = JoinMessage::read(datagram);
  if (message && message->is_for_initiator() && message->index < clients_.size()) {
    change(message->index, [&](JoinClient& client) { return client.receive(datagram, now()); });
    return;
  }
  carry_out(server_.receive(datagram, from, now()), nullptr);
}

void ControlPort::session_heard(UdpTunnel& tunnel, uint64_t receive_session) {
  const Role role = roles_.at(&tunnel);
  if (role.asks) {
    change(role.index,
           [&](JoinClient& client) { return client.data_received(receive_session, now()); });
  } else {
    carry_out(server_.data_received(role.index, receive_session, now()), nullptr);
  }
  set_alarm();
}

void ControlPort::expire() {
  const Time at = now();
  carry_out(server_.expire(at), nullptr);
  if (!deadlines_.empty() && deadlines_.begin()->first <= at) {
    change(deadlines_.begin()->second, [at](JoinClient& client) { return client.expire(at); });
  }
  for (; !former_.empty() && former_.begin()->first <= at; former_.erase(former_.begin())) {
    const Former& former = former_.begin()->second;
    former.tunnel->drop_session(former.receive_session);
  }
  if (next_count_ <= at) count_datagrams(at);
  set_alarm();
}

void ControlPort::count_datagrams(Time at) {
  for (uint32_t i = 0; i < clients_.size(); ++i) {
    const uint64_t counter = clients_[i].tunnel->counter();
    change(i, [=](JoinClient& client) { return client.datagrams_counted(counter, at); });
  }
  next_count_ = at + kCountInterval;
}

void ControlPort::set_alarm() {
  Time next = std::min(next_count_, server_.deadline());
  if (!deadlines_.empty()) next = std::min(next, deadlines_.begin()->first);
  if (!former_.empty()) next = std::min(next, former_.begin()->first);
  alarm_.set(next);
}

void ControlPort::carry_out(const JoinOutput& output, Client* client) {
  for (const ControlDatagram& datagram : output.send) send(datagram);
  for (const JoinEvent& event : output.events) {
    const uint32_t port = std::visit([](const auto& what) { return what.port; }, event);
    UdpTunnel& tunnel = client != nullptr ? *client->tunnel : *admitted_[port].tunnel;
    happened(event, tunnel, client);
  }
}

void ControlPort::happened(const JoinEvent& event, UdpTunnel& tunnel, Client* client) {
  if (const auto* keys = std::get_if<NewKeys>(&event)) {
    tunnel.add_session(keys->session, SocketAddress(keys->peer.address, keys->peer.port));
    if (keys->send_at_once) tunnel.send_under(keys->session.receive_session);
  } else if (const auto* confirmed = std::get_if<KeysConfirmed>(&event)) {
    for (const uint64_t session : tunnel.other_sessions(confirmed->receive_session)) {
      former_.emplace(confirmed->drop_former_at, Former{&tunnel, session});
    }
    tunnel.send_under(confirmed->receive_session);
  } else if (const auto* abandoned = std::get_if<KeysAbandoned>(&event)) {
    tunnel.drop_session(abandoned->receive_session);
  } else if (std::holds_alternative<PortClosed>(event)) {
    tunnel.drop_all_sessions();
  } else if (client != nullptr) {
    client->failure = words_for(std::get<JoinFailed>(event));
  }
}

void ControlPort::send(const ControlDatagram& datagram) {
  const SocketAddress to(datagram.to.address, datagram.to.port);
  // What is lost here is sent again when its answer does not come.
  ::sendto(socket_.descriptor(), datagram.bytes.data(), datagram.bytes.size(), 0,
           reinterpret_cast<const sockaddr*>(&to.storage), to.length);
}

}  // namespace violin
