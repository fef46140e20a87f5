#include "emulator/results/report.hh"

#include "emulator/results/drop_plot.hh"
#include "emulator/results/html.hh"
#include "emulator/results/report_fidelity.hh"
#include "emulator/results/report_network.hh"
#include "emulator/results/report_parts.hh"
#include "emulator/results/report_plots.hh"
#include "emulator/results/report_workloads.hh"

namespace violin {
namespace {

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
  if (metric.find("fidelity.") == 0) return "fidelity";
  if (metric.find("/routing.") != std::string::npos) return "routing";
  if (metric.find(".drops") != std::string::npos) return "drops";
  return metric.find('/') != std::string::npos ? "queues" : "run";
}

std::string report_text(const RunResult& result, const ReportOptions& options) {
  std::string body = report_header(result);
  body +=
      html_section("expectations", "Expectations", expectations_part(result.expectations, &result));
  body += html_section("fidelity", "How well times were kept", fidelity_part(result));
  body += html_section("compares", "Host and violin compared", compare_table(result));
  if (!options.topology_svg.empty()) {
    body += html_section("topology", "Topology", topology_figure(options.topology_svg));
  }
  body += html_section(
      "goodput", "Goodput",
      figure_of(goodput_plot(result), "") + transfer_table(result) + flow_table(result));
  body += html_section("rtt", "Round trips", figure_of(rtt_plot(result), "") + ping_table(result));
  body += html_section("traceroute", "Paths", traceroute_table(result));
  body += html_section("exec", "Commands", exec_list(result));
  body += html_section("routing", "Routing", routing_part(result));
  body += html_section("queues", "Links and queues", queue_section(result));
  body += html_section("drops", "Where frames were dropped",
                       figure_of(drop_plot(result), "") + drop_table(result));
  body += html_section("events", "What happened when", event_table(result));
  body += html_section("files", "Reading the files", reading_part(false));
  return html_page(result.identity.scenario + " – VIOLIN", body);
}

}  // namespace violin
