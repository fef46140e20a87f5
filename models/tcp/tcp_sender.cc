#include "models/tcp/tcp_sender.hh"

#include <algorithm>

// Beginning, end and timers. What an ACK changes is in tcp_sender_input.cc, which segment comes
// next in tcp_sender_output.cc.

namespace violin {
namespace {

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
      window_.slow_start_threshold = congestion_->threshold_after_loss(window_);
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
  if (recovery_.open())
    recovery_.repair({window_.congestion_window, nxt_, window_.congestion_window});
}

}  // namespace violin
