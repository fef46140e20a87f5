#include "models/workload/udp_sink.hh"

#include <algorithm>
#include <utility>

#include "core/check.hh"

namespace violin {

UdpSink::UdpSink(Host& host, UdpSinkSpec spec)
    : host_(host),
      spec_(std::move(spec)),
      random_(substream(host.seed(), host.name(), "udp delays " + spec_.name)),
      seen_(kHistory) {
  CHECK(host.udp().bind(spec_.port, *this));
}

UdpSink::~UdpSink() { host_.udp().unbind(spec_.port); }

void UdpSink::receive_datagram(Frame data, const UdpReceived&, Time now) {
  const uint32_t size = data.size();
  const auto header = UdpDatagramHeader::read(data);
  // A number far beyond all others is not ours either; it would make lost() meaningless.
  if (!header || header->sent > now || header->sequence >= uint64_t{1} << 48) {
    ++malformed_;
    return;
  }
  const Place where = place(header->sequence);
  if (where == Place::kRepeated) {
    ++duplicates_;
    return;
  }
  if (where == Place::kLate) ++reordered_;
  ++received_;
  bytes_ += size;
  if (now >= Time::zero()) series_.add(now, size);
  if (spec_.window.contains(now)) window_bytes_ += size;
  measure_delay(now - header->sent, now);
}

UdpSink::Place UdpSink::place(uint64_t sequence) {
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

void UdpSink::measure_delay(Duration delay, Time now) {
  if (has_transit_) {
    const int64_t difference = std::max(delay - transit_, transit_ - delay).ns();
    jitter_x16_ += difference - (jitter_x16_ + 8) / 16;  // RFC 3550 appendix A.8
  }
  has_transit_ = true;
  transit_ = delay;
  if (!spec_.window.contains(now)) return;
  ++delays_seen_;
  if (delays_.size() < kDelaysMax) {
    delays_.push_back(delay);
    return;
  }
  const uint64_t at = random_.below(delays_seen_);  // Vitter's algorithm R
  if (at < kDelaysMax) delays_[at] = delay;
}

}  // namespace violin
