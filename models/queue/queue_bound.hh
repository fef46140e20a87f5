#pragma once

#include <cstdint>
#include <limits>
#include <variant>

#include "core/check.hh"
#include "core/time.hh"
#include "core/units.hh"
#include "models/link/wire_spec.hh"

namespace violin {

// The hard limit of a queue, whichever way it was given: as packets, as bytes, or as the time its
// wire needs for them. A queue never holds more than its bound; a bound smaller than one frame
// means that nothing waits. A time on a wire of unlimited rate is no bound, as no frame waits
// there.
class QueueBound {
 public:
  QueueBound(const QueueLimit& limit, BitRate rate) {
    if (const auto* packets = std::get_if<PacketLimit>(&limit)) packets_ = packets->packets;
    if (const auto* bytes = std::get_if<ByteLimit>(&limit)) bytes_ = bytes->bytes.count();
    if (const auto* time = std::get_if<TimeLimit>(&limit)) span_ = time->span;
    CHECK(packets_ >= 0 && bytes_ >= 0 && span_ >= Duration());
    timed_ = std::holds_alternative<TimeLimit>(limit);
    set_rate(rate);
  }

  // A bound given as a time follows the rate; frames that already wait are kept.
  void set_rate(BitRate rate) {
    if (timed_) bytes_ = carried_in(span_, rate);
  }

  // Whether a queue may hold this much.
  bool allows(int64_t packets, Bytes bytes) const {
    return packets <= packets_ && bytes.count() <= bytes_;
  }
  // Whether a queue of `packets` and `held` may take one frame of `size` more.
  bool admits(uint32_t packets, Bytes held, Bytes size) const {
    return allows(int64_t{packets} + 1, held + size);
  }

  // The bound in bytes, a packet counting as one of 1514 bytes; for thresholds that are a share of
  // it.
  Bytes in_bytes() const {
    if (bytes_ != kNone) return Bytes(bytes_);
    return Bytes(packets_ < kNone / kFullFrame ? packets_ * kFullFrame : kNone);
  }

 private:
  static constexpr int64_t kNone = std::numeric_limits<int64_t>::max();
  static constexpr int64_t kFullFrame = 1514;

  // What `rate` carries in `span`, whole bytes, rounded down.
  static int64_t carried_in(Duration span, BitRate rate) {
    if (rate.unlimited()) return kNone;
    constexpr auto kBitNanoseconds = uint64_t{8} * 1'000'000'000;
    const auto bytes = static_cast<unsigned __int128>(span.ns()) *
                       static_cast<uint64_t>(rate.bps()) / kBitNanoseconds;
    return bytes < static_cast<uint64_t>(kNone) ? static_cast<int64_t>(bytes) : kNone;
  }

  int64_t packets_ = kNone;
  int64_t bytes_ = kNone;
  Duration span_;
  bool timed_ = false;
};

}  // namespace violin
