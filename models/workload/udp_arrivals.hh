#pragma once

#include <cstdint>
#include <vector>

#include "core/random.hh"
#include "models/workload/measurement.hh"
#include "models/workload/udp_datagram.hh"

namespace violin {

// What a receiver makes of the datagrams of one sender: which numbers came, how often and when.
// Whoever has the datagrams tells it, a model node or a program behind a socket, so that both count
// alike. Counters are over the whole run but for window_bytes() and delays().
class UdpArrivals {
 public:
  // Delays beyond this number are sampled: each of n has the same chance to be among them.
  static constexpr size_t kDelaysMax = 1'000'000;
  // A number that comes this much later than the highest one cannot be told from a duplicate; it is
  // counted as reordered.
  static constexpr uint64_t kHistory = 65'536;
  // Under the real clock a model's time stands where its events are, a little behind the clock that
  // a program stamps with; such a delay is counted as 0.
  static constexpr Duration kAheadMax = Duration::milliseconds(100);

  UdpArrivals(const MeasureWindow& window, Random random)
      : window_(window), random_(random), seen_(kHistory) {}

  // A datagram of `size` bytes of data has come. False when its numbers are not those of a sender:
  // from the future, or far beyond all others.
  bool add(const UdpDatagramHeader& header, uint32_t size, Time now);

  uint64_t received() const { return received_; }      // each number once
  uint64_t duplicates() const { return duplicates_; }  // further ones
  uint64_t reordered() const { return reordered_; }    // below the highest number so far
  // Numbers up to the highest one that did not come.
  uint64_t lost() const { return next_ > received_ ? next_ - received_ : 0; }
  uint64_t bytes() const { return bytes_; }  // of data, duplicates not
  uint64_t window_bytes() const { return window_bytes_; }
  const BinnedSeries& series() const { return series_; }  // bytes of data over time
  // One-way delays of what arrived within the window; see kDelaysMax.
  const std::vector<Duration>& delays() const { return delays_; }
  // Interarrival jitter (RFC 3550 section 6.4.1), rounded down.
  Duration jitter() const { return Duration::nanoseconds(jitter_x16_ / 16); }

 private:
  enum class Place { kNew, kLate, kRepeated };
  Place place(uint64_t sequence);
  void measure_delay(Duration delay, Time now);

  MeasureWindow window_;
  Random random_;
  std::vector<bool> seen_;  // of the last kHistory numbers, a ring
  uint64_t next_ = 0;       // the highest number so far, and one
  uint64_t received_ = 0;
  uint64_t duplicates_ = 0;
  uint64_t reordered_ = 0;
  uint64_t bytes_ = 0;
  uint64_t window_bytes_ = 0;
  BinnedSeries series_;
  std::vector<Duration> delays_;
  uint64_t delays_seen_ = 0;
  bool has_transit_ = false;
  Duration transit_;
  int64_t jitter_x16_ = 0;
};

}  // namespace violin
