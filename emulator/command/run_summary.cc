#include "emulator/command/run_summary.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <variant>
#include <vector>

#include "emulator/results/explanation.hh"
#include "emulator/results/metrics.hh"
#include "emulator/results/quantity.hh"
#include "emulator/results/routing_summary.hh"

namespace violin {
namespace {

std::string time_text(Duration span) {
  return to_text(static_cast<double>(span.ns()), Unit::kDuration);
}

std::string large_count(uint64_t count) {
  if (count < 100'000) return std::to_string(count);
  return fmt::format("{:.1f} M", static_cast<double>(count) * 1e-6);
}

std::string figures(const PingResult& ping, const RunResult& run) {
  const PingSummary summary = summarise_ping(ping, run.window);
  std::string text = fmt::format("{}/{} replies", summary.received, summary.sent);
  if (summary.rtt.samples == 0) return text;
  text += fmt::format(", rtt min/mean/p99/max {} / {} / {} / {}", time_text(summary.rtt.min),
                      to_text(summary.rtt.mean_ns, Unit::kDuration), time_text(summary.rtt.p99),
                      time_text(summary.rtt.max));
  return text;
}

std::string figures(const TcpResult& tcp, const RunResult&) {
  std::string text =
      fmt::format("{}, {} retransmits, srtt {}", to_text(tcp.goodput_bps, Unit::kBitRate),
                  tcp.retransmits, time_text(tcp.srtt));
  if (tcp.flows.size() != 1) text += fmt::format(", {} flows", tcp.flows.size());
  return text;
}

std::string figures(const UdpResult& udp, const RunResult&) {
  // iperf3 knows no delays.
  const std::string delay =
      udp.delay.samples == 0 ? "" : fmt::format(", delay p50 {}", time_text(udp.delay.p50));
  return fmt::format("{}, {}/{} received{}, jitter {}", to_text(udp.goodput_bps, Unit::kBitRate),
                     udp.received, udp.sent, delay, time_text(udp.jitter));
}

std::string figures(const TracerouteResult& trace, const RunResult&) {
  std::string text =
      fmt::format("{} hops{}:", trace.hops.size(), trace.reached ? "" : ", not reached");
  for (const TracerouteHop& hop : trace.hops) {
    text += ' ';
    text += !hop.node.empty() ? hop.node : !hop.address.empty() ? hop.address : "*";
  }
  return text;
}

std::string figures(const ExecResult& exec, const RunResult&) {
  return fmt::format("exit status {}", exec.status);
}

void add_workloads(std::string& text, const RunResult& result) {
  size_t name_width = 4;
  for (const WorkloadResult& workload : result.workloads) {
    name_width = std::max(name_width, workload.name.size());
  }
  for (const WorkloadResult& workload : result.workloads) {
    const std::string what =
        std::visit([&](const auto& outcome) { return figures(outcome, result); }, workload.outcome);
    text += fmt::format("  {:<{}}  {} -> {}  {}: {}\n", workload.name, name_width, workload.from,
                        workload.to, kind_of(workload.outcome), what);
  }
}

std::string relation_to_host(double percent) {
  const std::string size = to_text(std::fabs(percent) / 100, Unit::kShare, 3);
  if (percent == 0) return "as the host";
  return size + (percent > 0 ? " below the host" : " above the host");
}

void add_compares(std::string& text, const RunResult& result) {
  for (const CompareOutcome& compare : result.compares) {
    text +=
        fmt::format("  {}: {}\n", compare.name,
                    compare.percent ? relation_to_host(*compare.percent) : std::string("no value"));
  }
}

void add_routing(std::string& text, const RunResult& result) {
  for (const std::string& plane : routed_planes(result)) {
    const RoutingSummary summary = summarise_routing(result, plane);
    text += "  " + plane + " routing:";
    for (const RoutingSummary::Phase& phase : summary.phases) {
      if (!phase.until) continue;
      text += fmt::format("{} settled {} after {}", &phase == &summary.phases[0] ? "" : ",",
                          time_text(*phase.until), phase.cause);
    }
    text += summary.deviations == 0
                ? "; at the end all as the shortest paths\n"
                : fmt::format("; at the end {} not as the shortest paths\n", summary.deviations);
  }
}

void add_fidelity(std::string& text, const RunResult& result) {
  if (!result.fidelity) return;
  text += "times: " + name_of(result.fidelity->verdict);
  const AgentFidelity* latest = result.fidelity->latest();
  if (latest != nullptr && latest->lateness.summary.samples > 0) {
    text += fmt::format(" (lateness p50 {}, p99 {})", time_text(latest->lateness.summary.p50),
                        time_text(latest->lateness.summary.p99));
  }
  if (result.fidelity->clock_error() > Duration()) {
    text += fmt::format(", clocks within {}", time_text(result.fidelity->clock_error()));
  }
  text += "\n";
  for (const std::string& reason : result.fidelity->reasons) text += "  " + reason + "\n";
}

// "simulated", "measured", or "measured over a real underlay".
std::string origin(const RunIdentity& identity) {
  if (identity.clock == "virtual") return "simulated";
  return identity.underlay == "real" ? "measured over a real underlay" : "measured";
}

// "60 s of virtual time in 0.25 s (240 x)", or "60 s of real time".
std::string time_and_speed(const RunResult& result) {
  if (result.identity.clock != "virtual") return time_text(result.virtual_time) + " of real time";
  std::string text = fmt::format(
      "{} of virtual time in {:.2f} s ({:.0f} x)", time_text(result.virtual_time),
      result.wall_seconds, result.virtual_time.to_seconds() / std::max(result.wall_seconds, 1e-9));
  if (!result.cut) return text;
  text += fmt::format(" in {} parallel parts", result.cut->parts);
  if (result.cut->lookahead == Duration::max()) return text + " without a way between them";
  return text + ", lookahead " + time_text(result.cut->lookahead);
}

// What happened that nobody asked for, a line each.
void add_notes(std::string& text, const RunResult& result) {
  constexpr int kMost = 8;
  int notes = 0;
  for (const RunEvent& event : result.event_log) {
    if (event.kind != "note" || ++notes > kMost) continue;
    // What has no instant of its own is noted at the beginning.
    if (event.when > Time::zero()) text += fmt::format("at {:.3f} s ", event.when.to_seconds());
    text += "note: " + event.text.substr(0, event.text.find('\n')) + "\n";
  }
  if (notes > kMost) text += fmt::format("… and {} more notes in events.jsonl\n", notes - kMost);
}

void add_expectations(std::string& text, const std::vector<ExpectationOutcome>& expectations) {
  const auto met = std::count_if(expectations.begin(), expectations.end(),
                                 [](const ExpectationOutcome& outcome) { return outcome.met; });
  if (expectations.empty()) return;
  text += fmt::format("expectations: {} of {} hold\n", met, expectations.size());
}

}  // namespace

std::string run_summary_text(const RunResult& result, const std::filesystem::path& folder) {
  std::string text =
      fmt::format("{}: {}, {} frame hops, {}, seed {}{}\n", result.identity.scenario,
                  time_and_speed(result), large_count(result.frame_hops), origin(result.identity),
                  result.identity.seed, result.interrupted ? ", INTERRUPTED" : "");
  add_workloads(text, result);
  add_compares(text, result);
  add_routing(text, result);
  add_fidelity(text, result);
  add_notes(text, result);
  add_expectations(text, result.expectations);
  if (!expectations_met(result)) text += "\n" + explain_failures(result, {folder});
  for (const std::string& failure : result.failures) text += "FAILED: " + failure + "\n";
  if (result.digest) text += fmt::format("digest {:016x}; ", *result.digest);
  text += "report: " + (folder / "report.html").string() + "\n";
  return text;
}

}  // namespace violin
