#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

// The layout of the control datagrams by which two overlay hosts join a virtual link, on a UDP port
// of their own:
//
//    0        1        2                 4                                   8
//   +--------+--------+-----------------+-----------------------------------+
//   | version|  type  |        0        |               index               |
//   +--------+--------+-----------------+-----------------------------------+
//   |  body                                                                 |
//   +------------------------------------------------------------------------+
//   |  mac1, 16 bytes                                                       |
//   +------------------------------------------------------------------------+
//   |  mac2, 16 bytes                                                       |
//
// | type              | from      | index of      | body                   | mac1, mac2         |
// |-------------------|-----------|---------------|------------------------|--------------------|
// | request           | initiator | the sender    | Noise message          | both               |
// | answer            | responder | the receiver  | Noise message          | mac1               |
// | refusal           | responder | the receiver  | Noise message          | mac1               |
// | cookie            | responder | the receiver  | nonce, sealed cookie   | none               |
// | confirmation      | initiator | the receiver  | empty                  | mac1               |
// | its answer        | responder | the receiver  | empty                  | mac1               |
// | leave             | initiator | the receiver  | empty                  | mac1               |
// | its answer        | responder | the receiver  | empty                  | mac1               |
//
// All integers are big-endian. mac1 of the first three shows that the sender knows the receiver's
// public key, mac2 that it receives at the address it sends from (the idea of the WireGuard paper,
// Donenfeld 2017, sections 5.3 and 5.4.4); mac1 of the last four, which are called notices, is made
// with a key of the session. What is made and checked with these keys is join_mac.hh's.

namespace violin {

using JoinMac = std::array<std::byte, 16>;

enum class JoinMessageType : uint8_t {
  kRequest = 1,
  kAnswer = 2,
  kRefusal = 3,
  kCookie = 4,
  kConfirm = 5,
  kConfirmAnswer = 6,
  kLeave = 7,
  kLeaveAnswer = 8,
};

// One control datagram; `body` and `covered` point into the bytes it was read from.
struct JoinMessage {
  static constexpr uint16_t kUdpPort = 52005;
  static constexpr uint8_t kVersion = 1;
  static constexpr size_t kHeaderSize = 8;
  static constexpr size_t kMacSize = 16;
  static constexpr size_t kCookieNonceSize = 24;
  static constexpr size_t kCookieBodySize = kCookieNonceSize + 2 * kMacSize;
  // No control datagram is longer, bytes.
  static constexpr size_t kSizeMax = 1024;

  JoinMessageType type = JoinMessageType::kRequest;
  uint32_t index = 0;
  std::span<const std::byte> body;
  std::span<const std::byte> covered;  // header and body: what mac1 is made of
  JoinMac mac1{};                      // zero in a cookie
  JoinMac mac2{};                      // zero where there is none

  bool is_notice() const { return type >= JoinMessageType::kConfirm; }
  // Of the kinds that a responder sends.
  bool is_for_initiator() const {
    return type == JoinMessageType::kAnswer || type == JoinMessageType::kRefusal ||
           type == JoinMessageType::kCookie || type == JoinMessageType::kConfirmAnswer ||
           type == JoinMessageType::kLeaveAnswer;
  }
  bool has_mac2() const { return mac2 != JoinMac{}; }

  // Nothing when it is of another version or type, or not of a length that its type may have.
  static std::optional<JoinMessage> read(std::span<const std::byte> from);
};

// The header of a message, which both ends also mix into the Noise handshake of a request.
std::array<std::byte, JoinMessage::kHeaderSize> join_header(JoinMessageType type, uint32_t index);

// Header and body, to which the macs are still to be appended.
std::vector<std::byte> join_message_start(JoinMessageType type, uint32_t index,
                                          std::span<const std::byte> body);

}  // namespace violin
