#include "models/node/fragmentation.hh"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/byte_order.hh"
#include "core/check.hh"

namespace violin {
namespace {

constexpr uint32_t kHeaderMax = 60;
constexpr uint32_t kPacketMax = 65'535;

// An IPv4 header with its options, as raw bytes.
struct RawHeader {
  std::array<std::byte, kHeaderMax> bytes{};
  uint32_t size = Ipv4Header::kSize;
};

RawHeader raw_header(const Frame& packet, const Ipv4Header& header) {
  RawHeader raw;
  raw.size = header.header_length;
  std::memcpy(raw.bytes.data(), packet.headers().data(), raw.size);
  return raw;
}

// The header with only those options that RFC 791 says to copy into every fragment.
RawHeader with_copied_options(const RawHeader& from) {
  constexpr auto kEnd = std::byte{0}, kNoOperation = std::byte{1}, kCopied = std::byte{0x80};
  RawHeader to;
  std::memcpy(to.bytes.data(), from.bytes.data(), Ipv4Header::kSize);
  for (uint32_t at = Ipv4Header::kSize; at < from.size && from.bytes[at] != kEnd;) {
    if (from.bytes[at] == kNoOperation) {
      ++at;
      continue;
    }
    const uint32_t length = at + 1 < from.size ? static_cast<uint32_t>(from.bytes[at + 1]) : 0;
    if (length < 2 || at + length > from.size) break;  // nonsense is not copied further
    if ((from.bytes[at] & kCopied) != std::byte{0}) {
      std::memcpy(to.bytes.data() + to.size, from.bytes.data() + at, length);
      to.size += length;
    }
    at += length;
  }
  to.size = (to.size + 3) & ~uint32_t{3};  // zeros, the end-of-options option, fill the word up
  return to;
}

// Writes `raw` in front of `frame` with these lengths and a right checksum.
void push_header(Frame& frame, const RawHeader& raw, uint32_t offset, bool more_fragments) {
  const auto total = static_cast<uint16_t>(raw.size + frame.size());
  std::byte* at = frame.push_front(raw.size);
  std::memcpy(at, raw.bytes.data(), raw.size);
  at[0] = static_cast<std::byte>(0x40 | raw.size / 4);
  store_be16(at + 2, total);
  const auto dont_fragment = static_cast<uint16_t>(load_be16(at + 6) & 0x4000);
  store_be16(at + 6,
             static_cast<uint16_t>(dont_fragment | (more_fragments ? 0x2000 : 0) | offset / 8));
  store_be16(at + 10, 0);
  store_be16(at + 10, checksum_of(word_sum({at, raw.size})));
}

// Bytes [from, from + length) of `packet` as a frame of its own; payload is shared.
Frame piece_of(const Frame& packet, uint32_t from, uint32_t length) {
  Frame piece = Frame::allocate(packet.pools());
  const uint32_t header_size = packet.header_size();
  if (from < header_size) {
    const uint32_t inline_size = std::min(length, header_size - from);
    std::memcpy(piece.append(inline_size), packet.headers().data() + from, inline_size);
    from += inline_size;
    length -= inline_size;
  }
  if (length > 0) piece.set_payload(packet.payload().slice(from - header_size, length));
  piece.set_checksum_good(packet.checksum_good());
  return piece;
}

}  // namespace

std::vector<Frame> fragment_v4(Frame packet, int64_t mtu) {
  constexpr int64_t kSmallestMtu = 68;
  CHECK_COMPARE(mtu, >=, kSmallestMtu);
  std::vector<Frame> fragments;
  if (packet.size() <= mtu) {
    fragments.push_back(std::move(packet));
    return fragments;
  }
  const auto header = Ipv4Header::read(packet.headers());
  CHECK(header.has_value());
  const RawHeader first_header = raw_header(packet, *header);
  const RawHeader later_header = with_copied_options(first_header);
  const uint32_t data = packet.size() - header->header_length;
  for (uint32_t done = 0; done < data;) {
    const RawHeader& raw = done == 0 ? first_header : later_header;
    const uint32_t room = (static_cast<uint32_t>(mtu) - raw.size) & ~uint32_t{7};
    const bool last = data - done <= static_cast<uint32_t>(mtu) - raw.size;
    const uint32_t length = last ? data - done : room;
    Frame piece = piece_of(packet, header->header_length + done, length);
    push_header(piece, raw, header->fragment_offset + done, !last || header->more_fragments);
    fragments.push_back(std::move(piece));
    done += length;
  }
  return fragments;
}

Reassembly::Reassembly(Scheduler& scheduler, Entity& entity, ReassemblyOwner& owner)
    : owner_(owner), timer_(scheduler, entity, *this) {}

Frame Reassembly::add(Frame fragment, const Ipv4Header& header, Time now) {
  const uint32_t length = uint32_t{header.total_length} - header.header_length;
  const uint32_t end = header.fragment_offset + length;
  const bool ragged = header.more_fragments && length % 8 != 0;
  if (length == 0 || ragged || header.header_length + end > kPacketMax) {
    owner_.fragment_dropped(std::move(fragment), DropReason::kMalformed);
    return {};
  }
  const size_t index = datagram_for(header, now);
  Datagram& datagram = datagrams_[index];
  Piece piece{header.fragment_offset, end, header.header_length, std::move(fragment)};
  switch (place(datagram, piece, header)) {
    case Placed::kRepeated:
      owner_.fragments_consumed(1);
      return {};
    case Placed::kInvalid:
      owner_.fragment_dropped(std::move(piece.frame), DropReason::kMalformed);
      discard(index, DropReason::kMalformed);
      return {};
    case Placed::kNew:
      break;
  }
  ++held_;
  bytes_ += length;
  if (is_whole(datagram)) {
    Datagram whole = std::move(datagram);
    datagrams_.erase(datagrams_.begin() + static_cast<std::ptrdiff_t>(index));
    return combine(std::move(whole));
  }
  while (bytes_ > kBytesMax) discard(0, DropReason::kReassemblyTimeout);
  if (!datagrams_.empty() && !timer_.armed()) timer_.arm(datagrams_.front().deadline);
  return {};
}

size_t Reassembly::datagram_for(const Ipv4Header& header, Time now) {
  for (size_t i = 0; i < datagrams_.size(); ++i) {
    if (datagrams_[i].matches(header)) return i;
  }
  if (datagrams_.size() == kDatagramsMax) discard(0, DropReason::kReassemblyTimeout);
  datagrams_.push_back({header.source,
                        header.destination,
                        header.identification,
                        header.protocol,
                        now + kTimeout,
                        0,
                        {}});
  return datagrams_.size() - 1;
}

// Puts the piece into the datagram unless it is there already or contradicts the others.
Reassembly::Placed Reassembly::place(Datagram& datagram, Piece& piece, const Ipv4Header& header) {
  std::vector<Piece>& pieces = datagram.pieces;
  const auto at = std::find_if(pieces.begin(), pieces.end(),
                               [&](const Piece& other) { return other.begin >= piece.begin; });
  if (at != pieces.end() && at->begin == piece.begin && at->end == piece.end) {
    return Placed::kRepeated;
  }
  const bool overlaps = (at != pieces.end() && at->begin < piece.end) ||
                        (at != pieces.begin() && std::prev(at)->end > piece.begin);
  const bool beyond_end = datagram.length != 0 && piece.end > datagram.length;
  const bool second_end = !header.more_fragments && datagram.length != 0;
  const bool early_end = !header.more_fragments && !pieces.empty() && pieces.back().end > piece.end;
  if (overlaps || beyond_end || second_end || early_end || pieces.size() == kFragmentsMax) {
    return Placed::kInvalid;
  }
  if (!header.more_fragments) datagram.length = piece.end;
  pieces.insert(at, std::move(piece));
  return Placed::kNew;
}

bool Reassembly::is_whole(const Datagram& datagram) {
  if (datagram.length == 0) return false;
  uint32_t reached = 0;
  for (const Piece& piece : datagram.pieces) {
    if (piece.begin != reached) return false;
    reached = piece.end;
  }
  return reached == datagram.length;
}

Frame Reassembly::combine(Datagram datagram) {
  Piece& first = datagram.pieces.front();
  RawHeader raw;
  raw.size = first.header_length;
  std::memcpy(raw.bytes.data(), first.frame.headers().data(), raw.size);
  Frame whole = std::move(first.frame);
  whole.pull_front(raw.size);
  bool good = whole.checksum_good();
  Payload data = whole.payload();
  bool continuous = true;
  for (size_t i = 1; i < datagram.pieces.size(); ++i) {
    const Piece& piece = datagram.pieces[i];
    good = good && piece.frame.checksum_good();
    const bool bare = piece.frame.header_size() == piece.header_length;
    continuous = continuous && bare && data.extend(piece.frame.payload());
  }
  if (!continuous) {  // parts of several buffers: written out once, into one
    std::vector<std::byte> bytes(datagram.length - whole.header_size());
    const uint32_t inline_size = whole.header_size();
    whole.payload().copy_to({bytes.data(), whole.payload().size()});
    for (size_t i = 1; i < datagram.pieces.size(); ++i) {
      const Piece& piece = datagram.pieces[i];
      piece.frame.copy_to({bytes.data() + piece.begin - inline_size, piece.end - piece.begin},
                          piece.header_length);
    }
    data = Payload::of_bytes(whole.pools(), bytes);
  }
  whole.set_payload(std::move(data));
  whole.set_checksum_good(good);
  push_header(whole, raw, 0, false);
  held_ -= datagram.pieces.size();
  bytes_ -= datagram.length;
  owner_.fragments_consumed(datagram.pieces.size() - 1);
  return whole;
}

void Reassembly::discard(size_t index, DropReason reason) {
  Datagram datagram = std::move(datagrams_[index]);
  datagrams_.erase(datagrams_.begin() + static_cast<std::ptrdiff_t>(index));
  for (Piece& piece : datagram.pieces) {
    --held_;
    bytes_ -= piece.end - piece.begin;
    owner_.fragment_dropped(std::move(piece.frame), reason);
  }
}

void Reassembly::forget_all(DropReason reason) {
  timer_.cancel();
  while (!datagrams_.empty()) discard(0, reason);
}

void Reassembly::expire(Timer&, Time now) {
  while (!datagrams_.empty() && datagrams_.front().deadline <= now) {
    const Piece& first = datagrams_.front().pieces.front();
    if (first.begin == 0) owner_.reassembly_timed_out(first.frame, now);
    discard(0, DropReason::kReassemblyTimeout);
  }
  if (!datagrams_.empty()) timer_.arm(datagrams_.front().deadline);
}

}  // namespace violin
