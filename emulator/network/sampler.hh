#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/entity.hh"
#include "core/scheduler.hh"
#include "emulator/network/network.hh"
#include "emulator/results/run_result.hh"

namespace violin {

// Looks at a running network ten times a second of virtual time: queue depth and drops of links
// with a rate (for plots), and, where there are digests, once a second at every chain. Looking
// changes nothing: a wire that is looked at does what was due anyway (Wire::catch_up).
//
// A direction of a link costs 120 bytes a second, and 160 more for each reason for which it drops
// something all the time; nothing after kSamplesMax looks.
class Sampler final : public TimerTarget {
 public:
  static constexpr Duration kInterval = Duration::milliseconds(100);
  // Networks with more wires than this keep no series of queues and drops.
  static constexpr size_t kWiresMax = 2'000;
  // 2.8 hours, as long as BinnedSeries is.
  static constexpr int64_t kSamplesMax = 100'000;

  explicit Sampler(Network& network);
  Entity& entity() { return entity_; }
  void start();
  // No more samples are taken.
  void stop() { timer_.cancel(); }
  void expire(Timer& timer, Time now) override;

  // Series of the links on which anything was ever queued or dropped.
  std::vector<Series> series() const;
  // The digest of every wire at the end of each second, and at `end`; by wire name.
  std::vector<DigestTrack> digests(Time end) const;

 private:
  struct Watch {
    Wire* wire = nullptr;
    std::string name;
    const Flight* flight = nullptr;
    std::vector<uint32_t> queue_packets;  // at the end of each interval since time 0
    std::vector<double> utilisation;      // of each interval, 0 to 1; kNoRate when it had none
    int64_t sent_bits = 0;
    std::map<DropReason, std::vector<std::pair<Time, double>>> drops;  // since the last sample
    DropCounters last;
    bool eventful = false;
  };
  struct Track {
    const Flight* flight = nullptr;
    uint64_t delivered = 0;
    // Only seconds in which something was delivered: (second, value after it).
    std::vector<std::pair<int64_t, uint64_t>> changes;
  };

  static constexpr double kNoRate = -1;

  void sample_queues(Time now);
  static void sample_utilisation(Watch& watch);
  void sample_digests(int64_t second);

  Entity entity_;
  Timer timer_;
  int64_t ticks_ = 0;
  std::vector<Watch> watches_;
  std::vector<Track> tracks_;
};

}  // namespace violin
