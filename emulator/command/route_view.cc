#include "emulator/command/route_view.hh"

#include <algorithm>
#include <map>

#include "emulator/command/text_layout.hh"

namespace violin {
namespace {

// Tables longer than this are counted instead of written out.
constexpr size_t kShortRouteTable = 6;

std::string route_list(const NodeSpec& node, const std::vector<Route>& routes) {
  std::string text;
  for (const Route& route : routes) {
    const bool is_default = route.prefix.length() == 0;
    text += text.empty() ? "" : "; ";
    text += is_default ? "default" : to_string(route.prefix);
    if (route.via) text += " via " + to_string(*route.via);
    text += " " + node.interfaces[static_cast<size_t>(route.interface)].name;
  }
  return text.empty() ? "none" : text;
}

}  // namespace

std::string route_view(const NetworkPlan& plan, const std::vector<int>& nodes,
                       const ViewOptions& options) {
  const auto node = [&plan](int index) -> const NodeSpec& {
    return plan.scenario().nodes[static_cast<size_t>(index)];
  };
  const size_t row_limit = options.all ? SIZE_MAX : kViewRows;
  TextTable written_out({"routes of", ""});
  std::map<size_t, std::vector<int>> counted;  // nodes by how many routes they have
  size_t with_routes = 0;
  for (const int index : nodes) {
    if (node(index).kind == NodeKind::kSwitch) continue;
    if (++with_routes > row_limit) continue;
    const Routing& routing = *plan.routing_of(index);
    const size_t count = routing.route_count(index);
    if (options.all || count <= kShortRouteTable) {
      written_out.add({node(index).name, route_list(node(index), routing.routes(index))});
    } else {
      counted[count].push_back(index);
    }
  }
  std::string text = written_out.text(2);
  if (text.empty() && !counted.empty()) text = "  routes of\n";
  for (const auto& [count, members] : counted) {
    std::string names;
    for (const int index : members) names += (names.empty() ? "" : ", ") + node(index).name;
    text += wrapped("  ", names + ": " + std::to_string(count) + " routes" +
                              (members.size() > 1 ? " each" : "") + " (--all shows them)");
  }
  return text + more_line(with_routes - std::min(with_routes, row_limit), 2);
}

}  // namespace violin
