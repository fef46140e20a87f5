#include "emulator/tunnel/join_server.hh"

#include <algorithm>

#include "core/check.hh"

namespace violin {
namespace {

// So that nobody can use us to send more than he sends to us.
static_assert(JoinMessage::kHeaderSize + NoiseInitiator::kAnswerOverhead + 3 +
                  JoinRefused::kTextMax + JoinMessage::kMacSize <=
              JoinMessage::kHeaderSize + NoiseInitiator::kRequestOverhead + JoinRequest::kSizeMin +
                  2 * JoinMessage::kMacSize);

JoinDigest digest_of(const JoinMessage& message) {
  JoinDigest digest;
  crypto_generichash(octets(digest.data()), digest.size(), octets(message.covered.data()),
                     message.covered.size(), nullptr, 0);
  return digest;
}

}  // namespace

DropCounters JoinServerCounters::drops() const {
  DropCounters drops;
  drops.count(DropReason::kMalformed, malformed);
  drops.count(DropReason::kUnauthentic, unauthentic + unknown_peer);
  drops.count(DropReason::kRateLimited, too_many);
  drops.count(DropReason::kReplayed, replayed);
  return drops;
}

JoinServer::JoinServer(const KeyPair& own, const JoinGuardOptions& guard, OpenDataPort open,
                       SecretSource secrets)
    : own_(own), guard_(own.open, guard, secrets), open_(std::move(open)), secrets_(secrets) {}

void JoinServer::add_violin(const std::string& name, const SecretKey& key) {
  CHECK_MESSAGE(is_join_name(name), name);
  CHECK_MESSAGE(violins_.emplace(name, key).second, name);
}

uint32_t JoinServer::admit(JoinLink link) {
  CHECK_COMPARE(ports_.size(), <, kPortsMax);
  CHECK_MESSAGE(violins_.contains(link.violin) && is_join_name(link.link), link.link);
  const auto number = static_cast<uint32_t>(ports_.size());
  CHECK_MESSAGE(links_.emplace(std::pair(link.violin, link.link), number).second, link.link);
  members_.emplace(link.peer, link.violin);
  ports_.emplace_back(number, std::move(link));
  return number;
}

template <typename Change>
void JoinServer::change(uint32_t number, Change&& change) {
  JoinPort& port = ports_[number];
  if (port.answered()) answered_.erase(*port.answered());
  deadlines_.erase({port.deadline(), number});
  change(port);
  if (port.answered()) answered_.emplace(*port.answered(), number);
  if (port.deadline() != Time::never()) deadlines_.emplace(port.deadline(), number);
}

JoinOutput JoinServer::receive(std::span<const std::byte> datagram, const UdpEndpoint& from,
                               Time now) {
  JoinOutput output;
  const std::optional<JoinMessage> message = JoinMessage::read(datagram);
  if (!message) {
    ++counters_.malformed;
  } else if (message->type == JoinMessageType::kRequest) {
    receive_request(*message, from, now, output);
  } else if (message->is_notice()) {
    receive_notice(*message, from, now, output);
  } else {
    ++counters_.malformed;  // what only an initiator gets
  }
  return output;
}

void JoinServer::receive_request(const JoinMessage& message, const UdpEndpoint& from, Time now,
                                 JoinOutput& output) {
  switch (guard_.judge(message, from, now)) {
    case JoinGuard::Verdict::kHandle:
      break;
    case JoinGuard::Verdict::kGiveCookie:
      ++counters_.cookies;
      output.send.push_back({from, guard_.cookie_answer(message, from, now)});
      return;
    case JoinGuard::Verdict::kNoMac1:
    case JoinGuard::Verdict::kWrongMac2:
      ++counters_.unauthentic;
      return;
    case JoinGuard::Verdict::kTooMany:
      ++counters_.too_many;
      return;
  }
  if (take_copy(message, from, output)) return;
  NoiseResponder noise(own_, join_header(JoinMessageType::kRequest, message.index));
  const auto request = noise.read_request(message.body);
  if (!request) {
    ++counters_.unauthentic;
    return;
  }
  const auto known = members_.lower_bound({request->initiator, ""});
  if (known == members_.end() || known->first != request->initiator) {
    ++counters_.unknown_peer;
    return;
  }
  const auto wanted = JoinRequest::read(request->payload);
  if (!wanted) {
    ++counters_.malformed;
    return;
  }
  decide({message, noise, from, *wanted}, request->initiator, now, output);
}

bool JoinServer::take_copy(const JoinMessage& message, const UdpEndpoint& from,
                           JoinOutput& output) {
  const auto known = answered_.find(digest_of(message));
  if (known == answered_.end()) return false;
  const JoinPort& port = ports_[known->second];
  if (port.awaits_confirmation()) {
    ++counters_.repeated;
    output.send.push_back({from, port.answer()});
  } else {
    ++counters_.replayed;
  }
  return true;
}

void JoinServer::decide(const Joiner& joiner, const PublicKey& peer, Time now, JoinOutput& output) {
  const JoinRequest& wanted = joiner.wanted;
  if (!members_.contains({peer, wanted.violin})) {
    refuse(joiner, JoinRefusal::kUnknownViolin, wanted.violin, output);
    return;
  }
  const auto link = links_.find({wanted.violin, wanted.link});
  if (link == links_.end() || ports_[link->second].link().peer != peer) {
    refuse(joiner, JoinRefusal::kUnknownLink, wanted.link, output);
    return;
  }
  JoinPort& port = ports_[link->second];
  if (port.link().encryption != wanted.encryption) {
    refuse(joiner, JoinRefusal::kOtherEncryption, "", output);
  } else if (!port.is_newer(wanted.timestamp)) {
    ++counters_.replayed;
    refuse(joiner, JoinRefusal::kOlderRequest, "", output);
  } else {
    accept(joiner, port, link->second, now, output);
  }
}

void JoinServer::accept(const Joiner& joiner, JoinPort& port, uint32_t number, Time now,
                        JoinOutput& output) {
  if (!port.is_open()) {
    const std::optional<uint16_t> opened = open_(number);
    if (!opened) {
      refuse(joiner, JoinRefusal::kNoPort, "", output);
      return;
    }
    CHECK_COMPARE(*opened, !=, 0);
    port.open(*opened);
  }
  const auto answer = joiner.noise.write_answer(SecretKey::generate(secrets_),
                                                JoinAnswer{number, port.data_port()}.write(),
                                                violins_.at(joiner.wanted.violin));
  CHECK_MESSAGE(answer.has_value(), "keys that were good when the request was read");
  std::vector<std::byte> datagram =
      join_message_start(JoinMessageType::kAnswer, joiner.message.index, answer->message);
  JoinMacKeys(port.link().peer).append_mac1(datagram);
  ++counters_.accepted;
  change(number, [&](JoinPort& changed) {
    changed.accept({.session = JoinSession(answer->keys, JoinEnd::kResponder),
                    .peer = {joiner.from.address, joiner.wanted.data_port},
                    .initiator_index = joiner.message.index,
                    .timestamp = joiner.wanted.timestamp,
                    .request = digest_of(joiner.message),
                    .answer = datagram},
                   now, output);
  });
  output.send.push_back({joiner.from, std::move(datagram)});
}

void JoinServer::refuse(const Joiner& joiner, JoinRefusal reason, std::string_view text,
                        JoinOutput& output) {
  ++counters_.refused;
  // With a key of zeroes, for the violin may be what is not known (see JoinClient).
  const auto answer = joiner.noise.write_answer(
      SecretKey::generate(secrets_), JoinRefused{reason, std::string(text)}.write(), SecretKey());
  CHECK_MESSAGE(answer.has_value(), "keys that were good when the request was read");
  std::vector<std::byte> datagram =
      join_message_start(JoinMessageType::kRefusal, joiner.message.index, answer->message);
  JoinMacKeys(joiner.noise.initiator()).append_mac1(datagram);
  output.send.push_back({joiner.from, std::move(datagram)});
}

void JoinServer::receive_notice(const JoinMessage& message, const UdpEndpoint& from, Time now,
                                JoinOutput& output) {
  std::optional<std::vector<std::byte>> answer;
  if (message.index < ports_.size()) {
    change(message.index,
           [&](JoinPort& port) { answer = port.receive_notice(message, now, output); });
  }
  if (!answer) {
    ++counters_.unauthentic;
    return;
  }
  ++counters_.notices;
  output.send.push_back({from, std::move(*answer)});
}

JoinOutput JoinServer::data_received(uint32_t port, uint64_t receive_session, Time now) {
  CHECK_COMPARE(port, <, ports_.size());
  JoinOutput output;
  change(port, [&](JoinPort& changed) { changed.data_received(receive_session, now, output); });
  return output;
}

JoinOutput JoinServer::expire(Time now) {
  JoinOutput output;
  while (deadline() <= now) {
    change(deadlines_.begin()->second, [&](JoinPort& port) { port.expire(now, output); });
  }
  return output;
}

Time JoinServer::deadline() const {
  return deadlines_.empty() ? Time::never() : deadlines_.begin()->first;
}

size_t JoinServer::ports_open() const {
  return static_cast<size_t>(std::count_if(ports_.begin(), ports_.end(),
                                           [](const JoinPort& port) { return port.is_open(); }));
}

}  // namespace violin
