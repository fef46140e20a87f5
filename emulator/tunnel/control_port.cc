#include "emulator/tunnel/control_port.hh"

#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "core/byte_order.hh"
#include "core/check.hh"

namespace violin {
namespace {

constexpr size_t kDatagramMax = 2048;
// Control datagrams read per round: joining must not hold up frames.
constexpr int kBurst = 16;
// How often the counters of tunnels are looked at, at least.
constexpr Duration kLookInterval = Duration::seconds(10);

uint64_t calendar_ns() {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count());
}

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

// ---- the alarm --------------------------------------------------------------------------------

ControlPort::Alarm::Alarm(ControlPort& owner)
    : owner_(owner),
      timer_(checked_descriptor(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
                                "cannot make a timer")) {
  owner_.realtime_.add_input(timer_.get(), *this);
}

ControlPort::Alarm::~Alarm() { owner_.realtime_.remove_input(timer_.get()); }

void ControlPort::Alarm::set(Time when) {
  itimerspec at{};
  const int64_t ns = std::max<int64_t>(when.ns(), 1);  // zero would switch it off
  at.it_value = {ns / 1'000'000'000, ns % 1'000'000'000};
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &at, nullptr);
}

void ControlPort::Alarm::read_input(Time) {
  uint64_t expirations = 0;
  if (::read(timer_.get(), &expirations, sizeof expirations) > 0) owner_.expire();
}

// ---- links ------------------------------------------------------------------------------------

ControlPort::ControlPort(Realtime& realtime, const Options& options)
    : realtime_(realtime),
      options_(options),
      socket_({.v6 = options.v6, .port = options.port}),
      server_(
          options.own, {}, [this](uint32_t) { return std::optional(options_.data_port); },
          system_secrets()),
      alarm_(*this) {
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
  options.index = static_cast<uint32_t>(clients_.size());
  options.own = options_.own;
  options.responder = link.peer;
  options.violin_key = violin->second;
  options.control = {link.peer_address, kUdpPort};
  options.violin = link.violin;
  options.link = link.name;
  options.encryption = link.encryption;
  options.data_port = options_.data_port;
  options.timestamp_base = calendar_ns() - static_cast<uint64_t>(now().ns());
  const SecretSource secrets = system_secrets();
  clients_.push_back({link, &tunnel,
                      std::make_unique<JoinClient>(options, Random(seed_of(secrets)), secrets),
                      ""});
  tunnel.set_keeper(*this);
}

void ControlPort::admit(const Link& link, UdpTunnel& tunnel) {
  const uint32_t number = server_.admit({link.violin, link.name, link.peer, link.encryption});
  CHECK_COMPARE(number, ==, admitted_.size());
  admitted_.push_back({link, &tunnel});
  tunnel.set_keeper(*this);
}

void ControlPort::start() {
  for (Client& client : clients_) carry_out(client.joining->start(now()), &client);
  set_alarm();
}

void ControlPort::leave() {
  for (Client& client : clients_) carry_out(client.joining->leave(now()), &client);
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

// ---- what happens -----------------------------------------------------------------------------

Time ControlPort::now() { return Time::from_ns(ScenarioClock::monotonic_ns()); }

void ControlPort::read_input(Time) {
  std::array<std::byte, kDatagramMax> buffer;
  for (int i = 0; i < kBurst; ++i) {
    SocketAddress from;
    from.length = sizeof from.storage;
    const ssize_t got = ::recvfrom(socket_.descriptor(), buffer.data(), buffer.size(), MSG_TRUNC,
                                   reinterpret_cast<sockaddr*>(&from.storage), &from.length);
    if (got < 0) {
      SocketAddress about;
      uint32_t ignored = 0;
      while (socket_.next_error(about, ignored)) {
      }
      break;
    }
    if (got > static_cast<ssize_t>(buffer.size())) continue;  // longer than any that we know
    const std::span<const std::byte> datagram(buffer.data(), static_cast<size_t>(got));
    carry_out(server_.receive(datagram, endpoint_of(from), now()), nullptr);
    for (Client& client : clients_) carry_out(client.joining->receive(datagram, now()), &client);
  }
  set_alarm();
}

void ControlPort::session_heard(UdpTunnel& tunnel, uint64_t receive_session) {
  for (Client& client : clients_) {
    if (client.tunnel != &tunnel) continue;
    carry_out(client.joining->data_received(receive_session, now()), &client);
  }
  for (size_t i = 0; i < admitted_.size(); ++i) {
    if (admitted_[i].tunnel != &tunnel) continue;
    carry_out(server_.data_received(static_cast<uint32_t>(i), receive_session, now()), nullptr);
  }
  set_alarm();
}

void ControlPort::expire() {
  const Time at = now();
  carry_out(server_.expire(at), nullptr);
  for (Client& client : clients_) {
    carry_out(client.joining->expire(at), &client);
    carry_out(client.joining->datagrams_counted(client.tunnel->counter(), at), &client);
  }
  std::erase_if(former_, [&](const Former& former) {
    if (former.until > at) return false;
    former.tunnel->drop_session(former.receive_session);
    return true;
  });
  set_alarm();
}

void ControlPort::set_alarm() {
  Time next = std::min(now() + kLookInterval, server_.deadline());
  for (const Client& client : clients_) next = std::min(next, client.joining->deadline());
  for (const Former& former : former_) next = std::min(next, former.until);
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
      former_.push_back({confirmed->drop_former_at, &tunnel, session});
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
