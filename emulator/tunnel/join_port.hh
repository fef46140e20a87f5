#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/time.hh"
#include "emulator/scenario/scenario.hh"
#include "emulator/tunnel/join_event.hh"
#include "emulator/tunnel/join_message.hh"
#include "emulator/tunnel/join_session.hh"
#include "emulator/tunnel/secret_key.hh"

namespace violin {

// A virtual link that may be joined here, and by whom.
struct JoinLink {
  std::string violin;
  std::string link;
  PublicKey peer{};
  Encryption encryption = Encryption::kNone;
};

// Identifies a request by its bytes without mac1 and mac2.
using JoinDigest = std::array<std::byte, 32>;

// The responding end's state of one link: closed, or open with up to two sessions, the confirmed
// one and the newest. JoinServer decides what is accepted; here is what follows from it.
class JoinPort {
 public:
  // Keys that nobody confirms are forgotten after this. Longer than an initiator repeats a request
  // (JoinClient::kAttempts), so that none is ever met by a port that has forgotten it.
  static constexpr Duration kHalfOpenMax = Duration::seconds(120);
  // Keys are replaced long before (JoinClient::kKeysLifetime) unless the initiator is gone.
  static constexpr Duration kKeysMax = Duration::seconds(540);
  static constexpr Duration kFormerKeysGrace = Duration::seconds(10);
  // How long after its end the last session's leave is still answered.
  static constexpr Duration kLeftMax = Duration::seconds(60);

  struct Accepted {
    JoinSession session;
    UdpEndpoint peer;
    uint32_t initiator_index = 0;
    uint64_t timestamp = 0;
    JoinDigest request{};
    std::vector<std::byte> answer;
  };

  JoinPort(uint32_t number, JoinLink link) : number_(number), link_(std::move(link)) {}

  const JoinLink& link() const { return link_; }
  bool is_open() const { return data_port_ != 0; }
  uint16_t data_port() const { return data_port_; }
  void open(uint16_t data_port) { data_port_ = data_port; }
  // A request with this timestamp is newer than every one that was accepted.
  bool is_newer(uint64_t timestamp) const { return !timestamp_ || timestamp > *timestamp_; }
  // The initiator has not shown yet that it has the newest keys.
  bool awaits_confirmation() const { return pending_.has_value(); }

  // Takes new keys, which are not confirmed yet. The port is open.
  void accept(Accepted accepted, Time now, JoinOutput& output);
  // The newest keys are confirmed if they are this session's.
  void data_received(uint64_t receive_session, Time now, JoinOutput& output);
  // The answer to a notice; nothing when it belongs to no session of this link.
  std::optional<std::vector<std::byte>> receive_notice(const JoinMessage& message, Time now,
                                                       JoinOutput& output);
  void expire(Time now, JoinOutput& output);
  Time deadline() const;

  // The request whose answer is at hand, and the answer.
  const std::optional<JoinDigest>& answered() const { return answered_; }
  const std::vector<std::byte>& answer() const { return answer_; }

 private:
  struct Held {
    JoinSession session;
    uint32_t initiator_index = 0;
    Time until;
  };
  void confirm(Time now, JoinOutput& output);
  void close(PortEnding ending, JoinOutput& output);
  void abandon_pending(JoinOutput& output);
  void forget_answer();

  uint32_t number_;
  JoinLink link_;
  uint16_t data_port_ = 0;  // 0: closed
  std::optional<uint64_t> timestamp_;
  std::optional<Held> confirmed_, pending_;
  std::optional<Held> left_;
  std::optional<JoinDigest> answered_;
  std::vector<std::byte> answer_;
};

}  // namespace violin
