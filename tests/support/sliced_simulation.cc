#include "tests/support/sliced_simulation.hh"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace violin::testing {

SlicedSimulation::SlicedSimulation(const Scenario& scenario, const std::vector<int>& part_of)
    : scenario_(scenario), part_of_(part_of) {
  find_lookahead(part_of);
  const int parts = 1 + *std::max_element(part_of.begin(), part_of.end());
  for (int part = 0; part < parts; ++part) {
    Network::Slice slice;
    for (const int of : part_of) slice.owned.push_back(of == part);
    auto exit = std::make_unique<Exit>();
    slice.frontier = exit.get();
    auto simulation = std::make_unique<Simulation>(scenario_, std::move(slice));
    parts_.push_back({std::move(exit), std::move(simulation)});
  }
}

void SlicedSimulation::find_lookahead(const std::vector<int>& part_of) {
  for (const LinkSpec& link : scenario_.links) {
    const auto a = static_cast<size_t>(link.a.node);
    const auto b = static_cast<size_t>(link.b.node);
    // A link between overlay hosts is not cut itself: its tunnel's underlay wires are.
    if (part_of[a] == part_of[b] || scenario_.nodes[a].place != scenario_.nodes[b].place) continue;
    for (const WireSpec& wire : {link.a_to_b, link.b_to_a}) {
      if (wire.delay <= Duration() || wire.jitter.stddev > Duration() ||
          !wire.reorder.probability.is_never()) {
        throw std::invalid_argument("no slice can end at " + link.full_name());
      }
      lookahead_ = std::min(lookahead_, wire.delay);
    }
  }
}

void SlicedSimulation::Exit::cross(uint32_t wire, const Frame& frame, Time due) {
  std::vector<std::byte> bytes(frame.size());
  frame.copy_to(bytes);
  out.push_back({wire, due, std::move(bytes)});
}

int SlicedSimulation::part_of_far_end(uint32_t wire) const {
  const LinkSpec& link = scenario_.links[wire / 2];
  return part_of_[static_cast<size_t>(wire % 2 == 0 ? link.b.node : link.a.node)];
}

void SlicedSimulation::exchange() {
  for (Part& from : parts_) {
    for (const Crossing& crossing : std::exchange(from.exit->out, {})) {
      const auto to = static_cast<size_t>(part_of_far_end(crossing.wire));
      Network& network = parts_[to].simulation->network();
      if (crossing.bytes.empty()) {
        network.accept_down(crossing.wire);
        continue;
      }
      ++crossed_;
      if (crossing.due <= network.scheduler().now()) {
        throw std::logic_error("a frame of " + scenario_.links[crossing.wire / 2].full_name() +
                               " was sent too late");
      }
      network.accept(crossing.wire, Frame::from_bytes(network.pools(), crossing.bytes),
                     crossing.due);
    }
  }
}

void SlicedSimulation::run() {
  const Time end = Time::zero() + scenario_.duration;
  Time window_end = Time::zero();
  while (window_end <= end) {
    // A window is [start, end): what is sent at its start may arrive at its end, in the next one.
    window_end += std::min(lookahead_, end - window_end + Duration::nanoseconds(1));
    for (Part& part : parts_) part.simulation->run_to(window_end - Duration::nanoseconds(1));
    exchange();
  }
}

WireDigests SlicedSimulation::digests() const {
  WireDigests all;
  for (size_t link = 0; link < scenario_.links.size(); ++link) {
    for (const bool a_to_b : {true, false}) {
      const auto number =
          static_cast<uint32_t>(Network::wire_number(static_cast<int>(link), a_to_b));
      const LinkSpec& spec = scenario_.links[link];
      const auto near = static_cast<size_t>(a_to_b ? spec.a.node : spec.b.node);
      const auto far = static_cast<size_t>(a_to_b ? spec.b.node : spec.a.node);
      // A wire into a tunnel ends at the sender's overlay host.
      const bool tunnelled = scenario_.nodes[near].place != scenario_.nodes[far].place;
      const int part = tunnelled ? part_of_[near] : part_of_far_end(number);
      const Flight* flight = parts_[static_cast<size_t>(part)].simulation->network().flight(
          static_cast<int>(link), a_to_b);
      all[flight->name()] = flight->digest();
    }
  }
  return all;
}

std::vector<int> parts_by_place(const Scenario& scenario, const std::vector<int>& underlay_part) {
  std::vector<int> parts;
  std::map<std::string, int> of_host;
  size_t seen = 0;
  for (const NodeSpec& node : scenario.nodes) {
    if (node.plane == kUnderlayPlane) {
      of_host[node.name] = underlay_part.at(seen++);
      parts.push_back(of_host[node.name]);
    } else {
      parts.push_back(of_host.at(node.place));
    }
  }
  return parts;
}

}  // namespace violin::testing
