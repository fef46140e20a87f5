#include "models/tcp/tcp_sender.hh"

#include <algorithm>
#include <utility>

#include "core/check.hh"

namespace violin {
namespace {

constexpr int kDuplicateThreshold = 3;
// RFC 8985 section 7.2: the probe of a lone segment waits for the receiver's delayed ACK too.
constexpr Duration kDelayedAckMax = Duration::milliseconds(200);
constexpr Duration kProbeWithoutSample = Duration::seconds(1);
// So that a probe never comes at the same instant as the ACK it fears for (two Linux jiffies).
constexpr Duration kProbeMargin = Duration::milliseconds(2);

}  // namespace

TcpSender::TcpSender(const TcpOptions& options)
    : buffer_(options.send_buffer.count()),
      rtt_(options.timeout_rule, options.timeout_initial, options.timeout_max),
      congestion_(make_congestion_control(options.congestion)),
      options_(options) {
  agree({});
}

void TcpSender::agree(const Agreement& agreement) {
  window_.segment_size = agreement.segment_size;
  sack_ = agreement.sack;
  ecn_ = agreement.ecn;
  // RFC 5681 section 3.1: a lost SYN says that the path is no good.
  const int segments = counters_.timeouts > 0 ? 1 : options_.initial_window_segments;
  window_.congestion_window = segments * window_.segment_size;
  counters_.window_max = window_.congestion_window;
}

void TcpSender::start(Time now) {
  scoreboard_.append(0, 1, now);
  nxt_ = 1;
  last_sent_ = now;
  timeout_at_ = now + rtt_.timeout();
  ++counters_.segments;
}

void TcpSender::discard_unsent() {
  if (fin_sent()) return;
  buffer_.truncate(std::max<int64_t>(std::min(nxt_, buffer_.end()), 1));
}

void TcpSender::stop() {
  buffer_.clear();
  scoreboard_ = TcpScoreboard();
  timeout_at_ = probe_at_ = reordering_at_ = Time::never();
  forced_ = Forced::kNothing;
}

// RFC 9293 section 3.10.7.4: old segments do not change the window.
void TcpSender::update_window(const TcpAck& ack) {
  if (ack.sequence < window_sequence_ ||
      (ack.sequence == window_sequence_ && ack.position < window_ack_)) {
    return;
  }
  window_sequence_ = ack.sequence;
  window_ack_ = ack.position;
  window_edge_ = ack.position + ack.window;
  window_max_ = std::max(window_max_, ack.window);
}

void TcpSender::receive_ack(const TcpAck& ack, Time now) {
  CHECK_COMPARE(ack.position, >=, una_);
  CHECK_COMPARE(ack.position, <=, nxt_);
  const int64_t lost_before = scoreboard_.lost();
  TcpDelivery delivery;
  if (ack.position > una_) {
    scoreboard_.acknowledge(ack.position, delivery);
    una_ = ack.position;
    buffer_.release_until(std::max<int64_t>(std::min(una_, buffer_.end()), 1));
    doublings_ = 0;
  }
  retries_ = 0;
  if (sack_) {
    if (ack.sack_count > 0) take_sacks(ack, delivery);
  } else {
    count_duplicates(ack, delivery);
  }
  update_window(ack);

  const Duration rtt = sample_rtt(ack, delivery, now);
  const bool undone = undo_if_spurious(ack, delivery);
  if (sack_) {
    rack_.learn(delivery, ack.echoed, rtt_.minimum(), now);
    if (scoreboard_.sacked_segments() > 0 || scoreboard_.has_retransmissions()) {
      detect_losses(now);
    }
    if (rack_.probe_end() >= 0) judge_tail_probe(ack, delivery);
  }
  if (ack.congestion_echo && ecn_ && recovery_.open()) {
    ++counters_.reductions_by_mark;
    reduce_window();
    announce_reduction_ = true;
  }
  if (!undone) advance_recovery(delivery, lost_before);
  if (delivery.acknowledged > 0 &&
      (recovery_.open() || recovery_.state() == TcpRecovery::State::kTimedOut)) {
    grow({delivery.acknowledged, una_, nxt_, rtt, rtt_.smoothed(), now});
  }
  if (delivery.acknowledged > 0) restart_timers(now);
}

void TcpSender::take_sacks(const TcpAck& ack, TcpDelivery& delivery) {
  std::array<TcpAck::Range, 4> fresh;
  int count = 0;
  for (int i = 0; i < ack.sack_count; ++i) {
    const TcpAck::Range& block = ack.sacks[i];
    const bool duplicate = i == 0 && (block.end <= ack.position ||
                                      (ack.sack_count > 1 && block.begin >= ack.sacks[1].begin &&
                                       block.end <= ack.sacks[1].end));
    if (duplicate) {  // DSACK (RFC 2883)
      rack_.learn_duplicate(una_, nxt_);
      if (rack_.probe_end() >= 0 && rack_.probe_was_retransmission() &&
          block.end == rack_.probe_end()) {
        rack_.probe_done();
      }
      continue;
    }
    // A block that the last ACK had too tells nothing new.
    if (std::find(known_sacks_.begin(), known_sacks_.end(), block) == known_sacks_.end()) {
      fresh[count++] = block;
    }
  }
  known_sacks_ = ack.sacks;
  // In order of position, so that one ACK with several new blocks does not look like reordering.
  for (; count > 0; --count) {
    int least = 0;
    for (int i = 1; i < count; ++i) {
      if (fresh[i].begin < fresh[least].begin) least = i;
    }
    scoreboard_.sack(fresh[least].begin, fresh[least].end, delivery);
    fresh[least] = fresh[count - 1];
  }
}

// RFC 5681 and 6582, for a peer without SACK: each duplicate ACK stands for a segment.
void TcpSender::count_duplicates(const TcpAck& ack, TcpDelivery& delivery) {
  if (delivery.acknowledged > 0) {
    delivery.delivered = std::max<int64_t>(delivery.acknowledged - duplicate_bytes_, 0);
    duplicate_bytes_ = std::clamp<int64_t>(duplicate_bytes_ - delivery.acknowledged, 0,
                                           std::max<int64_t>(scoreboard_.in_flight(), 0));
    duplicate_acks_ = 0;
    // A partial ACK: the next segment is lost too.
    if (recovery_.state() == TcpRecovery::State::kRepairing && una_ < recovery_.point()) {
      scoreboard_.mark_first_lost();
      duplicate_bytes_ = std::min(duplicate_bytes_, scoreboard_.in_flight());
      forced_ = Forced::kRetransmission;
    }
    return;
  }
  const bool duplicate = !ack.has_payload && !scoreboard_.empty() && ack.position == una_ &&
                         ack.position + ack.window == window_edge_;
  if (!duplicate) return;
  ++duplicate_acks_;
  const int64_t part = std::min(window_.segment_size, pipe() - scoreboard_.first().length);
  if (part > 0) {
    duplicate_bytes_ += part;
    delivery.delivered += part;
  }
  // Not again for what was outstanding at the last loss (RFC 6582 section 3.2, step 2).
  if (duplicate_acks_ == kDuplicateThreshold && recovery_.open() && una_ >= recovery_.point()) {
    scoreboard_.mark_first_lost();
    duplicate_bytes_ = std::min(duplicate_bytes_, scoreboard_.in_flight());
  }
}

Duration TcpSender::sample_rtt(const TcpAck& ack, const TcpDelivery& delivery, Time now) {
  Duration rtt;
  if (!delivery.retransmission_delivered && delivery.newest_original_sent != Time::beginning()) {
    rtt = now - delivery.newest_original_sent;
  } else if (delivery.acknowledged > 0 && ack.echoed != Time::beginning()) {
    rtt = now - ack.echoed;
  } else {
    return Duration();
  }
  rtt_.sample(rtt, now);
  return rtt;
}

void TcpSender::detect_losses(Time now) {
  const bool impatient = !recovery_.open() || scoreboard_.sacked_segments() >= kDuplicateThreshold;
  reordering_at_ =
      scoreboard_.mark_lost(rack_.point(impatient, {rtt_.minimum(), rtt_.smoothed()}, now));
}

// RFC 8985 section 7.4.
void TcpSender::judge_tail_probe(const TcpAck& ack, const TcpDelivery& delivery) {
  if (ack.position < rack_.probe_end()) return;
  if (!rack_.probe_was_retransmission()) {
    rack_.probe_done();
  } else if (ack.position > rack_.probe_end()) {
    rack_.probe_done();
    if (recovery_.open()) reduce_window();  // the probe repaired a loss
  } else if (delivery.acknowledged == 0 && ack.sack_count == 0 && !ack.has_payload) {
    rack_.probe_done();  // both copies arrived, at a receiver without DSACK
  }
}

bool TcpSender::undo_if_spurious(const TcpAck& ack, const TcpDelivery& delivery) {
  const TcpRecovery::Undo& undo = recovery_.undo();
  if (!undo.possible || delivery.acknowledged == 0 || ack.echoed == Time::beginning() ||
      undo.first_retransmission == Time::never()) {
    return false;
  }
  // Eifel: this ACK answers a segment sent before the first retransmission.
  if (tcp_timestamp_of(ack.echoed) >= tcp_timestamp_of(undo.first_retransmission)) return false;
  window_.congestion_window = std::max(window_.congestion_window, undo.window);
  window_.slow_start_threshold = std::max(window_.slow_start_threshold, undo.threshold);
  congestion_->undo();
  scoreboard_.revert_losses();
  recovery_.forget();
  recovery_.finish();
  forced_ = Forced::kNothing;
  ++counters_.undone;
  return true;
}

void TcpSender::advance_recovery(const TcpDelivery& delivery, int64_t lost_before) {
  const bool lost_more = scoreboard_.lost() > lost_before;
  if (!recovery_.open() && una_ >= recovery_.point()) leave_recovery();
  const bool can_repair = recovery_.open() || recovery_.state() == TcpRecovery::State::kReducing;
  if (can_repair && scoreboard_.lost() > 0) enter_recovery();
  if (recovery_.reducing() && delivery.delivered > 0) {
    window_.congestion_window =
        recovery_.window_after({delivery.delivered, pipe(), window_.segment_size,
                                delivery.acknowledged > 0 && !lost_more});
  }
}

void TcpSender::enter_recovery() {
  if (recovery_.open()) {
    recovery_.remember({window_.congestion_window, window_.slow_start_threshold}, una_);
    window_.slow_start_threshold = congestion_->threshold_after_loss(window_, nxt_ - una_);
    announce_reduction_ = ecn_;
  }
  recovery_.repair({una_, nxt_, window_.slow_start_threshold});
  forced_ = Forced::kRetransmission;
  probe_at_ = Time::never();
  ++counters_.recoveries;
}

void TcpSender::reduce_window() {
  window_.slow_start_threshold = congestion_->threshold_after_loss(window_, nxt_ - una_);
  recovery_.forget();
  recovery_.reduce({una_, nxt_, window_.slow_start_threshold});
}

void TcpSender::leave_recovery() {
  if (recovery_.reducing()) {
    // What was walked down to (RFC 6937).
    window_.congestion_window = std::max(recovery_.threshold(), window_.segment_size);
  }
  duplicate_acks_ = 0;
  recovery_.forget();
  recovery_.finish();
  rack_.recovery_ended();
}

void TcpSender::grow(const TcpGrowth& growth) {
  if (growth.una - growth.bytes >= limited_until_) return;  // RFC 7661's concern: unused window
  congestion_->grow(window_, growth);
  counters_.window_max = std::max(counters_.window_max, window_.congestion_window);
}

void TcpSender::restart_timers(Time now) {
  if (scoreboard_.empty()) {
    timeout_at_ = probe_at_ = reordering_at_ = Time::never();
    return;
  }
  timeout_at_ = now + rtt_.timeout();
  arm_probe(now);
}

// RFC 8985 section 7.2.
void TcpSender::arm_probe(Time now) {
  probe_at_ = Time::never();
  if (!sack_ || !options_.tail_loss_probe || rack_.probe_end() >= 0 || !recovery_.open() ||
      scoreboard_.sacked() > 0 || scoreboard_.lost() > 0 || una_ == 0) {
    return;
  }
  Duration wait = kProbeWithoutSample;
  if (rtt_.has_sample()) {
    wait = rtt_.smoothed() * 2 + (scoreboard_.segments() == 1 ? kDelayedAckMax : kProbeMargin);
  }
  probe_at_ = std::min(now + wait, timeout_at_);
}

Time TcpSender::deadline() const {
  return std::min(timeout_at_, std::min(probe_at_, reordering_at_));
}

std::optional<TcpTransmission> TcpSender::next(Time now) {
  if (forced_ == Forced::kWindowProbe) [[unlikely]] {
    forced_ = Forced::kNothing;
    ++counters_.window_probes;
    TcpTransmission probe;
    probe.position = una_ - 1;
    probe.window_probe = true;
    return probe;
  }
  if (forced_ == Forced::kTailProbe) [[unlikely]]
    return tail_probe(now);
  if (scoreboard_.lost() > 0) [[unlikely]] {
    if (auto repair = next_repair(now)) return repair;
    return std::nullopt;
  }
  return next_new(now);
}

TcpTransmission TcpSender::transmit(int64_t begin, int64_t end) {
  TcpTransmission out;
  out.position = begin;
  out.syn = begin == 0;
  out.fin = closing_ && end > buffer_.end();
  out.length = static_cast<uint32_t>(std::min(end, buffer_.end()) - std::max<int64_t>(begin, 1));
  out.push = out.length > 0 && end >= buffer_.end();
  ++counters_.segments;
  if (recovery_.reducing()) recovery_.sent(end - begin);
  return out;
}

TcpTransmission TcpSender::send_again(const TcpScoreboard::Segment& segment, Time now) {
  scoreboard_.retransmitted(segment, now);
  recovery_.retransmitted(segment.end(), now);
  ++counters_.retransmissions;
  last_sent_ = now;
  if (timeout_at_ == Time::never()) timeout_at_ = now + rtt_.timeout_after(doublings_);
  TcpTransmission out = transmit(segment.begin, segment.begin + segment.length);
  if (out.syn) out.length = 0;
  out.retransmission = true;
  return out;
}

std::optional<TcpTransmission> TcpSender::next_repair(Time now) {
  const TcpScoreboard::Segment segment = scoreboard_.first_lost();
  const bool forced = forced_ == Forced::kRetransmission;
  if (!forced && pipe() + segment.length > window_.congestion_window) return std::nullopt;
  forced_ = Forced::kNothing;
  return send_again(segment, now);
}

// Sender's silly window avoidance (RFC 1122 section 4.2.3.4) and Nagle's algorithm.
bool TcpSender::silly(int64_t length, int64_t pending, bool forced) const {
  if (length >= window_.segment_size || forced) return false;
  if (length < pending) return length < window_max_ / 2;
  return options_.nagle && !closing_ && !scoreboard_.empty();
}

std::optional<TcpTransmission> TcpSender::next_new(Time now) {
  window_blocked_ = false;
  const bool forced = std::exchange(forced_, Forced::kNothing) == Forced::kOverride;
  const int64_t pending = buffer_.end() - nxt_;
  const bool fin_pending = closing_ && pending >= 0;
  if (pending <= 0 && !fin_pending) return std::nullopt;
  const int64_t usable = window_edge_ - nxt_;
  const int64_t length = std::min(std::min(pending, window_.segment_size), usable);
  const bool nothing_fits = usable <= 0;
  if (nothing_fits || (pending > 0 && silly(length, pending, forced))) {
    window_blocked_ = nothing_fits || length < pending;
    if (window_blocked_ && scoreboard_.empty() && timeout_at_ == Time::never()) {
      timeout_at_ = now + rtt_.timeout_after(doublings_);
    }
    return std::nullopt;
  }
  if (scoreboard_.empty()) restart_after_idle(now);
  if (pipe() + length > window_.congestion_window && !forced && !scoreboard_.empty()) {
    limited_until_ = nxt_ + 1;
    return std::nullopt;
  }
  const bool fin = fin_pending && length == pending && usable > length;
  const int64_t end = nxt_ + length + (fin ? 1 : 0);
  scoreboard_.append(nxt_, static_cast<uint32_t>(end - nxt_), now);
  const int64_t begin = nxt_;
  nxt_ = end;
  last_sent_ = now;
  if (timeout_at_ == Time::never()) timeout_at_ = now + rtt_.timeout_after(doublings_);
  arm_probe(now);
  TcpTransmission out = transmit(begin, end);
  out.window_reduced = announce_reduction_ && length > 0;
  if (out.window_reduced) announce_reduction_ = false;
  return out;
}

// RFC 2861: a window that was not used for a while says little about the path now.
void TcpSender::restart_after_idle(Time now) {
  if (last_sent_ == Time::beginning()) return;
  const Duration idle = now - last_sent_;
  timeout_at_ = Time::never();  // a persist timer that is not needed any more
  doublings_ = 0;
  if (idle < rtt_.timeout()) return;
  congestion_->resumed(idle);
  if (!options_.slow_start_after_idle) return;
  const int64_t restart =
      std::min(window_.congestion_window, options_.initial_window_segments * window_.segment_size);
  window_.slow_start_threshold =
      std::max(window_.slow_start_threshold, window_.congestion_window * 3 / 4);
  for (Duration left = idle; left >= rtt_.timeout() && window_.congestion_window > restart;
       left -= rtt_.timeout()) {
    window_.congestion_window = std::max(window_.congestion_window / 2, restart);
  }
}

std::optional<TcpTransmission> TcpSender::tail_probe(Time now) {
  forced_ = Forced::kOverride;
  ++counters_.tail_probes;
  std::optional<TcpTransmission> probe = next_new(now);
  if (!probe) {
    const TcpScoreboard::Segment last = scoreboard_.last_unsacked();
    if (last.exists()) probe = send_again(last, now);
  }
  if (probe) rack_.probe_sent(nxt_, probe->retransmission);
  probe_at_ = Time::never();
  timeout_at_ = now + rtt_.timeout_after(doublings_);
  return probe;
}

void TcpSender::expire(Time now) {
  if (reordering_at_ <= now) {
    reordering_at_ = Time::never();
    const int64_t lost_before = scoreboard_.lost();
    detect_losses(now);
    advance_recovery({}, lost_before);
  }
  if (probe_at_ <= now) {
    probe_at_ = Time::never();
    if (recovery_.open() && !scoreboard_.empty()) {
      forced_ = Forced::kTailProbe;
      timeout_at_ = std::max(timeout_at_, now + Duration::nanoseconds(1));
    }
  }
  if (timeout_at_ <= now) {
    if (scoreboard_.empty()) {
      expire_persist(now);
    } else {
      time_out(now);
    }
  }
}

void TcpSender::expire_persist(Time now) {
  timeout_at_ = Time::never();
  if (!window_blocked_) return;
  if (++retries_ > options_.data_retries) {
    failed_ = true;
    return;
  }
  ++doublings_;
  forced_ = window_edge_ > nxt_ ? Forced::kOverride : Forced::kWindowProbe;
  timeout_at_ = now + rtt_.timeout_after(doublings_);
}

void TcpSender::time_out(Time now) {
  const int retries_max = una_ == 0 ? options_.syn_retries : options_.data_retries;
  if (++retries_ > retries_max) {
    failed_ = true;
    timeout_at_ = Time::never();
    return;
  }
  ++counters_.timeouts;
  ++doublings_;
  if (una_ > 0) shrink_window_after_timeout();
  duplicate_bytes_ = 0;
  duplicate_acks_ = 0;
  recovery_.time_out(nxt_);
  rack_.probe_done();
  probe_at_ = reordering_at_ = Time::never();
  known_sacks_ = {};
  const Duration patience = rack_.patience(true, {rtt_.minimum(), rtt_.smoothed()});
  // A sacked first segment means that the receiver forgot it; a second timeout trusts nobody.
  const bool forget = !sack_ || doublings_ > 1;
  scoreboard_.mark_lost_by_timeout({now - patience, forget});
  forced_ = Forced::kRetransmission;
  timeout_at_ = now + rtt_.timeout_after(doublings_);
}

void TcpSender::shrink_window_after_timeout() {
  if (recovery_.state() != TcpRecovery::State::kTimedOut) {
    if (recovery_.open()) {
      recovery_.remember({window_.congestion_window, window_.slow_start_threshold}, una_);
      window_.slow_start_threshold = congestion_->threshold_after_loss(window_, nxt_ - una_);
    }
    congestion_->timed_out();
  }
  announce_reduction_ = ecn_;
  window_.congestion_window = window_.segment_size;
  limited_until_ = nxt_;  // until then the window is what holds us back
}

void TcpSender::shrink_segments(uint32_t segment_size) {
  if (segment_size >= window_.segment_size) return;
  window_.segment_size = segment_size;
  scoreboard_.resegment(segment_size);
  duplicate_bytes_ = 0;
  if (scoreboard_.lost() == 0) return;
  forced_ = Forced::kRetransmission;
  // What was too long for the path says nothing about congestion: repair without reduction.
  if (recovery_.open()) recovery_.repair({una_, nxt_, window_.congestion_window});
}

}  // namespace violin
