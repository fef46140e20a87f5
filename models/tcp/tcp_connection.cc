#include "models/tcp/tcp_connection.hh"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "core/byte_order.hh"
#include "core/check.hh"
#include "core/checksum.hh"
#include "models/tcp/tcp_layer.hh"

namespace violin {
namespace {

constexpr uint32_t kTimestampsSize = 12;
// Challenge ACKs and answers to unacceptable empty segments are at least this far apart, so that
// two confused ends cannot answer each other for ever (Linux's tcp_invalid_ratelimit).
constexpr Duration kChallengeInterval = Duration::milliseconds(500);
// RFC 7323 section 5.5: a timestamp older than 24 days proves nothing.
constexpr Duration kPawsLimit = Duration::seconds(24 * 24 * 3600);
// The least MTU that an ICMP error makes us believe in (Linux's min_pmtu; RFC 8200 for IPv6).
constexpr int64_t kLeastMtu = 552;
constexpr int64_t kLeastMtuV6 = 1'280;
constexpr uint32_t kLeastSegment = 64;

int shift_for(Bytes buffer) {
  int shift = 0;
  while (shift < 14 && buffer.count() >> shift > 65'535) ++shift;
  return shift;
}

// Writes the header with a checksum of zero and returns the sum of its words. Nearly every header
// has timestamps and no other option: its words are summed as they are stored.
uint64_t write_and_sum(const TcpHeader& header, std::byte* at, uint32_t size) {
  if (size != TcpHeader::kSize + kTimestampsSize || !header.timestamps || header.sack_count > 0) {
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

TcpConnection::TcpConnection(TcpLayer& layer, const Setup& setup)
    : layer_(layer),
      timestamp_offset_(setup.timestamp_offset),
      local_space_(setup.initial_sequence),
      pair_(setup.pair),
      flow_{setup.pair.local.address, setup.pair.remote.address, ip_protocol::kTcp},
      pseudo_sum_(pseudo_header_sum(flow_.source, flow_.destination, flow_.protocol, 0)),
      options_(setup.options),
      sender_(options_),
      receiver_(options_),
      timer_(layer.scheduler_, layer.node_, *this),
      ack_timer_(layer.scheduler_, layer.node_, *this) {}

// ---- what the user does ----

int64_t TcpConnection::send(const Payload& payload, Time now) {
  const int64_t taken = sender_.write(payload);
  if (taken < payload.size()) starved_ = true;
  pump(now);
  return taken;
}

void TcpConnection::close(Time now) {
  switch (state_) {
    case TcpState::kSynSent:
      end(TcpOutcome::kAborted, now);
      return;
    case TcpState::kSynReceived:
    case TcpState::kEstablished:
      state_ = TcpState::kFinWait1;
      break;
    case TcpState::kCloseWait:
      state_ = TcpState::kLastAck;
      break;
    default:
      return;
  }
  sender_.finish();
  pump(now);
}

void TcpConnection::abort(Time now) {
  if (state_ == TcpState::kClosed || state_ == TcpState::kTimeWait) return;
  if (state_ != TcpState::kSynSent) {
    TcpHeader header;
    header.flags = TcpHeader::kRst | TcpHeader::kAck;
    header.sequence = local_space_.to_wire(sender_.nxt());
    emit_empty(header, now);
  }
  end(TcpOutcome::kAborted, now);
}

void TcpConnection::resume_reading(Time now) {
  reading_ = true;
  if (busy_ || state_ == TcpState::kClosed) return;  // the end of the event catches up
  busy_ = true;
  catch_up(now);
  busy_ = false;
  pump(now);
}

// Hands over what waited while reading was paused.
void TcpConnection::catch_up(Time now) {
  deliver(now);
  if (receiver_.window_update_due()) ack_now_ = true;
}

int64_t TcpConnection::bytes_acknowledged() const {
  return std::max<int64_t>(sender_.una() - 1 - (sender_.fin_acknowledged() ? 1 : 0), 0);
}

// ---- opening ----

void TcpConnection::open(TcpUser& user, Time now) {
  user_ = &user;
  state_ = TcpState::kSynSent;
  sender_.start(now);
  send_syn(now);
  timer_.arm(sender_.deadline());
}

void TcpConnection::open_passively(const TcpHeader& syn, Time now) {
  passive_ = true;
  state_ = TcpState::kSynReceived;
  remote_space_ = TcpSequenceSpace(syn.sequence);
  agree(syn, now);
  sender_.start(now);
  send_syn(now);
  timer_.arm(sender_.deadline());
}

// Takes what the peer's SYN offers and we want too.
void TcpConnection::agree(const TcpHeader& syn, Time now) {
  if (syn.maximum_segment_size) {
    peer_segment_size_ = std::max<uint32_t>(*syn.maximum_segment_size, kLeastSegment);
  }
  scaled_ = options_.window_scale && syn.window_scale.has_value();
  send_shift_ = static_cast<int8_t>(scaled_ ? std::min<int>(*syn.window_scale, 14) : 0);
  receive_shift_ = static_cast<int8_t>(scaled_ ? shift_for(options_.receive_buffer) : 0);
  timestamps_ = options_.timestamps && syn.timestamps.has_value();
  sack_ = options_.sack && syn.sack_permitted;
  // A SYN asks with both flags, a SYN-ACK grants with ECE alone (RFC 3168 section 6.1.1).
  const bool asked = syn.has(TcpHeader::kEce) && syn.has(TcpHeader::kCwr);
  const bool granted = syn.has(TcpHeader::kEce) && !syn.has(TcpHeader::kCwr);
  ecn_ = options_.ecn && (syn.has(TcpHeader::kAck) ? granted : asked);
  if (timestamps_) timestamp_recent_ = syn.timestamps->value;
  timestamp_recent_at_ = now;
  receiver_.agree({receive_shift_, std::min(own_segment_size(), peer_segment_size_)});
}

void TcpConnection::become_established(Time now) {
  established_ = true;
  if (state_ != TcpState::kFinWait1) state_ = TcpState::kEstablished;
  const uint32_t size = std::min(full_segment_size(layer_.output_.mtu_towards(flow_.destination)),
                                 peer_segment_size_ - (timestamps_ ? kTimestampsSize : 0));
  sender_.agree({size, sack_, ecn_});
  if (passive_) {
    passive_ = false;
    --layer_.half_open_;
    user_ = &layer_.acceptor_at(pair_.local.port).accept(*this, now);
  } else {
    user_->connected(*this, now);
  }
}

uint32_t TcpConnection::own_segment_size() const {
  const int64_t mtu = layer_.output_.mtu_towards(flow_.destination);
  const int64_t room = mtu - ip_header_size() - TcpHeader::kSize;
  const int64_t wanted = options_.maximum_segment_size.count();
  const int64_t size = wanted > 0 ? std::min(room, wanted) : room;
  return static_cast<uint32_t>(std::clamp<int64_t>(size, kLeastSegment, 65'495));
}

// The payload of a full segment within `mtu`.
uint32_t TcpConnection::full_segment_size(int64_t mtu) const {
  const int64_t room = mtu - ip_header_size() - TcpHeader::kSize;
  const int64_t size = std::min<int64_t>(room, own_segment_size());
  return static_cast<uint32_t>(std::max<int64_t>(size, kLeastSegment)) -
         (timestamps_ ? kTimestampsSize : 0);
}

// ---- incoming segments ----

void TcpConnection::receive(const TcpHeader& header, Payload payload, Ecn ecn, Time now) {
  if (state_ == TcpState::kSynSent) return receive_in_syn_sent(header, now);
  if (state_ == TcpState::kTimeWait) {
    return receive_in_time_wait(header, payload.size(), now);
  }
  if (state_ == TcpState::kClosed) return;
  const int64_t begin = remote_space_.from_wire(header.sequence, receiver_.next());
  if (!is_acceptable(header, begin, payload.size(), now)) return;
  if (header.has(TcpHeader::kRst)) return receive_reset(begin, now);
  if (header.has(TcpHeader::kSyn)) return challenge(now);
  if (!header.has(TcpHeader::kAck)) return;
  busy_ = true;
  if (take_ack(header, begin, !payload.empty(), now)) {
    if (ecn_) note_congestion(ecn, header.has(TcpHeader::kCwr));
    const bool fin = header.has(TcpHeader::kFin);
    if (!payload.empty() || fin) take_payload(begin, std::move(payload), fin, now);
    if (reading_ && receiver_.has_unread()) [[unlikely]]
      catch_up(now);
  }
  busy_ = false;
  pump(now);
}

void TcpConnection::receive_in_syn_sent(const TcpHeader& header, Time now) {
  const bool has_ack = header.has(TcpHeader::kAck);
  const bool ack_is_right = has_ack && header.acknowledgment == local_space_.to_wire(1);
  if (has_ack && !ack_is_right) {
    if (header.has(TcpHeader::kRst)) return;
    TcpHeader reset;
    reset.flags = TcpHeader::kRst;
    reset.sequence = header.acknowledgment;
    emit_empty(reset, now);
    return;
  }
  if (header.has(TcpHeader::kRst)) {
    if (has_ack) end(TcpOutcome::kRefused, now);
    return;
  }
  if (!header.has(TcpHeader::kSyn)) return;
  remote_space_ = TcpSequenceSpace(header.sequence);
  agree(header, now);
  if (!has_ack) {  // simultaneous open
    state_ = TcpState::kSynReceived;
    send_syn(now);
    return;
  }
  busy_ = true;
  TcpAck ack;
  ack.position = 1;
  ack.window = header.window;  // never scaled in a SYN
  sender_.receive_ack(ack, now);
  ack_now_ = true;
  become_established(now);
  busy_ = false;
  pump(now);
}

void TcpConnection::receive_in_time_wait(const TcpHeader& header, uint32_t size, Time now) {
  if (header.has(TcpHeader::kRst)) {
    if (header.sequence == remote_space_.to_wire(receiver_.next())) {
      end(TcpOutcome::kClosed, now);
    }
    return;
  }
  if (header.has(TcpHeader::kFin)) timer_.arm(now + options_.time_wait);
  // Whatever occupies sequence space was sent by a peer that missed our last ACK.
  if (size > 0 || header.has(TcpHeader::kFin) || header.has(TcpHeader::kSyn)) send_ack(now);
}

bool TcpConnection::is_acceptable(const TcpHeader& header, int64_t begin, uint32_t size, Time now) {
  const int64_t next = receiver_.next();
  const int64_t end = begin + size + (header.has(TcpHeader::kFin) ? 1 : 0);
  if (timestamps_ && !passes_paws(header, begin, now)) return false;
  const bool old = end < next || (end == next && begin < next);
  const bool beyond = begin > next && begin >= receiver_.edge();
  if (!old && !beyond) return true;
  if (header.has(TcpHeader::kRst)) return false;
  if (end == begin) {
    challenge(now);
    // An empty segment from before is a probe, or an ACK that was overtaken.
    return false;
  }
  if (old) {  // a retransmission of what we have: the ACK was lost, or too slow
    receiver_.receive(begin, Payload::of_stream(0, 0, size), header.has(TcpHeader::kFin));
  }
  ack_now_ = true;
  pump(now);
  return false;
}

// RFC 7323 section 5.3, and the update of TS.Recent of section 4.3.
bool TcpConnection::passes_paws(const TcpHeader& header, int64_t begin, Time now) {
  if (!header.timestamps) return header.has(TcpHeader::kRst);
  const auto newer = static_cast<int32_t>(header.timestamps->value - timestamp_recent_);
  if (newer < 0 && now - timestamp_recent_at_ < kPawsLimit && !header.has(TcpHeader::kRst)) {
    challenge(now);
    return false;
  }
  if (begin <= last_ack_sent_ && !header.has(TcpHeader::kRst)) {
    timestamp_recent_ = header.timestamps->value;
    timestamp_recent_at_ = now;
  }
  return true;
}

// RFC 5961 section 3: only the exact sequence number resets.
void TcpConnection::receive_reset(int64_t begin, Time now) {
  if (begin != receiver_.next()) return challenge(now);
  const bool refused = !established_ && !passive_;
  end(refused ? TcpOutcome::kRefused : TcpOutcome::kReset, now);
}

bool TcpConnection::take_ack(const TcpHeader& header, int64_t begin, bool has_payload, Time now) {
  TcpAck ack;
  ack.position = local_space_.from_wire(header.acknowledgment, sender_.una());
  if (ack.position > sender_.nxt()) {  // acknowledges what was never sent
    challenge(now);
    return false;
  }
  if (ack.position < sender_.una()) {
    // Overtaken by a later one: its data are good, its acknowledgment says nothing.
    return established_;
  }
  ack.sequence = begin;
  ack.window = int64_t{header.window} << send_shift_;
  ack.has_payload = has_payload;
  ack.congestion_echo = header.has(TcpHeader::kEce);
  if (timestamps_ && header.timestamps) {
    const uint32_t age = timestamp(now) - header.timestamps->echo;
    if (age < uint32_t{1} << 31) {
      ack.echoed =
          Time::from_ns((tcp_timestamp_of(now) - age) * (int64_t{1} << kTcpTimestampShift));
    }
  }
  if (sack_) {
    for (int i = 0; i < header.sack_count; ++i) {
      ack.sacks[ack.sack_count++] = {
          local_space_.from_wire(header.sack_blocks[i].begin, ack.position),
          local_space_.from_wire(header.sack_blocks[i].end, ack.position)};
    }
  }
  const bool was_outstanding = !sender_.all_acknowledged();
  sender_.receive_ack(ack, now);
  if (!established_) {
    if (sender_.una() < 1) return false;
    become_established(now);
  } else {
    note_acknowledged(was_outstanding, now);
  }
  return state_ != TcpState::kClosed;
}

// Tells the user, and moves on when our FIN was acknowledged.
void TcpConnection::note_acknowledged(bool was_outstanding, Time now) {
  if (starved_ && sender_.room() >= options_.send_buffer.count() / 3 && user_ != nullptr) {
    starved_ = false;
    user_->writable(*this, now);
  }
  if (was_outstanding && sender_.all_acknowledged() && user_ != nullptr) {
    user_->all_acknowledged(*this, now);
  }
  if (!sender_.fin_sent() || !sender_.fin_acknowledged()) return;
  if (state_ == TcpState::kFinWait1) {
    state_ = TcpState::kFinWait2;
  } else if (state_ == TcpState::kClosing) {
    enter_time_wait(now);
  } else if (state_ == TcpState::kLastAck) {
    end(TcpOutcome::kClosed, now);
  }
}

// RFC 3168 section 6.1.3.
void TcpConnection::note_congestion(Ecn ecn, bool reduced) {
  if (reduced) echo_congestion_ = false;
  if (ecn == Ecn::kCongestion) echo_congestion_ = true;
}

void TcpConnection::take_payload(int64_t begin, Payload payload, bool fin, Time now) {
  const auto urgency = receiver_.receive(begin, std::move(payload), fin);
  if (urgency == TcpReceiver::Acknowledge::kNow) {
    ack_now_ = true;
  } else if (urgency == TcpReceiver::Acknowledge::kLater && !ack_timer_.armed()) {
    ack_timer_.arm(now + options_.ack_delay);
  }
  deliver(now);
}

void TcpConnection::deliver(Time now) {
  while (reading_ && receiver_.has_unread()) {
    const int64_t offset = receiver_.offset();
    const Payload payload = receiver_.take();
    if (user_ != nullptr) user_->received(*this, payload, offset, now);
    if (state_ == TcpState::kClosed) return;
  }
  if (receiver_.fin_received() && !fin_noted_ && !receiver_.has_unread()) note_fin(now);
}

void TcpConnection::note_fin(Time now) {
  fin_noted_ = true;
  const bool ours_acknowledged = sender_.fin_sent() && sender_.fin_acknowledged();
  if (state_ == TcpState::kEstablished || state_ == TcpState::kSynReceived) {
    state_ = TcpState::kCloseWait;
  } else if (state_ == TcpState::kFinWait1 && !ours_acknowledged) {
    state_ = TcpState::kClosing;
  }
  if (user_ != nullptr) user_->peer_closed(*this, now);
  if (state_ == TcpState::kFinWait2) enter_time_wait(now);
}

void TcpConnection::challenge(Time now) {
  if (now < next_challenge_) return;
  next_challenge_ = now + kChallengeInterval;
  send_ack(now);
}

// ---- closing ----

void TcpConnection::enter_time_wait(Time now) {
  send_ack(now);
  ack_now_ = false;
  state_ = TcpState::kTimeWait;
  sender_.stop();
  receiver_.stop();
  ack_timer_.cancel();
  if (user_ != nullptr) std::exchange(user_, nullptr)->closed(*this, TcpOutcome::kClosed, now);
  if (layer_.time_waits_ >= TcpLayer::kTimeWaitMax || options_.time_wait <= Duration()) {
    state_ = TcpState::kClosed;
    timer_.cancel();
    layer_.bury(*this, now);
    return;
  }
  ++layer_.time_waits_;
  timer_.arm(now + options_.time_wait);
}

void TcpConnection::end(TcpOutcome outcome, Time now) {
  if (state_ == TcpState::kClosed) return;
  if (state_ == TcpState::kTimeWait) --layer_.time_waits_;
  if (passive_) --layer_.half_open_;
  state_ = TcpState::kClosed;
  sender_.stop();
  receiver_.stop();
  timer_.cancel();
  ack_timer_.cancel();
  if (user_ != nullptr) std::exchange(user_, nullptr)->closed(*this, outcome, now);
  layer_.bury(*this, now);
}

// ---- timers and ICMP ----

void TcpConnection::expire(Timer& timer, Time now) {
  if (&timer == &ack_timer_) {
    send_ack(now);
    return;
  }
  if (state_ == TcpState::kTimeWait) {
    end(TcpOutcome::kClosed, now);
    return;
  }
  adopt_path_mtu();
  sender_.expire(now);
  if (sender_.failed()) {
    end(soft_error_ ? TcpOutcome::kUnreachable : TcpOutcome::kTimedOut, now);
    return;
  }
  pump(now);
}

// The node may know a smaller path MTU from another connection's packets while the error about ours
// was lost: what is repaired must fit, or it would be dropped before it left the node.
void TcpConnection::adopt_path_mtu() {
  if (state_ == TcpState::kSynSent) return;
  sender_.shrink_segments(full_segment_size(layer_.output_.mtu_towards(flow_.destination)));
}

void TcpConnection::fragmentation_needed(uint32_t sequence, int64_t mtu, Time now) {
  const int64_t position = local_space_.from_wire(sequence, sender_.una());
  if (position < sender_.una() || position >= sender_.nxt() || state_ == TcpState::kSynSent) return;
  const int64_t least = pair_.local.address.is_v6() ? kLeastMtuV6 : kLeastMtu;
  sender_.shrink_segments(full_segment_size(std::max(mtu, least)));
  pump(now);
}

void TcpConnection::unreachable(uint32_t sequence) {
  const int64_t position = local_space_.from_wire(sequence, sender_.una());
  if (position >= sender_.una() && position < sender_.nxt()) soft_error_ = true;
}

// ---- outgoing segments ----

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
  if (scale) header.window_scale = static_cast<uint8_t>(shift_for(options_.receive_buffer));
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
