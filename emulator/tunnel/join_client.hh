#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/random.hh"
#include "core/time.hh"
#include "emulator/tunnel/join_event.hh"
#include "emulator/tunnel/join_mac.hh"
#include "emulator/tunnel/join_payload.hh"
#include "emulator/tunnel/noise_handshake.hh"

namespace violin {

// The initiating end of one virtual link's join: sends its request again until it is answered,
// confirms the keys, renews them, and leaves. A state machine: it is told what came and what time
// it is, and says what to send.
class JoinClient {
 public:
  // Waiting for an answer: from kFirstWait, doubled each time up to kLongestWait, and up to a
  // quarter longer by chance. kAttempts are about 90 s.
  static constexpr Duration kFirstWait = Duration::milliseconds(500);
  static constexpr Duration kLongestWait = Duration::seconds(5);
  static constexpr int kAttempts = 20;
  static constexpr int kLeaveAttempts = 6;
  // Keys are renewed after kKeysLifetime, up to a tenth earlier by chance, or kCounterMax datagrams
  // in one direction; when that fails, again after kRetryPause.
  static constexpr Duration kKeysLifetime = Duration::seconds(120);
  static constexpr uint64_t kCounterMax = uint64_t{1} << 48;
  static constexpr Duration kRetryPause = Duration::seconds(30);
  // How long datagrams under former keys are still received.
  static constexpr Duration kFormerKeysGrace = Duration::seconds(10);
  // Less than it is good for (JoinGuard::kCookieLifetime), by more than it can have been under way.
  static constexpr Duration kCookieLifetime = Duration::seconds(100);

  struct Options {
    uint32_t index = 0;  // distinguishes the clients of one control port; also the events' `port`
    KeyPair own;
    PublicKey responder{};
    SecretKey violin_key;  // shared by all members of the violin
    UdpEndpoint control;   // the responder's control port
    std::string violin;
    std::string link;
    Encryption encryption = Encryption::kNone;
    uint16_t data_port = 0;  // ours
    // Added to the time in ns for a request's timestamp, such that a client that is started again
    // with the same key goes on with larger ones: the calendar time of time 0.
    uint64_t timestamp_base = 0;
  };

  JoinClient(Options options, Random random, SecretSource secrets);

  // Begins to join; nothing when it is already on its way or joined.
  JoinOutput start(Time now);
  // A datagram came to the control port; those that are not for this client are ignored.
  JoinOutput receive(std::span<const std::byte> datagram, Time now);
  // A datagram of the link was authentic under the keys of this session; only the first of a
  // session matters.
  JoinOutput data_received(uint64_t receive_session, Time now);
  // The highest counter of either direction in the present session.
  JoinOutput datagrams_counted(uint64_t counter, Time now);
  // Ends the join.
  JoinOutput leave(Time now);
  // What is due at `now`; nothing before deadline().
  JoinOutput expire(Time now);
  Time deadline() const { return deadline_; }

  bool is_joined() const { return session_.has_value(); }
  bool is_idle() const { return state_ == State::kIdle; }
  uint64_t ignored() const { return ignored_; }  // datagrams that were none of ours

 private:
  enum class State { kIdle, kJoining, kConfirming, kJoined, kLeaving };

  void begin(Time now, JoinOutput& output);
  void send_request(Time now, JoinOutput& output);
  void send_notice(JoinMessageType type, Time now, JoinOutput& output);
  void wait_for_answer(Time now);
  bool receive_answer(const JoinMessage& message, Time now, JoinOutput& output);
  bool receive_refusal(const JoinMessage& message, Time now, JoinOutput& output);
  bool receive_cookie(const JoinMessage& message, Time now, JoinOutput& output);
  bool receive_notice(const JoinMessage& message, Time now, JoinOutput& output);
  void confirm(Time now, JoinOutput& output);
  void give_up(JoinFailure failure, std::string text, Time now, JoinOutput& output);
  void finish_leaving(PortEnding ending, JoinOutput& output);

  Options options_;
  Random random_;
  SecretSource secrets_;
  JoinMacKeys to_responder_;
  JoinMacKeys to_us_;

  State state_ = State::kIdle;
  Time deadline_ = Time::never();
  int attempts_ = 0;
  Duration wait_ = kFirstWait;

  // While joining.
  std::optional<NoiseInitiator> noise_;
  std::vector<std::byte> request_;  // without mac2, the same at each attempt
  uint64_t timestamp_ = 0;
  uint64_t unreadable_ = 0;
  std::optional<JoinCookie> cookie_;
  Time cookie_until_;
  bool sent_with_cookie_ = false;

  // Once joined.
  std::optional<JoinSession> session_;
  bool confirmed_ = false;
  uint32_t responder_index_ = 0;
  uint64_t ignored_ = 0;
};

}  // namespace violin
