#include "models/tunnel/tunnel_header.hh"

#include "core/byte_order.hh"

namespace violin {

std::optional<TunnelHeader> TunnelHeader::read(std::span<const std::byte> from) {
  if (from.size() < kSize) return std::nullopt;
  const std::byte* at = from.data();
  if (static_cast<uint8_t>(at[0]) != kVersion) return std::nullopt;
  TunnelHeader header;
  header.kind = static_cast<uint8_t>(at[1]);
  header.chunk = static_cast<uint8_t>(at[2]);
  header.chunks = static_cast<uint8_t>(at[3]);
  header.offset = load_be16(at + 4);
  header.total = load_be16(at + 6);
  header.session = load_be64(at + 8);
  header.counter = load_be64(at + 16);
  header.sent = Time::from_ns(static_cast<int64_t>(load_be64(at + 24)));
  const bool first = header.chunk == 0;
  if (header.kind > (kEncrypted | kSuper) || header.chunk >= header.chunks ||
      header.chunks > kChunksMax || header.offset >= header.total ||
      first != (header.offset == 0) || header.counter < header.chunk ||
      from.size() < header.overhead()) {
    return std::nullopt;
  }
  return header;
}

void TunnelHeader::write(std::byte* to) const {
  to[0] = std::byte{kVersion};
  to[1] = std::byte{kind};
  to[2] = std::byte{chunk};
  to[3] = std::byte{chunks};
  store_be16(to + 4, offset);
  store_be16(to + 6, total);
  store_be64(to + 8, session);
  store_be64(to + 16, counter);
  store_be64(to + 24, static_cast<uint64_t>(sent.ns()));
}

}  // namespace violin
