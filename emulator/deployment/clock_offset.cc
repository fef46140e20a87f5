#include "emulator/deployment/clock_offset.hh"

#include <algorithm>

#include "core/check.hh"
#include "emulator/deployment/agent_client.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/realtime/scenario_clock.hh"

namespace violin {
namespace {

// The first ones also open connections and fill caches.
constexpr int kSamples = 16;

Duration size_of(Duration span) { return span < Duration() ? Duration() - span : span; }

bool is_of_this_boot(const AgentDescription& agent) {
  return agent.boot_id == read_file("/proc/sys/kernel/random/boot_id");
}

}  // namespace

ClockOffset best_offset(const std::vector<ClockSample>& samples) {
  CHECK(!samples.empty());
  const auto round_trip = [](const ClockSample& sample) {
    return sample.heard_ns - sample.asked_ns;
  };
  const ClockSample& best = *std::min_element(
      samples.begin(), samples.end(),
      [&](const ClockSample& a, const ClockSample& b) { return round_trip(a) < round_trip(b); });
  const int64_t half = round_trip(best) / 2;
  return {Duration::nanoseconds(best.theirs_ns - (best.asked_ns + half)),
          Duration::nanoseconds(half + 1)};  // what was rounded off
}

ClockOffset measure_clock(const AgentClient& agent) {
  std::vector<ClockSample> samples;
  bool same_boot = false;
  for (int i = 0; i < kSamples; ++i) {
    ClockSample sample;
    sample.asked_ns = ScenarioClock::monotonic_ns();
    const AgentDescription description = agent.describe();
    sample.heard_ns = ScenarioClock::monotonic_ns();
    sample.theirs_ns = description.monotonic_ns;
    same_boot = is_of_this_boot(description);
    samples.push_back(sample);
  }
  const ClockOffset offset = best_offset(samples);
  if (same_boot && size_of(offset.ahead) <= offset.error) return {};
  return offset;
}

Duration largest_error(const ClockOffset& assumed, const ClockOffset& later) {
  if (assumed.error == Duration() && later.error == Duration()) return {};
  return std::max(assumed.error, size_of(later.ahead - assumed.ahead) + later.error);
}

}  // namespace violin
