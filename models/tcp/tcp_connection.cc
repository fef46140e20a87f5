#include "models/tcp/tcp_connection.hh"

#include <algorithm>
#include <utility>

#include "models/tcp/tcp_layer.hh"

// What the user does, opening, closing, timers and ICMP. Incoming segments are in
// tcp_connection_input.cc, outgoing ones in tcp_connection_output.cc.

namespace violin {
namespace {

// The least MTU that an ICMP error makes us believe in (Linux's min_pmtu; RFC 8200 for IPv6).
constexpr int64_t kLeastMtu = 552;
constexpr int64_t kLeastMtuV6 = 1'280;
constexpr uint32_t kLeastSegment = 64;

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
  receive_shift_ = static_cast<int8_t>(scaled_ ? options_.window_shift() : 0);
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
  const uint32_t size =
      std::min(full_segment_size(layer_.output_.mtu_towards(flow_.destination)),
               peer_segment_size_ - (timestamps_ ? TcpHeader::kTimestampsSize : 0));
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
         (timestamps_ ? TcpHeader::kTimestampsSize : 0);
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

}  // namespace violin
