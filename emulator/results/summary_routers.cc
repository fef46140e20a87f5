#include "emulator/results/summary_fields.hh"

// The routers of summary.json.

namespace violin::summary_fields {

OrderedJson routers_json(const std::vector<RouterResult>& routers) {
  OrderedJson list = OrderedJson::array();
  for (const RouterResult& router : routers) {
    OrderedJson changes = OrderedJson::array();
    for (const RouteChange& change : router.changes) {
      changes.push_back(
          {{"at_ns", change.at.ns()}, {"prefix", change.prefix}, {"removed", change.removed}});
    }
    OrderedJson table = OrderedJson::array();
    for (const TableRoute& route : router.table) {
      OrderedJson hops = OrderedJson::array();
      for (const TableRoute::Hop& hop : route.hops) {
        hops.push_back({{"via", hop.via}, {"interface", hop.interface}});
      }
      table.push_back({{"prefix", route.prefix}, {"protocol", route.protocol}, {"hops", hops}});
    }
    list.push_back({{"name", router.node},
                    {"protocol", router.protocol},
                    {"began_ns", router.began.ns()},
                    {"changes", changes},
                    {"table", table},
                    {"deviations", router.deviations}});
  }
  return list;
}

std::vector<RouterResult> take_routers(const Json& json) {
  std::vector<RouterResult> routers;
  // Runs of earlier versions have none.
  for (const Json& entry : json.value("routers", Json::array())) {
    RouterResult router;
    router.node = take<std::string>(entry, "name");
    router.protocol = take<std::string>(entry, "protocol");
    router.began = take_time(entry, "began_ns");
    for (const Json& change : entry.at("changes")) {
      router.changes.push_back({take_time(change, "at_ns"), take<std::string>(change, "prefix"),
                                take<bool>(change, "removed")});
    }
    for (const Json& route : entry.at("table")) {
      TableRoute taken{
          take<std::string>(route, "prefix"), take<std::string>(route, "protocol"), {}};
      for (const Json& hop : route.at("hops")) {
        taken.hops.push_back({take<std::string>(hop, "via"), take<std::string>(hop, "interface")});
      }
      router.table.push_back(std::move(taken));
    }
    router.deviations = take<std::vector<std::string>>(entry, "deviations");
    routers.push_back(std::move(router));
  }
  return routers;
}

}  // namespace violin::summary_fields
