#include "emulator/results/report_workloads.hh"

#include <fmt/format.h>

#include "core/units.hh"
#include "emulator/results/html.hh"
#include "emulator/results/metrics.hh"
#include "emulator/results/report_parts.hh"

namespace violin {

std::string ping_table(const RunResult& result) {
  HtmlTable table({"ping", "from", "to", "sent", "lost", "min", "mean", "median", "p99", "max",
                   "mean in queues", "longest gap"},
                  {3, 4, 5, 6, 7, 8, 9, 10, 11});
  for (const WorkloadResult& workload : result.workloads) {
    const auto* ping = std::get_if<PingResult>(&workload.outcome);
    if (ping == nullptr) continue;
    const PingSummary summary = summarise_ping(*ping, result.window);
    const DurationSummary& rtt = summary.rtt;
    const auto mean = [](const DurationSummary& of) {
      return of.samples == 0 ? "–" : escape_html(to_text(of.mean_ns, Unit::kDuration));
    };
    table.add_row({escape_html(workload.name), escape_html(workload.from), escape_html(workload.to),
                   std::to_string(summary.sent), std::to_string(summary.lost()),
                   duration_cell(rtt, rtt.min), mean(rtt), duration_cell(rtt, rtt.p50),
                   duration_cell(rtt, rtt.p99), duration_cell(rtt, rtt.max), mean(summary.queueing),
                   summary.longest_gap ? duration_cell(rtt, *summary.longest_gap) : "–"});
  }
  return table.empty() ? "" : table.text();
}

std::string transfer_table(const RunResult& result) {
  HtmlTable table({"transfer", "from", "to", "goodput", "received", "window", "flows", "sent again",
                   "timeouts", "smoothed RTT", "loss"},
                  {3, 4, 6, 7, 8, 9, 10});
  const auto window = [](const MeasureWindow& of) {
    return escape_html(to_string(of.from) + " – " + to_string(of.to));
  };
  for (const WorkloadResult& workload : result.workloads) {
    const auto value = [&](const char* metric) {
      const MetricValue found = metric_value(result, workload.name + "." + metric);
      return found.value ? escape_html(to_text(*found.value, found.unit)) : std::string("–");
    };
    const std::vector<std::string> ends = {escape_html(workload.name), escape_html(workload.from),
                                           escape_html(workload.to)};
    if (const auto* tcp = std::get_if<TcpResult>(&workload.outcome)) {
      table.add_row({ends[0], ends[1], ends[2], value("goodput"), value("bytes"),
                     window(tcp->window), value("flows"), value("retransmits"), value("timeouts"),
                     value("srtt"), "–"});
    } else if (const auto* udp = std::get_if<UdpResult>(&workload.outcome)) {
      table.add_row({ends[0], ends[1], ends[2], value("goodput"), value("received") + " datagrams",
                     window(udp->window), "–", "–", "–", "–", value("loss")});
    }
  }
  return table.empty() ? "" : table.text();
}

std::string flow_table(const RunResult& result) {
  HtmlTable table({"transfer", "flow", "start", "took", "bytes", "sent again", "timeouts"},
                  {1, 2, 3, 4, 5, 6});
  size_t all = 0;
  for (const WorkloadResult& workload : result.workloads) {
    const auto* tcp = std::get_if<TcpResult>(&workload.outcome);
    if (tcp == nullptr || tcp->flows.size() < 2) continue;
    for (size_t i = 0; i < tcp->flows.size(); ++i) {
      const FlowRecord& flow = tcp->flows[i];
      if (++all > kReportRowsMax) continue;
      const auto took = flow.completion_time();
      table.add_row({escape_html(workload.name), std::to_string(i + 1),
                     escape_html(to_string(flow.start)),
                     took ? to_text(static_cast<double>(took->ns()), Unit::kDuration) : "cut off",
                     to_text(static_cast<double>(flow.bytes), Unit::kBytes),
                     std::to_string(flow.retransmits), std::to_string(flow.timeouts)});
    }
  }
  if (table.empty()) return "";
  return folded(fmt::format("{} flows", all), table.rows(),
                table.text() + cut_note(table.rows(), all, "flows.csv"));
}

std::string traceroute_table(const RunResult& result) {
  std::string text;
  for (const WorkloadResult& workload : result.workloads) {
    const auto* traceroute = std::get_if<TracerouteResult>(&workload.outcome);
    if (traceroute == nullptr) continue;
    HtmlTable table({"hop", "address", "node", "round trips"}, {0});
    for (const TracerouteHop& hop : traceroute->hops) {
      std::string rtts;
      for (const auto& rtt : hop.rtts) {
        if (!rtts.empty()) rtts += ", ";
        rtts += rtt ? to_text(static_cast<double>(rtt->ns()), Unit::kDuration) : "*";
      }
      table.add_row({std::to_string(hop.ttl), escape_html(hop.address.empty() ? "*" : hop.address),
                     escape_html(hop.node), escape_html(rtts)});
    }
    text += fmt::format("<h3>{}</h3>\n{}",
                        escape_html(workload.name + ": " + workload.from + " to " + workload.to),
                        table.text());
  }
  return text;
}

std::string exec_list(const RunResult& result) {
  std::string text;
  for (const WorkloadResult& workload : result.workloads) {
    const auto* exec = std::get_if<ExecResult>(&workload.outcome);
    if (exec == nullptr) continue;
    text += fmt::format("<h3>{} on {}: status {}</h3>\n<pre>{}</pre>\n", escape_html(workload.name),
                        escape_html(workload.from), exec->status, escape_html(exec->output));
  }
  return text;
}

std::string compare_table(const RunResult& result) {
  HtmlTable table({"name", "host", "violin", "(host − violin) / host"}, {1, 2, 3});
  for (const CompareOutcome& compare : result.compares) {
    const auto side = [&](const std::optional<double>& value) {
      if (!value) return std::string("–");
      for (const Unit unit : {Unit::kBitRate, Unit::kDuration, Unit::kBytes, Unit::kFrequency}) {
        if (compare.unit == name_of(unit)) return to_text(*value, unit);
      }
      return to_text(*value, Unit::kCount);
    };
    table.add_row({escape_html(compare.name),
                   side(compare.host) + " <span class=\"soft\">" +
                       escape_html(compare.host_expression) + "</span>",
                   side(compare.violin) + " <span class=\"soft\">" +
                       escape_html(compare.violin_expression) + "</span>",
                   compare.percent ? to_text(*compare.percent / 100, Unit::kShare, 3) : "–"});
  }
  if (table.empty()) return "";
  return table.text() +
         "<p class=\"soft\">One run, so no interval: a sweep over seeds gives one.</p>\n";
}

}  // namespace violin
