#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "core/payload.hh"
#include "core/time.hh"
#include "models/tcp/tcp_congestion.hh"
#include "models/tcp/tcp_options.hh"
#include "models/tcp/tcp_rack.hh"
#include "models/tcp/tcp_recovery.hh"
#include "models/tcp/tcp_rtt_estimator.hh"
#include "models/tcp/tcp_scoreboard.hh"
#include "models/tcp/tcp_send_buffer.hh"

namespace violin {

// What an incoming segment says to the sender, in positions (see tcp_sequence.hh).
struct TcpAck {
  struct Range {
    int64_t begin = 0;
    int64_t end = 0;
    bool operator==(const Range&) const = default;
  };
  int64_t position = 0;  // everything before it has arrived
  int64_t sequence = 0;  // of the segment: orders window updates (SND.WL1)
  int64_t window = 0;    // bytes, scaled
  std::array<Range, 4> sacks;
  int sack_count = 0;
  Time echoed = Time::beginning();  // when the echoed timestamp was made; beginning() = none
  bool congestion_echo = false;     // ECE
  bool has_payload = false;         // then it is no duplicate ACK
};

// One segment that the sender wants sent now.
struct TcpTransmission {
  int64_t position = 0;
  uint32_t length = 0;  // of the payload
  bool syn = false;
  bool fin = false;
  bool push = false;            // nothing more is waiting
  bool window_reduced = false;  // CWR
  bool retransmission = false;
  bool window_probe = false;  // empty, one position before the window: asks for an ACK
};

// What a sender has done so far, for reports.
struct TcpSenderCounters {
  uint64_t segments = 0;  // with SYN, data or FIN, retransmissions included
  uint64_t retransmissions = 0;
  uint64_t timeouts = 0;
  uint64_t tail_probes = 0;
  uint64_t window_probes = 0;
  uint64_t recoveries = 0;
  uint64_t reductions_by_mark = 0;  // ECN
  uint64_t undone = 0;              // reductions found to be spurious
  int64_t window_max = 0;           // of the congestion window, bytes
};

// The sending half of a connection: which bytes to send when. It is pulled: after anything happened
// the connection asks next() until there is nothing, then looks at deadline().
//
// Loss detection and repair by RACK-TLP (RFC 8985); without SACK by three duplicate ACKs (RFC
// 6582). Recovery by proportional rate reduction (RFC 6937); spurious repairs are noticed by
// timestamps (Eifel, RFC 3522) and undone. RTO by RFC 6298, limited transmit (RFC 3042) follows
// from the pipe. Zero windows are probed with an empty segment, as Linux does, rather than with a
// byte that the receiver must throw away.
class TcpSender {
 public:
  explicit TcpSender(const TcpOptions& options);

  // What the handshake agreed on. `segment_size` is what a full segment carries.
  struct Agreement {
    uint32_t segment_size = 536;
    bool sack = false;
    bool ecn = false;
  };
  void agree(const Agreement& agreement);
  // Sends the SYN.
  void start(Time now);

  int64_t write(const Payload& payload) { return closing_ ? 0 : buffer_.append(payload); }
  int64_t room() const { return closing_ ? 0 : buffer_.room(); }
  // A FIN follows the last byte written.
  void finish() { closing_ = true; }
  // Takes back what was written and not yet sent.
  void discard_unsent();
  // Lets go of all memory: nothing is to be sent any more.
  void stop();

  // ack.position must be in [una(), nxt()].
  void receive_ack(const TcpAck& ack, Time now);
  // The next segment to send at this moment, counted as sent.
  std::optional<TcpTransmission> next(Time now);
  Payload slice(const TcpTransmission& transmission, BufferPools& pools) {
    return buffer_.slice(transmission.position, transmission.length, pools);
  }
  // When expire() is to be called; never() when not at all.
  Time deadline() const;
  void expire(Time now);
  // The path takes less than was thought: what is in flight in larger segments is sent again.
  void shrink_segments(uint32_t segment_size);

