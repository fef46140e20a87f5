#include "emulator/network/link_results.hh"

#include <algorithm>

#include "emulator/results/statistics.hh"

namespace violin {
namespace {

std::optional<double> utilisation(const Wire& wire, const MeasureWindow& window) {
  const WireSpec& spec = wire.spec();
  const double seconds = (window.to - window.from).to_seconds();
  if (seconds <= 0) return std::nullopt;
  // A trace's opportunities are used or not; a rate is busy or not.
  if (spec.trace != nullptr) {
    const Bytes offered = capacity(*spec.trace, window.from, window.to);
    if (offered.count() == 0) return std::nullopt;
    return static_cast<double>(wire.counters().sent_bits_in_window) /
           static_cast<double>(offered.bits());
  }
  if (spec.rate.unlimited()) return std::nullopt;
  return wire.counters().busy_in_window.to_seconds() / seconds;
}

LinkDirectionResult direction_result(const Network& network, const LinkSpec& link, int index,
                                     bool a_to_b, const MeasureWindow& window) {
  LinkDirectionResult result;
  const std::vector<NodeSpec>& nodes = network.scenario().nodes;
  const std::string& a = nodes[static_cast<size_t>(link.a.node)].name;
  const std::string& b = nodes[static_cast<size_t>(link.b.node)].name;
  result.from = a_to_b ? a : b;
  result.to = a_to_b ? b : a;
  if (const Flight* flight = network.flight(index, a_to_b)) {
    result.frames = flight->delivered();
    result.bytes = flight->delivered_bytes();
  }
  if (const Wire* wire = network.wire(index, a_to_b)) {
    const WireCounters& counters = wire->counters();
    result.marks = counters.marked;
    result.duplicated = counters.duplicated;
    result.corrupted = counters.corrupted;
    result.rate_bps = wire->spec().rate.bps();
    result.utilisation = utilisation(*wire, window);
    if (wire->sojourn() != nullptr) result.sojourn = summarise(*wire->sojourn());
    result.queue_packets_max = counters.queue_packets_max;
    result.queue_bytes_max = counters.queue_bytes_max.count();
    result.drops = to_counts(counters.drops);
  }
  return result;
}

void add_drops(const std::string& name, const DropCounters& drops, RunResult& result) {
  if (drops.total() > 0) result.nodes.push_back({name, to_counts(drops)});
}

}  // namespace

void add_link_results(const Network& network, Time end, RunResult& result) {
  const Scenario& scenario = network.scenario();
  const MeasureWindow window{result.window.from,
                             std::max(result.window.from, std::min(result.window.to, end))};
  for (size_t i = 0; i < scenario.links.size(); ++i) {
    const int index = static_cast<int>(i);
    const LinkSpec& link = scenario.links[i];
    for (const bool a_to_b : {true, false}) {
      if (Wire* wire = network.wire(index, a_to_b)) wire->catch_up(end);
    }
    LinkResult both = {link.full_name(), direction_result(network, link, index, true, window),
                       direction_result(network, link, index, false, window)};
    // A matrix of 500 nodes has 100 000 links of which a run uses a few.
    if (is_idle(both)) {
      ++result.idle_links;
    } else {
      result.links.push_back(std::move(both));
    }
  }
  for (size_t i = 0; i < scenario.nodes.size(); ++i) {
    const Node* node = network.node(static_cast<int>(i));
    if (node != nullptr) add_drops(node->name(), node->drops(), result);
  }
  for (const Network::Tunnel& tunnel : network.tunnels()) {
    for (const TunnelEnd* end_of : {tunnel.end_a.get(), tunnel.end_b.get()}) {
      if (end_of != nullptr) add_drops(end_of->name(), end_of->counters().drops, result);
    }
  }
  for (const auto& terminal : network.terminals()) {
    if (terminal) add_drops(terminal->name(), terminal->drops(), result);
  }
}

}  // namespace violin
