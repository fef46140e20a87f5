#include "emulator/tunnel/join_message.hh"

#include <algorithm>

#include "core/byte_order.hh"
#include "emulator/tunnel/noise_handshake.hh"

namespace violin {
namespace {

struct Shape {
  size_t body_min;
  size_t body_max;
  size_t macs;
};

constexpr size_t kNoiseMax = JoinMessage::kSizeMax - JoinMessage::kHeaderSize;

std::optional<Shape> shape_of(uint8_t type) {
  constexpr size_t kMac = JoinMessage::kMacSize;
  switch (static_cast<JoinMessageType>(type)) {
    case JoinMessageType::kRequest:
      return Shape{NoiseInitiator::kRequestOverhead, kNoiseMax - 2 * kMac, 2};
    case JoinMessageType::kAnswer:
    case JoinMessageType::kRefusal:
      return Shape{NoiseInitiator::kAnswerOverhead, kNoiseMax - kMac, 1};
    case JoinMessageType::kCookie:
      return Shape{JoinMessage::kCookieBodySize, JoinMessage::kCookieBodySize, 0};
    case JoinMessageType::kConfirm:
    case JoinMessageType::kConfirmAnswer:
    case JoinMessageType::kLeave:
    case JoinMessageType::kLeaveAnswer:
      return Shape{0, 0, 1};
  }
  return std::nullopt;
}

}  // namespace

std::optional<JoinMessage> JoinMessage::read(std::span<const std::byte> from) {
  if (from.size() < kHeaderSize || static_cast<uint8_t>(from[0]) != kVersion) return std::nullopt;
  const auto type = static_cast<uint8_t>(from[1]);
  const std::optional<Shape> shape = shape_of(type);
  if (!shape || load_be16(from.data() + 2) != 0) return std::nullopt;
  const size_t around = kHeaderSize + shape->macs * kMacSize;
  if (from.size() < around + shape->body_min || from.size() > around + shape->body_max) {
    return std::nullopt;
  }
  JoinMessage message;
  message.type = static_cast<JoinMessageType>(type);
  message.index = load_be32(from.data() + 4);
  message.covered = from.first(from.size() - shape->macs * kMacSize);
  message.body = message.covered.subspan(kHeaderSize);
  const auto macs = from.subspan(message.covered.size());
  if (shape->macs > 0) std::copy_n(macs.begin(), kMacSize, message.mac1.begin());
  if (shape->macs > 1) std::copy_n(macs.begin() + kMacSize, kMacSize, message.mac2.begin());
  return message;
}

std::array<std::byte, JoinMessage::kHeaderSize> join_header(JoinMessageType type, uint32_t index) {
  std::array<std::byte, JoinMessage::kHeaderSize> header{};
  header[0] = std::byte{JoinMessage::kVersion};
  header[1] = static_cast<std::byte>(type);
  store_be32(header.data() + 4, index);
  return header;
}

std::vector<std::byte> join_message_start(JoinMessageType type, uint32_t index,
                                          std::span<const std::byte> body) {
  const auto header = join_header(type, index);
  std::vector<std::byte> message(header.size() + body.size());
  std::copy(header.begin(), header.end(), message.begin());
  std::copy(body.begin(), body.end(), message.begin() + header.size());
  return message;
}

}  // namespace violin
