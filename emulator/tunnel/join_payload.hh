#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/scenario/scenario.hh"

// What the Noise messages of a join carry, enciphered. All integers are big-endian; a text has its
// length in front, two bytes, and is of printable ASCII without spaces when it is a name. Readers
// take nothing but what the writers can have written.

namespace violin {

// Why an authenticated request is refused.
enum class JoinRefusal : uint8_t {
  kUnknownViolin = 1,  // the peer may join no link of this violin here
  kUnknownLink = 2,
  kOtherEncryption = 3,
  kOlderRequest = 4,  // than one that was accepted
  kNoPort = 5,        // no data port could be opened
};

// "unknown violin" and the like.
std::string_view to_string(JoinRefusal refusal);

struct JoinRequest {
  static constexpr size_t kNameMax = 420;  // bytes; two nodes of a scenario make a link's name
  static constexpr size_t kSizeMin = 17;

  std::string violin;
  std::string link;
  // Grows from each request of an initiator to its next, also when it is started again.
  uint64_t timestamp = 0;
  Encryption encryption = Encryption::kNone;
  uint16_t data_port = 0;  // UDP, where the initiator expects the link's datagrams; not 0

  bool operator==(const JoinRequest&) const = default;
  std::vector<std::byte> write() const;
  static std::optional<JoinRequest> read(std::span<const std::byte> from);
};

struct JoinAnswer {
  static constexpr size_t kSize = 6;

  uint32_t index = 0;      // the responder's, for notices
  uint16_t data_port = 0;  // UDP, where the responder expects the link's datagrams; not 0

  bool operator==(const JoinAnswer&) const = default;
  std::vector<std::byte> write() const;
  static std::optional<JoinAnswer> read(std::span<const std::byte> from);
};

struct JoinRefused {
  static constexpr size_t kTextMax = 48;  // bytes; what is longer is cut when it is written

  JoinRefusal reason = JoinRefusal::kUnknownViolin;
  std::string text;  // for people; printable ASCII

  bool operator==(const JoinRefused&) const = default;
  std::vector<std::byte> write() const;
  static std::optional<JoinRefused> read(std::span<const std::byte> from);
};

// True for a text of 1 to JoinRequest::kNameMax printable characters without spaces.
bool is_join_name(std::string_view text);

}  // namespace violin
