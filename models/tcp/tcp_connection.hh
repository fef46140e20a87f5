#pragma once

#include <cstdint>
#include <optional>

#include "core/frame.hh"
#include "core/scheduler.hh"
#include "core/tcp_header.hh"
#include "core/time.hh"
#include "models/node/ip_output.hh"
#include "models/node/ip_received.hh"
#include "models/tcp/tcp_flow_table.hh"
#include "models/tcp/tcp_options.hh"
#include "models/tcp/tcp_receiver.hh"
#include "models/tcp/tcp_sender.hh"
#include "models/tcp/tcp_sequence.hh"
#include "models/tcp/tcp_user.hh"

namespace violin {

class TcpLayer;

// The states of RFC 9293 section 3.3.2. LISTEN is TcpLayer's.
enum class TcpState : uint8_t {
  kSynSent,
  kSynReceived,
  kEstablished,
  kFinWait1,   // we closed; our FIN is not acknowledged
  kFinWait2,   // it is; the peer has not closed
  kCloseWait,  // the peer closed; we have not
  kClosing,    // both closed at once; our FIN is not acknowledged
  kLastAck,    // the peer closed first; our FIN is not acknowledged
  kTimeWait,
  kClosed,
};

// One TCP connection: the state machine of RFC 9293 with the options of RFC 7323 and 2018, ECN (RFC
// 3168) and the challenge ACKs of RFC 5961. It parses and builds segments and runs the timers; what
// to send is TcpSender's, what was received TcpReceiver's.
//
// A segment with data never carries selective acknowledgments: they travel in an empty ACK, so that
// a full segment always has the same size. No urgent data, no keep-alive, no fast open.
class TcpConnection final : private TimerTarget {
 public:
  // For TcpLayer only, as are open(), receive() and what follows them there.
  struct Setup {
    TcpPair pair;
    TcpOptions options;
    uint32_t initial_sequence = 0;
    uint32_t timestamp_offset = 0;
  };
  TcpConnection(TcpLayer& layer, const Setup& setup);
  ~TcpConnection() = default;
  TcpConnection(const TcpConnection&) = delete;
  TcpConnection& operator=(const TcpConnection&) = delete;

  // Queues bytes for the peer and sends what may be sent. Returns how many were taken: all, unless
  // the send buffer is full (then writable() follows) or our direction is closed.
  int64_t send(const Payload& payload, Time now);
  int64_t send_room() const { return sender_.room(); }
  // No more bytes from us: a FIN follows the last one. What the peer sends still arrives.
  void close(Time now);
  // Forgets what was written and not sent yet, as a program does that ends before its time is up.
  void discard_unsent() { sender_.discard_unsent(); }
  // Ends both directions at once with a RST.
  void abort(Time now);
  // While reading is paused the receive buffer fills and the window closes.
  void pause_reading() { reading_ = false; }
  void resume_reading(Time now);

  TcpState state() const { return state_; }
  const TcpPair& pair() const { return pair_; }
  const TcpSender& sender() const { return sender_; }
  const TcpReceiver& receiver() const { return receiver_; }
  // Bytes read in order from the peer.
  int64_t bytes_received() const { return receiver_.offset(); }
  // Bytes of ours that the peer acknowledged.
  int64_t bytes_acknowledged() const;
  // Whether both ends agreed to use ECN.
  bool ecn() const { return ecn_; }

  void open(TcpUser& user, Time now);
  void open_passively(const TcpHeader& syn, Time now);
  void receive(const TcpHeader& header, Payload payload, Ecn ecn, Time now);
  void fragmentation_needed(uint32_t sequence, int64_t mtu, Time now);
  void unreachable(uint32_t sequence);
  void end(TcpOutcome outcome, Time now);

 private:
  void expire(Timer& timer, Time now) override;

  // Incoming segments, in the order of RFC 9293 section 3.10.7.
  void receive_in_syn_sent(const TcpHeader& header, Time now);
  void receive_in_time_wait(const TcpHeader& header, uint32_t size, Time now);
  bool is_acceptable(const TcpHeader& header, int64_t begin, uint32_t size, Time now);
  bool passes_paws(const TcpHeader& header, int64_t begin, Time now);
  void receive_reset(int64_t begin, Time now);
  bool take_ack(const TcpHeader& header, int64_t begin, bool has_payload, Time now);
  void take_payload(int64_t begin, Payload payload, bool fin, Time now);
  void note_acknowledged(bool was_outstanding, Time now);
  void deliver(Time now);
  void catch_up(Time now);
  void note_fin(Time now);
  void note_congestion(Ecn ecn, bool reduced);

  void agree(const TcpHeader& syn, Time now);
  void become_established(Time now);
  void enter_time_wait(Time now);
  void challenge(Time now);

  // Outgoing segments.
  void pump(Time now);
  void send_syn(Time now);
  void send_ack(Time now);
  void send_transmission(const TcpTransmission& transmission, Time now);
  void fill_syn_options(TcpHeader& header) const;
  void fill_sacks(TcpHeader& header);
  void emit_empty(TcpHeader& header, Time now);
  void emit(Frame frame, TcpHeader& header, Payload payload, Ecn ecn, Time now);

  uint32_t own_segment_size() const;
  void adopt_path_mtu();
  uint32_t full_segment_size(int64_t mtu) const;
  uint32_t ip_header_size() const { return pair_.local.address.is_v6() ? 40 : 20; }
  uint32_t timestamp(Time now) const {
    return static_cast<uint32_t>(tcp_timestamp_of(now)) + timestamp_offset_;
  }

  TcpLayer& layer_;
  TcpUser* user_ = nullptr;
  TcpState state_ = TcpState::kSynSent;
  bool timestamps_ = false;  // agreed on
  bool sack_ = false;
  bool scaled_ = false;
  bool ecn_ = false;
  bool echo_congestion_ = false;  // ECE on every ACK until the peer says CWR
  bool reading_ = true;
  bool busy_ = false;     // an event is being handled: what to send is asked for at its end
  bool ack_now_ = false;  // an ACK is owed
  bool starved_ = false;  // the user was refused room in the send buffer
  bool fin_noted_ = false;
  bool passive_ = false;  // opened by the peer, and not yet established
  bool established_ = false;
  bool soft_error_ = false;
  int8_t send_shift_ = 0;
  int8_t receive_shift_ = 0;
  uint32_t timestamp_recent_ = 0;  // TS.Recent
  Time timestamp_recent_at_ = Time::beginning();
  int64_t last_ack_sent_ = 0;
  uint32_t timestamp_offset_;
  uint32_t peer_segment_size_ = 536;  // the peer's MSS option; RFC 9293's default without one
  TcpSequenceSpace local_space_;
  TcpSequenceSpace remote_space_;
  TcpPair pair_;
  IpFlow flow_;
  uint64_t pseudo_sum_ = 0;  // of the pseudo-header but its length
  TcpOptions options_;
  TcpSender sender_;
  TcpReceiver receiver_;
  Time next_challenge_ = Time::beginning();
  Timer timer_;      // the sender's deadline, or the end of TIME-WAIT
  Timer ack_timer_;  // a delayed ACK
};

}  // namespace violin
