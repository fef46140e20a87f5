#include "emulator/results/report.hh"

#include <fmt/format.h>

#include <algorithm>

#include "core/units.hh"
#include "emulator/results/comparison.hh"
#include "emulator/results/explanation.hh"
#include "emulator/results/html.hh"
#include "emulator/results/metrics.hh"
#include "emulator/results/report_parts.hh"
#include "emulator/results/report_plots.hh"

namespace violin {
namespace {

constexpr size_t kRowsMax = 40;

std::string duration_cell(const DurationSummary& summary, Duration value) {
  if (summary.samples == 0) return "–";
  return escape_html(to_text(static_cast<double>(value.ns()), Unit::kDuration));
}

std::string cut_note(size_t shown, size_t all, const std::string& file) {
  if (shown >= all) return "";
  return fmt::format("<p class=\"soft\">The first {} of {}; all of them are in {}.</p>\n", shown,
                     all, file);
}

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
                   std::to_string(summary.sent), std::to_string(summary.sent - summary.received),
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
      if (++all > kRowsMax) continue;
      const auto took = flow.completion_time();
      table.add_row({escape_html(workload.name), std::to_string(i + 1),
                     escape_html(to_string(flow.start)),
                     took ? to_text(static_cast<double>(took->ns()), Unit::kDuration) : "cut off",
                     to_text(static_cast<double>(flow.bytes), Unit::kBytes),
                     std::to_string(flow.retransmits), std::to_string(flow.timeouts)});
    }
  }
  if (table.empty()) return "";
  return "<h3>Flows</h3>\n" + table.text() + cut_note(table.rows(), all, "flows.csv");
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
        rtts += (rtts.empty() ? "" : ", ") +
                (rtt ? to_text(static_cast<double>(rtt->ns()), Unit::kDuration) : std::string("*"));
      }
      table.add_row({std::to_string(hop.ttl), escape_html(hop.address.empty() ? "*" : hop.address),
                     escape_html(hop.node), escape_html(rtts)});
    }
    text += "<h3>" + escape_html(workload.name + ": " + workload.from + " to " + workload.to) +
            "</h3>\n" + table.text();
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

struct NamedDirection {
  std::string name;
  const LinkDirectionResult* direction;
};

// All directions, those with most drops first, then the busiest.
std::vector<NamedDirection> directions_by_interest(const RunResult& result) {
  std::vector<NamedDirection> list;
  for (const LinkResult& link : result.links) {
    list.push_back({direction_name(link, true), &link.a_to_b});
    list.push_back({direction_name(link, false), &link.b_to_a});
  }
  std::stable_sort(list.begin(), list.end(), [](const NamedDirection& a, const NamedDirection& b) {
    const auto key = [](const LinkDirectionResult& d) {
      return std::make_tuple(total(d.drops), d.utilisation.value_or(0), d.bytes);
    };
    return key(*a.direction) > key(*b.direction);
  });
  return list;
}

std::string link_table(const RunResult& result) {
  HtmlTable table({"link and direction", "frames", "bytes", "utilisation", "median wait",
                   "p99 wait", "most waiting", "ECN marks", "dropped"},
                  {1, 2, 3, 4, 5, 6, 7, 8});
  const std::vector<NamedDirection> all = directions_by_interest(result);
  for (size_t i = 0; i < all.size() && i < kRowsMax; ++i) {
    const LinkDirectionResult& d = *all[i].direction;
    table.add_row({escape_html(all[i].name), std::to_string(d.frames),
                   to_text(static_cast<double>(d.bytes), Unit::kBytes),
                   d.utilisation ? to_text(*d.utilisation, Unit::kShare) : "–",
                   duration_cell(d.sojourn, d.sojourn.p50), duration_cell(d.sojourn, d.sojourn.p99),
                   std::to_string(d.queue_packets_max), std::to_string(d.marks),
                   std::to_string(total(d.drops))});
  }
  return table.empty() ? "" : table.text() + cut_note(table.rows(), all.size(), "links.csv");
}

