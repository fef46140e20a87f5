#include "emulator/timetravel/echo_times.hh"

#include <algorithm>
#include <array>
#include <utility>

#include "core/byte_order.hh"
#include "core/ethernet.hh"
#include "core/ip_header.hh"
#include "emulator/results/statistics.hh"

namespace violin {
namespace {

constexpr uint8_t kReplyV4 = 0, kRequestV4 = 8;      // RFC 792
constexpr uint8_t kRequestV6 = 128, kReplyV6 = 129;  // RFC 4443 section 4
// Ethernet, IPv4 with all its options, and an ICMP echo header.
constexpr uint32_t kBytesMax = EthernetHeader::kSize + 60 + 8;

struct Echo {
  bool is_request = false;
  IpAddress source, destination;
  uint16_t identifier = 0, number = 0;
};

std::optional<Echo> echo_in(std::span<const std::byte> bytes) {
  constexpr uint32_t kEthernet = EthernetHeader::kSize;
  if (bytes.size() < kEthernet) return std::nullopt;
  Echo echo;
  size_t at = 0;
  const auto ip = bytes.subspan(kEthernet);
  const uint16_t type = EthernetHeader::read(bytes.data()).type;
  const bool is_v4 = type == ether_type::kIpv4;
  if (is_v4) {
    const auto header = Ipv4Header::read(ip);
    if (!header || header->protocol != ip_protocol::kIcmp || header->fragment_offset != 0)
      return {};
    echo.source = header->source;
    echo.destination = header->destination;
    at = header->header_length;
  } else {
    const auto header = type == ether_type::kIpv6 ? Ipv6Header::read(ip) : std::nullopt;
    if (!header || header->next_header != ip_protocol::kIcmpV6) return {};
    echo.source = header->source;
    echo.destination = header->destination;
    at = Ipv6Header::kSize;
  }
  if (ip.size() < at + 8) return std::nullopt;
  const std::byte* const icmp = ip.data() + at;
  const auto kind = std::to_integer<uint8_t>(icmp[0]);
  echo.is_request = kind == (is_v4 ? kRequestV4 : kRequestV6);
  if (!echo.is_request && kind != (is_v4 ? kReplyV4 : kReplyV6)) return std::nullopt;
  echo.identifier = load_be16(icmp + 4);
  echo.number = load_be16(icmp + 6);
  return echo;
}

}  // namespace

void EchoTimes::look(const Frame& frame, Time now, bool outgoing) {
  std::array<std::byte, kBytesMax> bytes;
  const size_t size = std::min<size_t>(frame.size(), bytes.size());
  frame.copy_to({bytes.data(), size});
  const std::optional<Echo> echo = echo_in({bytes.data(), size});
  if (!echo || echo->is_request != outgoing) return;
  if (outgoing) {
    note_request(echo->destination, echo->identifier, echo->number, now);
  } else {
    note_reply(echo->source, echo->identifier, echo->number, now);
  }
}

EchoConversation* EchoTimes::find(const IpAddress& to, uint16_t identifier) {
  const auto found = std::find_if(
      conversations_.rbegin(), conversations_.rend(),
      [&](const EchoConversation& one) { return one.identifier == identifier && one.to == to; });
  return found == conversations_.rend() ? nullptr : &*found;
}

void EchoTimes::note_request(const IpAddress& to, uint16_t identifier, uint16_t number, Time now) {
  if (requests_ == kRequestsMax) return;
  EchoConversation* one = find(to, identifier);
  if (one == nullptr) {
    if (conversations_.size() == kConversationsMax) return;
    one = &conversations_.emplace_back(EchoConversation{to, identifier, {}, number});
  }
  // Programs count up by one; who does not is not followed.
  const auto expected = static_cast<uint16_t>(one->first_number + one->requests.size());
  if (number != expected) return;
  one->requests.push_back({now, std::nullopt});
  ++requests_;
}

void EchoTimes::note_reply(const IpAddress& from, uint16_t identifier, uint16_t number, Time now) {
  EchoConversation* const one = find(from, identifier);
  if (one == nullptr || one->requests.empty()) return;
  // Numbers are modulo 2^16: it is the newest request that has this one.
  const auto newest = static_cast<uint16_t>(one->first_number + one->requests.size() - 1);
  const auto back = static_cast<uint16_t>(newest - number);
  if (back >= one->requests.size()) return;
  EchoConversation::Request& request = one->requests[one->requests.size() - 1 - back];
  if (!request.answered) request.answered = now;
}

void retime(const EchoConversation& seen, PingResult& ping) {
  std::vector<Duration> said;
  for (PingProbe& probe : ping.probes) {
    if (probe.rtt) said.push_back(*probe.rtt);
    const auto number = static_cast<size_t>(probe.sequence);
    if (number >= seen.requests.size()) continue;
    const EchoConversation::Request& request = seen.requests[number];
    probe.sent = request.sent;
    if (probe.rtt && request.answered) probe.rtt = *request.answered - request.sent;
  }
  ping.program_rtt = summarise(std::move(said));
}

}  // namespace violin
