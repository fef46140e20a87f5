#include "emulator/results/report_network.hh"

#include <fmt/format.h>

#include <algorithm>

#include "core/units.hh"
#include "emulator/results/html.hh"
#include "emulator/results/quantity.hh"
#include "emulator/results/report_parts.hh"

namespace violin {
namespace {

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

struct DropRow {
  std::string where;
  DropReason reason;
  uint64_t count;
};

}  // namespace

std::string link_table(const RunResult& result) {
  HtmlTable table({"link and direction", "frames", "bytes", "utilisation", "median wait",
                   "p99 wait", "most waiting", "ECN marks", "dropped"},
                  {1, 2, 3, 4, 5, 6, 7, 8});
  const std::vector<NamedDirection> all = directions_by_interest(result);
  for (size_t i = 0; i < all.size() && i < kReportRowsMax; ++i) {
    const LinkDirectionResult& d = *all[i].direction;
    table.add_row({escape_html(all[i].name), std::to_string(d.frames),
                   to_text(static_cast<double>(d.bytes), Unit::kBytes),
                   d.utilisation ? to_text(*d.utilisation, Unit::kShare) : "–",
                   duration_cell(d.sojourn, d.sojourn.p50), duration_cell(d.sojourn, d.sojourn.p99),
                   std::to_string(d.queue_packets_max), std::to_string(d.marks),
                   std::to_string(total(d.drops))});
  }
  if (table.empty()) return "";
  std::string text = table.text() + cut_note(table.rows(), all.size(), "links.csv");
  if (result.idle_links > 0) {
    text += fmt::format("<p class=\"soft\">Not listed: {} links on which nothing happened.</p>\n",
                        result.idle_links);
  }
  return folded(fmt::format("{} directions of links", all.size()), table.rows(), text);
}

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
  HtmlTable table({"where", "reason", "frames"}, {2});
  for (size_t i = 0; i < rows.size() && i < kReportRowsMax; ++i) {
    table.add_row({escape_html(rows[i].where), std::string(name_of(rows[i].reason)),
                   std::to_string(rows[i].count)});
  }
  return table.text() + cut_note(table.rows(), rows.size(), "links.csv and summary.json");
}

std::string event_table(const RunResult& result) {
  HtmlTable table({"at", "what", ""});
  size_t all = 0;
  for (const RunEvent& event : result.event_log) {
    if (++all > kReportRowsMax) continue;
    table.add_row(
        {escape_html(to_string(event.when)), escape_html(event.kind), escape_html(event.text)});
  }
  return table.empty() ? "" : table.text() + cut_note(table.rows(), all, "events.jsonl");
}

}  // namespace violin
