#include <utility>

#include "models/tcp/tcp_connection.hh"
#include "models/tcp/tcp_layer.hh"

// Incoming segments, in the order of RFC 9293 section 3.10.7.

namespace violin {
namespace {

// Challenge ACKs and answers to unacceptable empty segments are at least this far apart, so that
// two confused ends cannot answer each other for ever (Linux's tcp_invalid_ratelimit).
constexpr Duration kChallengeInterval = Duration::milliseconds(500);
// RFC 7323 section 5.5: a timestamp older than 24 days proves nothing.
constexpr Duration kPawsLimit = Duration::seconds(24 * 24 * 3600);

}  // namespace

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

}  // namespace violin
