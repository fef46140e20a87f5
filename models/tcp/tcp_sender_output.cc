#include <algorithm>
#include <utility>

#include "models/tcp/tcp_sender.hh"

// Which segment comes next: repairs before new data, within both windows.

namespace violin {

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

// Sender's silly window avoidance (RFC 1122 section 4.2.3.4) and Nagle's algorithm. What the peer's
// window cuts short goes out unless another short segment is on its way, as in Linux (Minshall's
// rule): a small window is used to the last byte.
bool TcpSender::silly(int64_t length, int64_t pending, bool forced) const {
  if (length >= window_.segment_size || forced) return false;
  if (length < pending) return small_end_ > una_;
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
  if (length < window_.segment_size) small_end_ = end;
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

}  // namespace violin
