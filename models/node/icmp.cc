#include "models/node/icmp.hh"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/check.hh"
#include "core/checksum.hh"

namespace violin {
namespace {

constexpr uint8_t kSourceQuench = 4;
constexpr uint8_t kRedirect = 5;
constexpr uint8_t kParameterProblem = 12;
constexpr uint32_t kLeastQuote = 8;  // bytes of the transport header that every error carries

bool is_error(uint8_t type) {
  return type == IcmpHeader::kDestinationUnreachable || type == kSourceQuench ||
         type == kRedirect || type == IcmpHeader::kTimeExceeded || type == kParameterProblem;
}

bool may_be_told(IpAddress address) {
  const bool reserved = address.v4_bits() >> 28 >= 0xe;  // groups, reserved, limited broadcast
  const bool this_network = address.v4_bits() >> 24 == 0;
  return !reserved && !this_network;
}

// RFC 1122 section 3.2.2 and RFC 1812 section 4.3.2.7, as far as the packet itself shows.
bool deserves_error(const Frame& about, uint32_t ip_at, const Ipv4Header& header) {
  if (header.fragment_offset != 0) return false;
  if (!may_be_told(header.source) || header.destination.is_multicast() ||
      header.destination.is_limited_broadcast()) {
    return false;
  }
  if (header.protocol != ip_protocol::kIcmp) return true;
  const uint32_t type_at = ip_at + header.header_length;
  std::byte type{IcmpHeader::kDestinationUnreachable};  // unseen is as good as an error
  if (type_at < about.size()) about.copy_to({&type, 1}, type_at);
  return !is_error(static_cast<uint8_t>(type));
}

}  // namespace

void IcmpLayer::drop(Frame frame, DropReason reason) {
  drops_.count(reason);
  frame = Frame();
}

void IcmpLayer::receive(Frame frame, const IpReceived& ip, Time now) {
  const auto header =
      frame.make_contiguous(IcmpHeader::kSize) ? IcmpHeader::read(frame.headers()) : std::nullopt;
  if (!header) return drop(std::move(frame), DropReason::kMalformed);
  if (!frame.checksum_good() && fold_checksum(frame.sums().word_sum()) != 0xffff) {
    return drop(std::move(frame), DropReason::kBadChecksum);
  }
  if (header->type == IcmpHeader::kEchoRequest) return answer(std::move(frame), ip, now);
  if (header->type == IcmpHeader::kEchoReply) {
    EchoUser* user = client(header->identifier);
    if (user == nullptr) return drop(std::move(frame), DropReason::kNoListener);
    return user->receive_echo_reply(header->sequence, ip, now);
  }
  if (is_error(header->type)) return receive_error(std::move(frame), *header, ip, now);
  drop(std::move(frame), DropReason::kUnsupported);
}

// The request turns into the reply: same identifier, sequence number and data.
void IcmpLayer::answer(Frame request, const IpReceived& ip, Time now) {
  std::byte* header = request.headers().data();
  const uint16_t before = load_be16(header);  // type and code share a checksum word
  const auto after = static_cast<uint16_t>(IcmpHeader::kEchoReply << 8 | (before & 0xff));
  store_be16(header, after);
  std::byte* checksum = header + IcmpHeader::kChecksumOffset;
  store_be16(checksum, updated_checksum(load_be16(checksum), before, after));
  request.set_checksum_good(true);
  IpSendOptions options;
  options.dscp = ip.dscp;  // RFC 1349 section 5.1
  options.ecn = ip.ecn;
  output_.send_ip(std::move(request), {ip.destination, ip.source, ip_protocol::kIcmp}, options,
                  now);
}

void IcmpLayer::receive_error(Frame frame, const IcmpHeader& header, const IpReceived& ip,
                              Time now) {
  std::byte bytes[kQuoteMax];
  const uint32_t size = std::min(frame.size() - IcmpHeader::kSize, kQuoteMax);
  frame.copy_to({bytes, size}, IcmpHeader::kSize);
  const std::span<const std::byte> quote(bytes, size);
  const auto about = Ipv4Header::read(quote);
  if (!about || size < about->header_length + kLeastQuote) {
    return drop(std::move(frame), DropReason::kMalformed);
  }
  IcmpError error;
  error.type = header.type;
  error.code = header.code;
  error.reporter = ip.source;
  error.sent = {about->source, about->destination, about->protocol};
  error.quoted = quote.subspan(about->header_length);
  if (error.is_fragmentation_needed()) error.mtu = header.sequence;
  node_.receive_icmp_error(error, now);
  for (size_t i = 0; i < error_users_.size(); ++i) {
    error_users_[i]->receive_icmp_error(error, now);
  }
  if (about->protocol != ip_protocol::kIcmp) return;
  const auto echo = IcmpHeader::read(error.quoted);
  EchoUser* user = echo->type == IcmpHeader::kEchoRequest ? client(echo->identifier) : nullptr;
  if (user != nullptr) user->receive_echo_error(echo->sequence, error, now);
}

void IcmpLayer::send_error(const Frame& about, uint32_t ip_at, const IcmpErrorSpec& spec,
                           Time now) {
  const auto original = Ipv4Header::read(about.headers().subspan(ip_at));
  if (!original || !deserves_error(about, ip_at, *original)) return;
  const bool limited = spec.type != IcmpHeader::kDestinationUnreachable ||
                       spec.code != IcmpHeader::kFragmentationNeeded;
  if (limited && !take_token(now)) return node_.icmp_error_withheld();
  Frame error = output_.new_frame();
  const uint32_t length =
      std::min({about.size() - ip_at, uint32_t{original->total_length}, kQuoteMax});
  error.set_payload(about.slice(ip_at, length));
  IcmpHeader header;
  header.type = spec.type;
  header.code = spec.code;
  if (!limited) header.sequence = static_cast<uint16_t>(std::min<int64_t>(spec.mtu, 0xffff));
  std::byte* at = error.append(IcmpHeader::kSize);
  header.write(at);
  store_be16(at + IcmpHeader::kChecksumOffset, checksum_of(error.sums().word_sum()));
  error.set_checksum_good(true);
  // The address the packet was sent to where that is ours, and else that of the interface which the
  // error leaves by: an unspecified source is filled in.
  IpSendOptions options;
  options.dscp = 48;  // internetwork control, RFC 1812 section 4.3.2.5
  output_.send_ip(std::move(error), {IpAddress(), original->source, ip_protocol::kIcmp}, options,
                  now);
}

void IcmpLayer::send_echo(Frame frame, uint16_t identifier, uint16_t sequence, const IpFlow& flow,
                          const IpSendOptions& options, Time now) {
  IcmpHeader header;
  header.type = IcmpHeader::kEchoRequest;
  header.identifier = identifier;
  header.sequence = sequence;
  std::byte* at = frame.push_front(IcmpHeader::kSize);
  header.write(at);
  store_be16(at + IcmpHeader::kChecksumOffset, checksum_of(frame.sums().word_sum()));
  frame.set_checksum_good(true);
  output_.send_ip(std::move(frame), flow, options, now);
}

// Linux's icmp_global_allow without its jiffies: exact in nanoseconds.
bool IcmpLayer::take_token(Time now) {
  constexpr Duration kToken = Duration::seconds(1) / kErrorsPerSecond;
  constexpr Duration kFull = kToken * kErrorsBurst;
  credit_ = std::min(kFull, credit_ + std::min(kFull, now - credit_at_));
  credit_at_ = now;
  if (credit_ < kToken) return false;
  credit_ -= kToken;
  return true;
}

EchoUser* IcmpLayer::client(uint16_t identifier) const {
  for (const Client& entry : clients_) {
    if (entry.identifier == identifier) return entry.user;
  }
  return nullptr;
}

uint16_t IcmpLayer::attach(uint16_t wanted, EchoUser& user) {
  CHECK_COMPARE(clients_.size(), <, 0x10000u);
  while (client(wanted) != nullptr) ++wanted;
  clients_.push_back({wanted, &user});
  return wanted;
}

void IcmpLayer::detach(const EchoUser& user) {
  std::erase_if(clients_, [&](const Client& entry) { return entry.user == &user; });
}

void IcmpLayer::detach_errors(const IcmpErrorUser& user) { std::erase(error_users_, &user); }

}  // namespace violin
