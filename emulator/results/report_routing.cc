#include <fmt/format.h>

#include "emulator/results/html.hh"
#include "emulator/results/quantity.hh"
#include "emulator/results/report_network.hh"
#include "emulator/results/report_parts.hh"
#include "emulator/results/routing_summary.hh"

// What a report says about routing protocols.

namespace violin {
namespace {

std::string phase_table(const RunResult& result, const std::string& plane) {
  HtmlTable table({"at", "after", "last change of a table", "changes"}, {0, 2, 3});
  const RoutingSummary summary = summarise_routing(result, plane);
  for (size_t i = 0; i < summary.phases.size() && i < kReportRowsMax; ++i) {
    const RoutingSummary::Phase& phase = summary.phases[i];
    const std::string until =
        phase.until ? to_text(static_cast<double>(phase.until->ns()), Unit::kDuration) + " later"
                    : "–";
    table.add_row({fmt::format("{:.3f} s", phase.from.to_seconds()), escape_html(phase.cause),
                   until, std::to_string(phase.changes)});
  }
  return "<h3>" + escape_html(plane) + "</h3>\n" + table.text() +
         cut_note(table.rows(), summary.phases.size(), "summary.json");
}

std::string deviation_list(const RouterResult& router) {
  std::string text;
  for (const std::string& deviation : router.deviations) {
    text += "<li>" + escape_html(router.node + ": " + deviation) + "</li>\n";
  }
  return text;
}

}  // namespace

std::string routing_part(const RunResult& result) {
  std::string text;
  for (const std::string& plane : routed_planes(result)) text += phase_table(result, plane);
  std::string deviations;
  HtmlTable routes({"router", "prefix", "by", "next hop"});
  size_t all = 0;
  for (const RouterResult& router : result.routers) {
    deviations += deviation_list(router);
    for (const TableRoute& route : router.table) {
      if (++all > kReportRowsMax) continue;
      routes.add_row({escape_html(router.node), escape_html(route.prefix),
                      escape_html(route.protocol), escape_html(hops_text(route))});
    }
  }
  if (result.routers.empty()) return "";
  text +=
      deviations.empty()
          ? "<p>At the end every table was as the network's shortest paths have it.</p>\n"
          : "<p>Not as the network's shortest paths have it:</p>\n<ul>\n" + deviations + "</ul>\n";
  return text + folded(fmt::format("{} routes at the end", all), all,
                       routes.text() + cut_note(routes.rows(), all, "summary.json"));
}

}  // namespace violin
