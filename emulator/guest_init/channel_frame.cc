#include "emulator/guest_init/channel_frame.hh"

#include "core/check.hh"

namespace violin {
namespace {

constexpr size_t kHeaderSize = 7;

uint32_t big_endian(std::string_view bytes) {
  uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

void append_frame(std::string& bytes, ChannelKind kind, uint32_t program,
                  std::string_view payload) {
  CHECK(payload.size() <= kChannelPayloadMax);
  bytes += static_cast<char>(kind);
  bytes += channel_number(program, 4);
  bytes += channel_number(static_cast<uint32_t>(payload.size()), 2);
  bytes += payload;
}

std::string channel_number(uint32_t value, size_t size) {
  std::string bytes;
  for (size_t i = size; i-- > 0;) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

std::optional<uint32_t> channel_number(std::string_view payload, size_t size) {
  if (payload.size() != size) return std::nullopt;
  return big_endian(payload);
}

std::optional<ChannelFrame> ChannelReader::next() {
  const std::string_view rest = std::string_view(bytes_).substr(begin_);
  if (!broken_ && rest.size() >= kHeaderSize) {
    const auto kind = static_cast<unsigned char>(rest[0]);
    const size_t size = big_endian(rest.substr(5, 2));
    broken_ = kind < static_cast<int>(ChannelKind::kStart) ||
              kind > static_cast<int>(ChannelKind::kTaken);
    if (!broken_ && rest.size() >= kHeaderSize + size) {
      begin_ += kHeaderSize + size;
      return ChannelFrame{.kind = static_cast<ChannelKind>(kind),
                          .program = big_endian(rest.substr(1, 4)),
                          .payload = std::string(rest.substr(kHeaderSize, size))};
    }
  }
  bytes_.erase(0, broken_ ? bytes_.size() : begin_);
  begin_ = 0;
  return std::nullopt;
}

}  // namespace violin
