#include "emulator/command/run_summary.hh"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <variant>
#include <vector>

#include "emulator/results/compare_summary.hh"
#include "emulator/results/comparison.hh"
#include "emulator/results/explanation.hh"
#include "emulator/results/metrics.hh"
#include "emulator/results/quantity.hh"

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
  return fmt::format("{}, {}/{} received, delay p50 {}, jitter {}",
                     to_text(udp.goodput_bps, Unit::kBitRate), udp.received, udp.sent,
                     time_text(udp.delay.p50), time_text(udp.jitter));
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

void add_compares(std::string& text, const RunResult& result) {
  for (const CompareOutcome& compare : result.compares) {
    text += fmt::format(
        "  {}: {}\n", compare.name,
        compare.percent ? fmt::format("{:.2f} % below the host", *compare.percent) : "no value");
  }
}

void add_expectations(std::string& text, const std::vector<ExpectationOutcome>& expectations) {
  const auto met = std::count_if(expectations.begin(), expectations.end(),
                                 [](const ExpectationOutcome& outcome) { return outcome.met; });
  if (expectations.empty()) return;
  text += fmt::format("expectations: {} of {} hold\n", met, expectations.size());
}

// The metrics that a table on a terminal has room for: goodput, mean round trip, hops.
bool is_headline(const MetricInfo& metric) {
  const auto ends = [&](const char* end) { return metric.name.ends_with(end); };
  return ends(".goodput") || ends(".rtt.mean") || ends(".hops");
}

// One row per metric, one column per combination of parameters.
void add_metric_table(std::string& text, const SweepResult& sweep) {
  std::vector<std::string> combinations, metrics;
  std::map<std::pair<std::string, std::string>, std::string> cells;
  const auto add_once = [](std::vector<std::string>& list, const std::string& item) {
    if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
  };
  for (const SweepSummaryRow& row : summarise_sweep(sweep)) {
    if (!is_headline(row.metric) || row.estimate.samples == 0) continue;
    add_once(combinations, row.combination);
    add_once(metrics, row.metric.name);
    cells[{row.metric.name, row.combination}] = estimate_text(row.estimate, row.metric.unit);
  }
  // Wider than a terminal, a list reads better than a table.
  if (combinations.size() > 3) {
    for (const std::string& combination : combinations) {
      text += combination + "\n";
      for (const std::string& metric : metrics) {
        text += fmt::format("  {:<28} {}\n", metric, cells[{metric, combination}]);
      }
    }
    return;
  }
  text += fmt::format("  {:<28}", "");
  for (const std::string& combination : combinations) text += fmt::format(" {:<24}", combination);
  text += '\n';
  for (const std::string& metric : metrics) {
    text += fmt::format("  {:<28}", metric);
    for (const std::string& combination : combinations) {
      text += fmt::format(" {:<24}", cells[{metric, combination}]);
    }
    text += '\n';
  }
}

// Host against violin: what most sweeps with compare entries are about.
void add_compare_table(std::string& text, const std::vector<CompareSummaryRow>& rows) {
  std::string combination = "\n";
  for (const CompareSummaryRow& row : rows) {
    if (row.combination != combination) {
      text += fmt::format("{:<28}{:<24} {:<24} {}\n", row.combination, "host", "violin",
                          "(host - violin) / host");
    }
    combination = row.combination;
    text +=
        fmt::format("  {:<26}{:<24} {:<24} {}\n", row.name, estimate_text(row.host, row.unit),
                    estimate_text(row.violin, row.unit), estimate_text(row.share, Unit::kShare));
  }
}

void add_sweep_table(std::string& text, const SweepResult& sweep) {
  const std::vector<CompareSummaryRow> compares = summarise_compares(sweep);
  if (compares.empty()) {
    add_metric_table(text, sweep);
  } else {
    add_compare_table(text, compares);
  }
}

}  // namespace

std::string run_summary_text(const RunResult& result, const std::filesystem::path& folder) {
  std::string text = fmt::format(
      "{}: {} of virtual time in {:.2f} s ({:.0f} x), {} frame hops, simulated, seed {}{}\n",
      result.identity.scenario, time_text(result.virtual_time), result.wall_seconds,
      result.virtual_time.to_seconds() / std::max(result.wall_seconds, 1e-9),
      large_count(result.frame_hops), result.identity.seed,
      result.interrupted ? ", INTERRUPTED" : "");
  add_workloads(text, result);
  add_compares(text, result);
  add_expectations(text, result.expectations);
  if (!expectations_met(result)) text += "\n" + explain_failures(result, {folder});
  text += fmt::format("digest {:016x}; report: {}\n", result.digest.value_or(0),
                      (folder / "report.html").string());
  return text;
}

std::string sweep_summary_text(const SweepResult& sweep, const std::filesystem::path& folder) {
  std::string text = fmt::format("{} points, mean and 95 % interval over the seeds, simulated:\n",
                                 sweep.runs.size());
  add_sweep_table(text, sweep);
  size_t failed_points = 0;
  for (const SweepRun& run : sweep.runs) failed_points += expectations_met(run.result) ? 0 : 1;
  if (failed_points > 0) {
    text +=
        fmt::format("expectations failed in {} of {} points:\n", failed_points, sweep.runs.size());
    for (const SweepRun& run : sweep.runs) {
      for (const ExpectationOutcome& outcome : run.result.expectations) {
        if (outcome.met) continue;
        text += fmt::format("  {}: {}: measured {}\n", run.run, outcome.check,
                            outcome.measured.empty() ? outcome.reason : outcome.measured);
      }
    }
  }
  for (const ExpectationOutcome& outcome : sweep.expectations) {
    text += fmt::format("{} {}: {}\n", outcome.met ? "holds: " : "FAILED:", outcome.check,
                        outcome.measured.empty() ? outcome.reason : outcome.measured);
  }
  for (const std::string& failure : sweep.failed) text += "no result: " + failure + "\n";
  text +=
      fmt::format("every metric: violin compare {0}; report: {0}/report.html\n", folder.string());
  return text;
}

}  // namespace violin
