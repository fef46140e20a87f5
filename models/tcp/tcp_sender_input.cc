#include <algorithm>

#include "core/check.hh"
#include "models/tcp/tcp_sender.hh"

// What an ACK changes: the window, the scoreboard, the estimate of the round trip, recovery.

namespace violin {
namespace {

constexpr int kDuplicateThreshold = 3;

}  // namespace

// RFC 9293 section 3.10.7.4: old segments do not change the window.
void TcpSender::update_window(const TcpAck& ack) {
  if (ack.sequence < window_sequence_ ||
      (ack.sequence == window_sequence_ && ack.position < window_ack_)) {
    return;
  }
  window_sequence_ = ack.sequence;
  window_ack_ = ack.position;
  window_edge_ = ack.position + ack.window;
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
  // A window that was not used does not grow (RFC 7661's concern).
  const bool was_limited = una_ - delivery.acknowledged < limited_until_;
  if (delivery.acknowledged > 0 && was_limited && !recovery_.reducing()) {
    grow({delivery.delivered, una_, nxt_, rtt, rtt_.smoothed(), now});
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
    // One segment of them is the repair, which no duplicate ACK stood for; the others are those
    // that duplicate ACKs announced, as far as these reach.
    const int64_t repair = std::min(delivery.acknowledged, window_.segment_size);
    delivery.delivered = std::max(delivery.acknowledged - duplicate_bytes_, repair);
    duplicate_bytes_ = std::clamp<int64_t>(duplicate_bytes_ - (delivery.acknowledged - repair), 0,
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
  Duration rtt, longest;
  if (!delivery.retransmission_delivered && delivery.newest_original_sent != Time::beginning()) {
    rtt = now - delivery.newest_original_sent;
    longest = now - delivery.first_original_sent;
  } else if (delivery.acknowledged > 0 && ack.echoed != Time::beginning()) {
    rtt = longest = now - ack.echoed;
  } else {
    return Duration();
  }
  rtt_.sample({longest, rtt}, now);
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
  scoreboard_.revert_losses();
  // The hole was filled by what had been overtaken (Linux's tcp_try_undo_partial).
  if (recovery_.reducing() && una_ < recovery_.point()) rack_.learn_reordering();
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
    window_.slow_start_threshold = congestion_->threshold_after_loss(window_);
    announce_reduction_ = ecn_;
  }
  recovery_.repair({window_.congestion_window, nxt_, window_.slow_start_threshold});
  forced_ = Forced::kRetransmission;
  probe_at_ = Time::never();
  ++counters_.recoveries;
}

void TcpSender::reduce_window() {
  window_.slow_start_threshold = congestion_->threshold_after_loss(window_);
  recovery_.forget();
  recovery_.reduce({window_.congestion_window, nxt_, window_.slow_start_threshold});
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
  congestion_->grow(window_, growth);
  counters_.window_max = std::max(counters_.window_max, window_.congestion_window);
}

}  // namespace violin
