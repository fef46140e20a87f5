#include "emulator/tunnel/join_payload.hh"

#include <algorithm>

#include "core/byte_order.hh"
#include "core/check.hh"
#include "emulator/tunnel/join_message.hh"
#include "emulator/tunnel/noise_handshake.hh"

namespace violin {
namespace {

static_assert(JoinMessage::kHeaderSize + NoiseInitiator::kRequestOverhead + JoinRequest::kSizeMin -
                  2 + 2 * JoinRequest::kNameMax + 2 * JoinMessage::kMacSize <=
              JoinMessage::kSizeMax);

void append_text(std::vector<std::byte>& out, std::string_view text) {
  out.resize(out.size() + 2);
  store_be16(out.data() + out.size() - 2, static_cast<uint16_t>(text.size()));
  for (const char c : text) out.push_back(static_cast<std::byte>(c));
}

// Takes the text at the front of `from` off it. Nothing when it is cut off.
std::optional<std::string> take_text(std::span<const std::byte>& from) {
  if (from.size() < 2 || load_be16(from.data()) > from.size() - 2) return std::nullopt;
  const auto bytes = from.subspan(2, load_be16(from.data()));
  from = from.subspan(2 + bytes.size());
  std::string text;
  for (const std::byte b : bytes) text += static_cast<char>(b);
  return text;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// The numbers on the wire are not those of the enumeration, which may change.
uint8_t number_of(Encryption encryption) {
  switch (encryption) {
    case Encryption::kNone:
      return 0;
    case Encryption::kAes256Gcm:
      return 1;
    case Encryption::kChaCha20Poly1305:
      return 2;
  }
  CHECK_MESSAGE(false, "an encryption without a number");
}

std::optional<Encryption> encryption_of(std::byte number) {
  for (const Encryption encryption :
       {Encryption::kNone, Encryption::kAes256Gcm, Encryption::kChaCha20Poly1305}) {
    if (static_cast<uint8_t>(number) == number_of(encryption)) return encryption;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(JoinRefusal refusal) {
  switch (refusal) {
    case JoinRefusal::kUnknownViolin:
      return "unknown violin";
    case JoinRefusal::kUnknownLink:
      return "unknown link";
    case JoinRefusal::kOtherEncryption:
      return "other encryption";
    case JoinRefusal::kOlderRequest:
      return "older request";
    case JoinRefusal::kNoPort:
      return "no port";
  }
  CHECK_MESSAGE(false, "a refusal without a name");
}

bool is_join_name(std::string_view text) {
  return !text.empty() && text.size() <= JoinRequest::kNameMax && is_printable(text) &&
         text.find(' ') == std::string_view::npos;
}

std::vector<std::byte> JoinRequest::write() const {
  CHECK(is_join_name(violin) && is_join_name(link));
  std::vector<std::byte> out(11);
  store_be64(out.data(), timestamp);
  store_be16(out.data() + 8, data_port);
  out[10] = std::byte{number_of(encryption)};
  append_text(out, violin);
  append_text(out, link);
  return out;
}

std::optional<JoinRequest> JoinRequest::read(std::span<const std::byte> from) {
  if (from.size() < kSizeMin) return std::nullopt;
  JoinRequest request;
  request.timestamp = load_be64(from.data());
  request.data_port = load_be16(from.data() + 8);
  const std::optional<Encryption> encryption = encryption_of(from[10]);
  auto rest = from.subspan(11);
  const std::optional<std::string> violin = take_text(rest);
  const std::optional<std::string> link = take_text(rest);
  if (request.data_port == 0 || !encryption || !violin || !link || !rest.empty() ||
      !is_join_name(*violin) || !is_join_name(*link)) {
    return std::nullopt;
  }
  request.encryption = *encryption;
  request.violin = *violin;
  request.link = *link;
  return request;
}

std::vector<std::byte> JoinAnswer::write() const {
  std::vector<std::byte> out(kSize);
  store_be32(out.data(), index);
  store_be16(out.data() + 4, data_port);
  return out;
}

std::optional<JoinAnswer> JoinAnswer::read(std::span<const std::byte> from) {
  if (from.size() != kSize) return std::nullopt;
  const JoinAnswer answer{load_be32(from.data()), load_be16(from.data() + 4)};
  if (answer.data_port == 0) return std::nullopt;
  return answer;
}

std::vector<std::byte> JoinRefused::write() const {
  std::vector<std::byte> out{static_cast<std::byte>(reason)};
  append_text(out, std::string_view(text).substr(0, kTextMax));
  return out;
}

std::optional<JoinRefused> JoinRefused::read(std::span<const std::byte> from) {
  if (from.empty()) return std::nullopt;
  const auto number = static_cast<uint8_t>(from[0]);
  auto rest = from.subspan(1);
  const std::optional<std::string> text = take_text(rest);
  if (number < static_cast<uint8_t>(JoinRefusal::kUnknownViolin) ||
      number > static_cast<uint8_t>(JoinRefusal::kNoPort) || !text || !rest.empty() ||
      text->size() > kTextMax || !is_printable(*text)) {
    return std::nullopt;
  }
  return JoinRefused{static_cast<JoinRefusal>(number), *text};
}

}  // namespace violin