struct DropRow {
  std::string where;
  DropReason reason;
  uint64_t count;
};

std::string drop_table(const RunResult& result) {
  std::vector<DropRow> rows;
  const auto add = [&rows](const std::string& where, const DropCounts& drops) {
    for (size_t i = 0; i < drops.size(); ++i) {
      if (drops[i] > 0) rows.push_back({where, static_cast<DropReason>(i), drops[i]});
    }
  };
  for (const LinkResult& link : result.links) {
    add(direction_name(link, true), link.a_to_b.drops);
    add(direction_name(link, false), link.b_to_a.drops);
  }
  for (const NodeResult& node : result.nodes) add(node.name, node.drops);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const DropRow& a, const DropRow& b) { return a.count > b.count; });
  if (rows.empty()) return "<p>No frame was dropped anywhere.</p>\n";
  HtmlTable table({"where", "reason", "frames", ""}, {2});
  for (size_t i = 0; i < rows.size() && i < kRowsMax; ++i) {
    const double share = static_cast<double>(rows[i].count) / static_cast<double>(rows[0].count);
    table.add_row(
        {escape_html(rows[i].where), std::string(name_of(rows[i].reason)),
         std::to_string(rows[i].count),
         fmt::format("<span class=\"bar\" style=\"width:{:.0f}px\"></span>", 260 * share)});
  }
  return table.text() + cut_note(table.rows(), rows.size(), "links.csv and summary.json");
}

std::string event_table(const RunResult& result) {
  HtmlTable table({"at", "what", ""});
  size_t all = 0;
  for (const RunEvent& event : result.event_log) {
    if (++all > kRowsMax) continue;
    table.add_row(
        {escape_html(to_string(event.when)), escape_html(event.kind), escape_html(event.text)});
  }
  return table.empty() ? "" : table.text() + cut_note(table.rows(), all, "events.jsonl");
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

std::string queue_section(const RunResult& result) {
  return figure_of(queue_plot(result), "") + figure_of(utilisation_plot(result), "") +
         link_table(result);
}

}  // namespace

std::string anchor_of_metric(const RunResult& result, const std::string& metric) {
  for (const CompareOutcome& compare : result.compares) {
    if (compare.name == metric) return "compares";
  }
  for (const WorkloadResult& workload : result.workloads) {
    if (metric.find(workload.name + ".") != 0) continue;
    const std::string kind = kind_of(workload.outcome);
    if (kind == "ping") return "rtt";
    if (kind == "traceroute") return "traceroute";
    return kind == "exec" ? "exec" : "goodput";
  }
  if (metric.find(".drops") != std::string::npos) return "drops";
  return metric.find('/') != std::string::npos ? "queues" : "run";
}

std::string report_text(const RunResult& result, const ReportOptions& options) {
  std::string body = report_header(result);
  body +=
      html_section("expectations", "Expectations", expectations_part(result.expectations, &result));
  body += html_section("compares", "Host and violin compared", compare_table(result));
  if (!options.topology_svg.empty()) {
    body += html_section("topology", "Topology", "<figure>" + options.topology_svg + "</figure>\n");
  }
  body += html_section(
      "goodput", "Goodput",
      figure_of(goodput_plot(result), "") + transfer_table(result) + flow_table(result));
  body += html_section("rtt", "Round trips", figure_of(rtt_plot(result), "") + ping_table(result));
  body += html_section("traceroute", "Paths", traceroute_table(result));
  body += html_section("exec", "Commands", exec_list(result));
  body += html_section("queues", "Links and queues", queue_section(result));
  body += html_section("drops", "Where frames were dropped", drop_table(result));
  body += html_section("events", "What happened when", event_table(result));
  body += html_section("files", "Reading the files", reading_part(false));
  return html_page(result.identity.scenario + " – VIOLIN", body);
}

}  // namespace violin
