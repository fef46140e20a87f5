#include "core/tcp_header.hh"

#include "core/byte_order.hh"

namespace violin {
namespace {

constexpr uint8_t kOptionEnd = 0;
constexpr uint8_t kOptionNop = 1;
constexpr uint8_t kOptionMss = 2;
constexpr uint8_t kOptionWindowScale = 3;
constexpr uint8_t kOptionSackPermitted = 4;
constexpr uint8_t kOptionSack = 5;
constexpr uint8_t kOptionTimestamps = 8;

// Two NOPs and a 10-byte timestamps option: what nearly every segment of a connection carries, read
// with one comparison.
constexpr uint32_t kAlignedTimestamps = 0x0101'080a;

// Takes one option whose length was checked; false when its length is wrong for its kind.
bool read_option(TcpHeader& header, uint8_t kind, std::span<const std::byte> option) {
  const std::byte* value = option.data() + 2;
  switch (kind) {
    case kOptionMss:
      if (option.size() != 4) return false;
      header.maximum_segment_size = load_be16(value);
      return true;
    case kOptionWindowScale:
      if (option.size() != 3) return false;
      header.window_scale = static_cast<uint8_t>(*value);
      return true;
    case kOptionSackPermitted:
      header.sack_permitted = option.size() == 2;
      return option.size() == 2;
    case kOptionSack:
      if (option.size() < 10 || option.size() > 34 || (option.size() - 2) % 8 != 0) return false;
      header.sack_count = static_cast<uint8_t>((option.size() - 2) / 8);
      for (size_t i = 0; i < header.sack_count; ++i) {
        header.sack_blocks[i] = {load_be32(value + 8 * i), load_be32(value + 8 * i + 4)};
      }
      return true;
    case kOptionTimestamps:
      if (option.size() != 10) return false;
      header.timestamps = {load_be32(value), load_be32(value + 4)};
      return true;
    default:
      return true;  // unknown options are skipped (RFC 9293 section 3.1)
  }
}

bool read_options(TcpHeader& header, std::span<const std::byte> options) {
  size_t at = 0;
  if (options.size() >= 12 && load_be32(options.data()) == kAlignedTimestamps) {
    header.timestamps = {load_be32(options.data() + 4), load_be32(options.data() + 8)};
    at = 12;
  }
  while (at < options.size()) {
    const auto kind = static_cast<uint8_t>(options[at]);
    if (kind == kOptionEnd) return true;
    if (kind == kOptionNop) {
      ++at;
      continue;
    }
    if (at + 1 >= options.size()) return false;
    const auto length = static_cast<size_t>(options[at + 1]);
    if (length < 2 || at + length > options.size()) return false;
    if (!read_option(header, kind, options.subspan(at, length))) return false;
    at += length;
  }
  return true;
}

std::byte* write_words(std::byte* to, uint32_t first) {
  store_be32(to, first);
  return to + 4;
}

}  // namespace

std::optional<TcpHeader> TcpHeader::read(std::span<const std::byte> from) {
  if (from.size() < kSize) return std::nullopt;
  const std::byte* at = from.data();
  std::optional<TcpHeader> result(std::in_place);
  TcpHeader& header = *result;
  header.header_length = static_cast<uint8_t>((static_cast<uint8_t>(at[12]) >> 4) * 4);
  if (header.header_length < kSize || header.header_length > from.size()) return std::nullopt;
  header.source_port = load_be16(at);
  header.destination_port = load_be16(at + 2);
  header.sequence = load_be32(at + 4);
  header.acknowledgment = load_be32(at + 8);
  header.flags = static_cast<uint8_t>(at[13]);
  header.window = load_be16(at + 14);
  header.checksum = load_be16(at + 16);
  if (!read_options(header, from.subspan(kSize, header.header_length - kSize))) return std::nullopt;
  return result;
}

uint32_t TcpHeader::size() const {
  uint32_t size = kSize;
  if (maximum_segment_size) size += 4;
  if (sack_permitted && !timestamps) size += 4;
  if (timestamps) size += 12;  // with two NOPs, or with sack_permitted in their place
  if (window_scale) size += 4;
  if (sack_count > 0) size += 4 + 8u * sack_count;
  return size;
}

void TcpHeader::write(std::byte* to) const {
  store_be16(to, source_port);
  store_be16(to + 2, destination_port);
  store_be32(to + 4, sequence);
  store_be32(to + 8, acknowledgment);
  to[12] = static_cast<std::byte>(size() / 4 << 4);
  to[13] = std::byte{flags};
  store_be16(to + 14, window);
  store_be16(to + 16, checksum);
  store_be16(to + 18, 0);
  std::byte* at = to + kSize;
  if (maximum_segment_size) at = write_words(at, 0x0204'0000u | *maximum_segment_size);
  if (timestamps) {
    at = write_words(at, sack_permitted ? 0x0402'080au : kAlignedTimestamps);
    at = write_words(at, timestamps->value);
    at = write_words(at, timestamps->echo);
  } else if (sack_permitted) {
    at = write_words(at, 0x0101'0402u);
  }
  if (window_scale) at = write_words(at, 0x0103'0300u | *window_scale);
  if (sack_count > 0) {
    at = write_words(at, 0x0101'0500u | (2u + 8u * sack_count));
    for (size_t i = 0; i < sack_count; ++i) {
      at = write_words(at, sack_blocks[i].begin);
      at = write_words(at, sack_blocks[i].end);
    }
  }
}

}  // namespace violin