  int64_t una() const { return una_; }
  int64_t nxt() const { return nxt_; }
  bool fin_sent() const { return nxt_ > buffer_.end(); }
  bool fin_acknowledged() const { return una_ > buffer_.end(); }
  bool all_acknowledged() const { return una_ >= buffer_.end(); }
  // Retransmitted too often without an answer.
  bool failed() const { return failed_; }
  uint32_t segment_size() const { return static_cast<uint32_t>(window_.segment_size); }
  const TcpCongestionWindow& window() const { return window_; }
  const TcpRttEstimator& rtt() const { return rtt_; }
  const TcpScoreboard& scoreboard() const { return scoreboard_; }
  const TcpRecovery& recovery() const { return recovery_; }
  const TcpSenderCounters& counters() const { return counters_; }

 private:
  enum class Forced : uint8_t { kNothing, kRetransmission, kTailProbe, kWindowProbe, kOverride };

  void update_window(const TcpAck& ack);
  void take_sacks(const TcpAck& ack, TcpDelivery& delivery);
  void count_duplicates(const TcpAck& ack, TcpDelivery& delivery);
  Duration sample_rtt(const TcpAck& ack, const TcpDelivery& delivery, Time now);
  void detect_losses(Time now);
  void judge_tail_probe(const TcpAck& ack, const TcpDelivery& delivery);
  bool undo_if_spurious(const TcpAck& ack, const TcpDelivery& delivery);
  void advance_recovery(const TcpDelivery& delivery, int64_t lost_before);
  void enter_recovery();
  void reduce_window();
  void leave_recovery();
  void grow(const TcpGrowth& growth);
  void restart_timers(Time now);

  int64_t pipe() const { return scoreboard_.in_flight() - duplicate_bytes_; }
  TcpTransmission transmit(int64_t begin, int64_t end);
  std::optional<TcpTransmission> next_repair(Time now);
  std::optional<TcpTransmission> next_new(Time now);
  std::optional<TcpTransmission> tail_probe(Time now);
  TcpTransmission send_again(const TcpScoreboard::Segment& segment, Time now);
  bool silly(int64_t length, int64_t pending, bool forced) const;
  void restart_after_idle(Time now);
  void arm_probe(Time now);
  void time_out(Time now);
  void shrink_window_after_timeout();
  void expire_persist(Time now);

  // What every segment and ACK touches comes first.
  int64_t una_ = 0;
  int64_t nxt_ = 0;
  int64_t window_edge_ = 1;  // SND.UNA + SND.WND
  TcpCongestionWindow window_;
  int64_t limited_until_ = 0;    // the congestion window held back what would have come here
  int64_t duplicate_bytes_ = 0;  // without SACK: what duplicate ACKs say has arrived
  Time timeout_at_ = Time::never();
  Time probe_at_ = Time::never();
  Time reordering_at_ = Time::never();
  Time last_sent_ = Time::beginning();
  Forced forced_ = Forced::kNothing;
  bool closing_ = false;
  bool sack_ = false;
  bool ecn_ = false;
  bool announce_reduction_ = false;  // CWR on the next new data
  bool failed_ = false;
  bool window_blocked_ = false;  // the peer's window, and nothing else, keeps data back
  int doublings_ = 0;            // of the timeout: timer expiries in a row
  int retries_ = 0;
  int duplicate_acks_ = 0;
  int64_t window_sequence_ = -1;  // SND.WL1
  int64_t window_ack_ = -1;       // SND.WL2
  int64_t small_end_ = 0;         // of the last segment sent that was not full
  std::array<TcpAck::Range, 4> known_sacks_;
  TcpSendBuffer buffer_;
  TcpScoreboard scoreboard_;
  TcpRttEstimator rtt_;
  TcpRack rack_;
  TcpRecovery recovery_;
  std::unique_ptr<TcpCongestionControl> congestion_;
  TcpSenderCounters counters_;
  const TcpOptions& options_;
};

}  // namespace violin
