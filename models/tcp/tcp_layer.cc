#include "models/tcp/tcp_layer.hh"

#include <utility>

#include "core/byte_order.hh"
#include "core/check.hh"
#include "core/checksum.hh"
#include "models/tcp/tcp_connection.hh"

namespace violin {
namespace {

// Two NOPs and a timestamps option, as in nearly every segment of a connection.
constexpr uint32_t kTimestampsHead = 0x0101'080a;

// Reads a header with timestamps and nothing else, which is what header prediction is about; false
// when it is another one. `at` holds `length` bytes.
bool read_usual(TcpHeader& header, const std::byte* at, uint32_t length) {
  constexpr uint32_t kUsualSize = TcpHeader::kSize + TcpHeader::kTimestampsSize;
  if (length != kUsualSize || load_be32(at + TcpHeader::kSize) != kTimestampsHead) return false;
  header.source_port = load_be16(at);
  header.destination_port = load_be16(at + 2);
  header.sequence = load_be32(at + 4);
  header.acknowledgment = load_be32(at + 8);
  header.flags = static_cast<uint8_t>(at[13]);
  header.window = load_be16(at + 14);
  header.checksum = load_be16(at + 16);
  header.header_length = kUsualSize;
  header.timestamps = TcpHeader::Timestamps{load_be32(at + 24), load_be32(at + 28)};
  return true;
}

}  // namespace

TcpLayer::TcpLayer(Scheduler& scheduler, Entity& node, IpOutput& output, Random random,
                   DropCounters& drops)
    : scheduler_(scheduler),
      node_(node),
      output_(output),
      random_(random),
      drops_(drops),
      bury_timer_(scheduler, node, *this) {}

TcpLayer::~TcpLayer() = default;

bool TcpLayer::checksum_is_right(const Frame& frame, const IpReceived& ip) const {
  if (frame.checksum_good()) [[likely]]
    return true;
  const uint64_t sum =
      pseudo_header_sum(ip.source, ip.destination, ip_protocol::kTcp, frame.size()) +
      frame.sums().word_sum();
  return fold_checksum(sum) == 0xffff;
}

void TcpLayer::receive(Frame frame, const IpReceived& ip, Time now) {
  if (!checksum_is_right(frame, ip)) return drops_.count(DropReason::kBadChecksum);
  if (!frame.make_contiguous(TcpHeader::kSize)) return drops_.count(DropReason::kMalformed);
  const auto length = static_cast<uint32_t>(frame.headers()[12] >> 4) * 4;
  if (!frame.make_contiguous(length)) return drops_.count(DropReason::kMalformed);
  TcpHeader header;
  if (!read_usual(header, frame.headers().data(), length)) {
    const auto unusual = TcpHeader::read(frame.headers());
    if (!unusual) return drops_.count(DropReason::kMalformed);
    header = *unusual;
  }
  const uint32_t size = frame.size() - header.header_length;
  const TcpPair pair{{ip.destination, header.destination_port}, {ip.source, header.source_port}};
  TcpConnection* connection = table_.find(pair);
  if (connection == nullptr) [[unlikely]]
    return receive_unmatched(header, size, ip, now);
  Payload payload;
  if (size > 0) {
    payload = frame.header_size() == header.header_length ? frame.payload()
                                                          : frame.slice(header.header_length, size);
  }
  connection->receive(header, std::move(payload), ip.ecn, now);
}

void TcpLayer::receive_unmatched(const TcpHeader& header, uint32_t payload_size,
                                 const IpReceived& ip, Time now) {
  const auto listener = listeners_.find(header.destination_port);
  if (header.has(TcpHeader::kRst)) return drops_.count(DropReason::kNoListener);
  const bool opens = header.has(TcpHeader::kSyn) && !header.has(TcpHeader::kAck);
  if (listener == listeners_.end() || !opens) {
    drops_.count(DropReason::kNoListener);
    send_reset(header, payload_size, ip, now);
    return;
  }
  accept_syn(header, ip, listener->second, now);
}

void TcpLayer::accept_syn(const TcpHeader& header, const IpReceived& ip, Listener& listener,
                          Time now) {
  if (half_open_ >= kHalfOpenMax) return drops_.count(DropReason::kQueueFull);
  ++half_open_;
  const TcpConnection::Setup setup{
      {{ip.destination, header.destination_port}, {ip.source, header.source_port}},
      listener.options,
      random_.next32(),
      random_.next32()};
  table_.insert(std::make_unique<TcpConnection>(*this, setup)).open_passively(header, now);
}

// RFC 9293 section 3.10.7.1.
void TcpLayer::send_reset(const TcpHeader& header, uint32_t payload_size, const IpReceived& ip,
                          Time now) {
  TcpHeader reset;
  reset.source_port = header.destination_port;
  reset.destination_port = header.source_port;
  reset.flags = TcpHeader::kRst;
  if (header.has(TcpHeader::kAck)) {
    reset.sequence = header.acknowledgment;
  } else {
    reset.flags |= TcpHeader::kAck;
    reset.acknowledgment = header.sequence + payload_size + (header.has(TcpHeader::kSyn) ? 1 : 0) +
                           (header.has(TcpHeader::kFin) ? 1 : 0);
  }
  Frame frame = output_.new_frame();
  std::byte* at = frame.push_front(TcpHeader::kSize);
  reset.write(at);
  const uint64_t sum =
      pseudo_header_sum(ip.destination, ip.source, ip_protocol::kTcp, TcpHeader::kSize) +
      word_sum({at, TcpHeader::kSize});
  store_be16(at + TcpHeader::kChecksumOffset, checksum_of(sum));
  frame.set_checksum_good(true);
  IpSendOptions options;
  options.dont_fragment = true;
  output_.send_ip(std::move(frame), {ip.destination, ip.source, ip_protocol::kTcp}, options, now);
}

TcpConnection* TcpLayer::connect(const TcpOptions& options, const IpAddress& local,
                                 const TcpEndpoint& remote, TcpUser& user, Time now) {
  constexpr uint32_t kPorts = kEphemeralLast - kEphemeralFirst + 1;
  TcpPair pair{{local, 0}, remote};
  // A random start (RFC 6056), then the next free one.
  const auto start = static_cast<uint32_t>(random_.below(kPorts));
  for (uint32_t i = 0; i < kPorts; ++i) {
    pair.local.port = static_cast<uint16_t>(kEphemeralFirst + (start + i) % kPorts);
    if (table_.find(pair) != nullptr) continue;
    const TcpConnection::Setup setup{pair, options, random_.next32(), random_.next32()};
    TcpConnection& made = table_.insert(std::make_unique<TcpConnection>(*this, setup));
    made.open(user, now);
    return &made;
  }
  return nullptr;
}

void TcpLayer::listen(uint16_t port, const TcpOptions& options, TcpAcceptor& acceptor) {
  const bool fresh = listeners_.emplace(port, Listener{options, &acceptor}).second;
  CHECK_MESSAGE(fresh, "two acceptors at one port");
}

TcpAcceptor& TcpLayer::acceptor_at(uint16_t port) { return *listeners_.at(port).acceptor; }

TcpConnection* TcpLayer::quoted_connection(const IpFlow& sent, std::span<const std::byte> quoted) {
  if (quoted.size() < 8) return nullptr;
  return table_.find(
      {{sent.source, load_be16(quoted.data())}, {sent.destination, load_be16(quoted.data() + 2)}});
}

void TcpLayer::fragmentation_needed(const IpFlow& sent, std::span<const std::byte> quoted,
                                    int64_t mtu, Time now) {
  TcpConnection* connection = quoted_connection(sent, quoted);
  if (connection == nullptr) return;
  connection->fragmentation_needed(load_be32(quoted.data() + 4), mtu, now);
}

void TcpLayer::unreachable(const IpFlow& sent, std::span<const std::byte> quoted) {
  TcpConnection* connection = quoted_connection(sent, quoted);
  if (connection != nullptr) connection->unreachable(load_be32(quoted.data() + 4));
}

void TcpLayer::drop_all(Time now) {
  for (TcpConnection* connection : table_.sorted()) connection->end(TcpOutcome::kNodeDown, now);
}

void TcpLayer::bury(TcpConnection& connection, Time now) {
  buried_.push_back(table_.remove(connection));
  if (!bury_timer_.armed()) bury_timer_.arm(now);
}

Payload TcpLayer::real_bytes(std::span<const std::byte> bytes) {
  const Frame frame = output_.new_frame();  // which knows the pools that the node uses
  return Payload::of_bytes(frame.pools(), bytes);
}

void TcpLayer::expire(Timer&, Time) { buried_.clear(); }

}  // namespace violin
