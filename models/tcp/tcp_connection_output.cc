#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "core/byte_order.hh"
#include "core/checksum.hh"
#include "models/tcp/tcp_connection.hh"
#include "models/tcp/tcp_layer.hh"

// Outgoing segments: what the sender wants sent, and the ACKs that are owed.

namespace violin {
namespace {

// Writes the header with a checksum of zero and returns the sum of its words. Nearly every header
// has timestamps and no other option: its words are summed as they are stored.
uint64_t write_and_sum(const TcpHeader& header, std::byte* at, uint32_t size) {
  if (size != TcpHeader::kSize + TcpHeader::kTimestampsSize || !header.timestamps ||
      header.sack_count > 0) {
    header.write(at);
    return word_sum({at, size});
  }
  const std::array<uint32_t, 8> words = {
      uint32_t{header.source_port} << 16 | header.destination_port,
      header.sequence,
      header.acknowledgment,
      size / 4 << 28 | uint32_t{header.flags} << 16 | header.window,
      0,            // checksum, urgent pointer
      0x0101'080a,  // NOP, NOP, timestamps of 10 bytes
      header.timestamps->value,
      header.timestamps->echo};
  uint64_t sum = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    store_be32(at + 4 * i, words[i]);
    sum += words[i];
  }
  return sum;
}

}  // namespace

void TcpConnection::pump(Time now) {
  if (busy_ || state_ == TcpState::kClosed || state_ == TcpState::kTimeWait) return;
  // Selective acknowledgments need an ACK of their own.
  if (ack_now_ && receiver_.has_sacks()) send_ack(now);
  while (auto transmission = sender_.next(now)) {
    send_transmission(*transmission, now);
  }
  if (ack_now_) send_ack(now);
  const Time deadline = sender_.deadline();
  if (deadline == Time::never()) {
    timer_.cancel();
  } else {
    timer_.arm(std::max(deadline, now));
  }
}

void TcpConnection::fill_syn_options(TcpHeader& header) const {
  const bool answering = state_ == TcpState::kSynReceived;
  header.maximum_segment_size = static_cast<uint16_t>(own_segment_size());
  header.sack_permitted = answering ? sack_ : options_.sack;
  const bool scale = answering ? scaled_ : options_.window_scale;
  if (scale) header.window_scale = static_cast<uint8_t>(options_.window_shift());
}

void TcpConnection::send_syn(Time now) {
  TcpHeader header;
  header.flags = TcpHeader::kSyn;
  header.sequence = local_space_.to_wire(0);
  const bool answering = state_ != TcpState::kSynSent;
  const bool first_time = sender_.counters().timeouts == 0;
  if (answering) {
    header.flags |= TcpHeader::kAck;
    if (ecn_) header.flags |= TcpHeader::kEce;
  } else if (options_.ecn && first_time) {
    // A SYN sent again asks for nothing that a middlebox may have dropped it for.
    header.flags |= TcpHeader::kEce | TcpHeader::kCwr;
  }
  fill_syn_options(header);
  if (answering ? timestamps_ : options_.timestamps) header.timestamps = TcpHeader::Timestamps{};
  emit_empty(header, now);
}

void TcpConnection::send_ack(Time now) {
  TcpHeader header;
  header.flags = TcpHeader::kAck;
  header.sequence = local_space_.to_wire(sender_.nxt());
  if (sack_ && receiver_.has_sacks()) fill_sacks(header);
  emit_empty(header, now);
}

void TcpConnection::fill_sacks(TcpHeader& header) {
  std::array<TcpReassembly::Range, 4> ranges;
  const int count = receiver_.sacks(ranges, timestamps_ ? 3 : 4);
  for (int i = 0; i < count; ++i) {
    header.sack_blocks[i] = {remote_space_.to_wire(ranges[i].begin),
                             remote_space_.to_wire(ranges[i].end)};
  }
  header.sack_count = static_cast<uint8_t>(count);
}

void TcpConnection::send_transmission(const TcpTransmission& transmission, Time now) {
  if (transmission.syn) return send_syn(now);
  TcpHeader header;
  header.flags = TcpHeader::kAck;
  if (transmission.fin) header.flags |= TcpHeader::kFin;
  if (transmission.push) header.flags |= TcpHeader::kPsh;
  if (transmission.window_reduced) header.flags |= TcpHeader::kCwr;
  header.sequence = local_space_.to_wire(transmission.position);
  Frame frame = layer_.output_.new_frame();
  const bool new_data = transmission.length > 0 && !transmission.retransmission;
  // RFC 3168 section 6.1.5: retransmissions are not ECN-capable.
  const Ecn ecn = ecn_ && new_data ? Ecn::kCapable0 : Ecn::kNotCapable;
  Payload payload = sender_.slice(transmission, frame.pools());
  emit(std::move(frame), header, std::move(payload), ecn, now);
}

void TcpConnection::emit_empty(TcpHeader& header, Time now) {
  emit(layer_.output_.new_frame(), header, {}, Ecn::kNotCapable, now);
}

// Fills in what every segment carries, makes the checksum and hands the frame down.
void TcpConnection::emit(Frame frame, TcpHeader& header, Payload payload, Ecn ecn, Time now) {
  header.source_port = pair_.local.port;
  header.destination_port = pair_.remote.port;
  const bool syn = header.has(TcpHeader::kSyn);
  header.window = syn ? receiver_.announce_unscaled() : receiver_.announce();
  if (header.has(TcpHeader::kAck)) {
    header.acknowledgment = remote_space_.to_wire(receiver_.next());
    last_ack_sent_ = receiver_.next();
    ack_now_ = false;
    ack_timer_.cancel();
    if (echo_congestion_ && !syn && !header.has(TcpHeader::kRst)) header.flags |= TcpHeader::kEce;
  }
  if (header.timestamps || (timestamps_ && !syn)) {
    header.timestamps = {timestamp(now), header.has(TcpHeader::kAck) ? timestamp_recent_ : 0};
  }
  const uint32_t size = header.size();
  const uint64_t payload_sum = payload.empty() ? 0 : payload.sums().word_sum();
  const uint32_t length = size + payload.size();
  frame.set_payload(std::move(payload));
  std::byte* at = frame.push_front(size);
  const uint64_t sum = pseudo_sum_ + length + write_and_sum(header, at, size) + payload_sum;
  store_be16(at + TcpHeader::kChecksumOffset, checksum_of(sum));
  frame.set_checksum_good(true);
  IpSendOptions options;
  options.ecn = ecn;
  options.dont_fragment = true;
  layer_.output_.send_ip(std::move(frame), flow_, options, now);
}

}  // namespace violin
