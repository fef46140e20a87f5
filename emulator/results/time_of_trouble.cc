#include "emulator/results/time_of_trouble.hh"

namespace violin {
namespace {

std::optional<MeasureWindow> longest_gap(const PingResult& ping, const MeasureWindow& window) {
  std::optional<Time> last_reply;
  std::optional<MeasureWindow> longest;
  for (const PingProbe& probe : ping.probes) {
    if (!window.contains(probe.sent)) continue;
    const Time now = probe.rtt ? probe.sent + *probe.rtt : probe.sent;
    const MeasureWindow gap{last_reply.value_or(probe.sent), now};
    if (!longest || gap.to - gap.from > longest->to - longest->from) longest = gap;
    if (probe.rtt) last_reply = now;
    if (!last_reply) last_reply = probe.sent;  // without a reply so far: since the first probe
  }
  return longest;
}

std::optional<MeasureWindow> lowest_goodput(const RunResult& result, const std::string& workload) {
  for (const Series& series : result.series) {
    if (series.entity != workload || series.metric != "goodput_bps") continue;
    std::optional<size_t> worst;
    const auto& points = series.points;
    for (size_t i = 0; i < points.size(); ++i) {
      if (!result.window.contains(points[i].first)) continue;
      if (!worst || points[i].second < points[*worst].second) worst = i;
    }
    if (!worst) return std::nullopt;
    const Time to = *worst + 1 < points.size() ? points[*worst + 1].first : result.window.to;
    return MeasureWindow{points[*worst].first, to};
  }
  return std::nullopt;
}

}  // namespace

std::optional<MeasureWindow> time_of_trouble(const RunResult& result,
                                             const WorkloadResult& workload) {
  const auto* ping = std::get_if<PingResult>(&workload.outcome);
  return ping != nullptr ? longest_gap(*ping, result.window)
                         : lowest_goodput(result, workload.name);
}

}  // namespace violin
