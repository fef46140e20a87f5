#include "models/workload/udp_arrivals.hh"

#include <algorithm>

namespace violin {

bool UdpArrivals::add(const UdpDatagramHeader& header, uint32_t size, Time now) {
  // A number far beyond all others would make lost() meaningless.
  if (header.sent > now + kAheadMax || header.sequence >= uint64_t{1} << 48) return false;
  const Place where = place(header.sequence);
  if (where == Place::kRepeated) {
    ++duplicates_;
    return true;
  }
  if (where == Place::kLate) ++reordered_;
  ++received_;
  bytes_ += size;
  if (now >= Time::zero()) series_.add(now, size);
  if (window_.contains(now)) window_bytes_ += size;
  measure_delay(std::max(now - header.sent, Duration()), now);
  return true;
}

UdpArrivals::Place UdpArrivals::place(uint64_t sequence) {
  if (sequence >= next_) {
    const uint64_t skipped = std::min(sequence - next_, kHistory);
    for (uint64_t i = 0; i < skipped; ++i) seen_[(next_ + i) % kHistory] = false;
    next_ = sequence + 1;
    seen_[sequence % kHistory] = true;
    return Place::kNew;
  }
  if (next_ - sequence > kHistory) return Place::kLate;
  if (seen_[sequence % kHistory]) return Place::kRepeated;
  seen_[sequence % kHistory] = true;
  return Place::kLate;
}

void UdpArrivals::measure_delay(Duration delay, Time now) {
  if (has_transit_) {
    const int64_t difference = std::max(delay - transit_, transit_ - delay).ns();
    jitter_x16_ += difference - (jitter_x16_ + 8) / 16;  // RFC 3550 appendix A.8
  }
  has_transit_ = true;
  transit_ = delay;
  if (!window_.contains(now)) return;
  ++delays_seen_;
  if (delays_.size() < kDelaysMax) {
    delays_.push_back(delay);
    return;
  }
  const uint64_t at = random_.below(delays_seen_);  // Vitter's algorithm R
  if (at < kDelaysMax) delays_[at] = delay;
}

}  // namespace violin
