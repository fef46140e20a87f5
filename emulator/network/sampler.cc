#include "emulator/network/sampler.hh"

#include <algorithm>

namespace violin {
namespace {

constexpr int64_t kTicksPerSecond = Duration::seconds(1) / Sampler::kInterval;

// What stands for the end of the interval `index`, from 0 on.
std::pair<Time, double> point_at(size_t index, double value) {
  return {Time::zero() + Sampler::kInterval * static_cast<int64_t>(index + 1), value};
}

}  // namespace

Sampler::Sampler(Network& network)
    : entity_("sampler"), timer_(network.scheduler(), entity_, *this) {
  const size_t links = network.scenario().links.size();
  for (size_t i = 0; i < links; ++i) {
    for (const bool a_to_b : {true, false}) {
      const int link = static_cast<int>(i);
      Wire* wire = network.wire(link, a_to_b);
      const bool paced = wire != nullptr && (!wire->spec().rate.unlimited() || wire->spec().trace);
      if (paced && 2 * links <= kWiresMax) {
        watches_.push_back(
            {.wire = wire, .name = wire->name(), .flight = network.flight(link, a_to_b)});
      }
      const Flight* flight = network.flight(link, a_to_b);
      if (flight != nullptr && !flight->is_stand_in() && !network.is_real())
        tracks_.push_back({.flight = flight});
    }
  }
  std::sort(tracks_.begin(), tracks_.end(), [](const Track& left, const Track& right) {
    return left.flight->name() < right.flight->name();
  });
}

void Sampler::start() { timer_.arm(Time::zero() + kInterval); }

void Sampler::expire(Timer&, Time now) {
  ++ticks_;
  if (ticks_ <= kSamplesMax) sample_queues(now);
  if (ticks_ % kTicksPerSecond == 0) sample_digests(ticks_ / kTicksPerSecond - 1);
  timer_.arm(now + kInterval);
}

void Sampler::sample_queues(Time now) {
  for (Watch& watch : watches_) {
    const DropCounters& drops = watch.wire->counters().drops;
    const uint32_t packets = watch.wire->queue_packets_at(now);
    watch.eventful = watch.eventful || packets > 0 || drops.total() > 0;
    watch.queue_packets.push_back(packets);
    sample_utilisation(watch);
    if (drops.total() == watch.last.total()) continue;
    for (size_t i = 0; i < kDropReasonCount; ++i) {
      const auto reason = static_cast<DropReason>(i);
      const uint64_t fresh = drops.of(reason) - watch.last.of(reason);
      if (fresh > 0) watch.drops[reason].emplace_back(now, static_cast<double>(fresh));
    }
    watch.last = drops;
  }
}

// From what came out: one propagation delay late, and short frames count as what they are.
void Sampler::sample_utilisation(Watch& watch) {
  const WireSpec& spec = watch.wire->spec();
  const auto frames = static_cast<int64_t>(watch.flight->delivered());
  const int64_t bits =
      static_cast<int64_t>(watch.flight->delivered_bytes()) * 8 + frames * spec.overhead.bits();
  const BitRate rate = spec.trace != nullptr ? mean_rate(*spec.trace) : spec.rate;
  const double offered = static_cast<double>(rate.bps()) * kInterval.to_seconds();
  watch.utilisation.push_back(offered > 0 ? static_cast<double>(bits - watch.sent_bits) / offered
                                          : kNoRate);
  watch.sent_bits = bits;
}

void Sampler::sample_digests(int64_t second) {
  for (Track& track : tracks_) {
    if (track.flight->delivered() == track.delivered) continue;
    track.delivered = track.flight->delivered();
    track.changes.emplace_back(second, track.flight->digest());
  }
}

std::vector<Series> Sampler::series() const {
  std::vector<Series> series;
  for (const Watch& watch : watches_) {
    if (!watch.eventful) continue;
    Series queue{watch.name, "queue_packets", {}}, utilisation{watch.name, "utilisation_share", {}};
    for (size_t i = 0; i < watch.queue_packets.size(); ++i) {
      queue.points.push_back(point_at(i, watch.queue_packets[i]));
      const double share = watch.utilisation[i];
      if (share != kNoRate) utilisation.points.push_back(point_at(i, share));
    }
    series.push_back(std::move(queue));
    series.push_back(std::move(utilisation));
    for (const auto& [reason, points] : watch.drops) {
      series.push_back({watch.name, "drops_" + std::string(name_of(reason)) + "_packets", points});
    }
  }
  return series;
}

std::vector<DigestTrack> Sampler::digests(Time end) const {
  const int64_t seconds = (end.ns() + 999'999'999) / 1'000'000'000;
  std::vector<DigestTrack> result;
  for (const Track& track : tracks_) {
    if (track.flight->delivered() == 0) continue;
    DigestTrack full{track.flight->name(), 0, {}};
    uint64_t value = 0;
    size_t next = 0;
    for (int64_t second = 0; second < seconds; ++second) {
      while (next < track.changes.size() && track.changes[next].first <= second) {
        value = track.changes[next++].second;
      }
      full.values.push_back(value);
    }
    // The last second ends with the run, after whatever was delivered at its very end.
    if (!full.values.empty()) full.values.back() = track.flight->digest();
    result.push_back(std::move(full));
  }
  return result;
}

}  // namespace violin
