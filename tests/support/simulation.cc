#include "tests/support/simulation.hh"

#include <utility>

#include "core/check.hh"

namespace violin::testing {

Simulation::Simulation(Scenario scenario, const OnLookers& on_lookers)
    : scenario_(std::move(scenario)),
      plan_(scenario_),
      network_(plan_),
      workloads_(network_),
      events_(network_) {
  network_.add_entity(events_.entity());
  if (on_lookers.sampler) {
    sampler_ = std::make_unique<Sampler>(network_);
    network_.add_entity(sampler_->entity());
  }
  if (!on_lookers.captures.empty()) {
    captures_ = std::make_unique<CaptureSet>(network_, on_lookers.captures);
  }
  if (!on_lookers.record.empty()) {
    recording_ = std::make_unique<FrameRecording>(network_, on_lookers.record);
  }
}

Simulation::Simulation(Scenario scenario, Network::Slice slice)
    : scenario_(std::move(scenario)),
      plan_(scenario_),
      network_(plan_, std::move(slice)),
      workloads_(network_),
      events_(network_) {
  network_.add_entity(events_.entity());
}

void Simulation::start() {
  started_ = true;
  network_.rank_entities();
  workloads_.start();
  events_.start();
  if (sampler_) sampler_->start();
}

void Simulation::run_to(Time end) {
  if (!started_) start();
  network_.scheduler().run_until(end, warp_);
  now_ = end;
}

void Simulation::run() {
  run_to(end());
  for (size_t link = 0; link < scenario_.links.size(); ++link) {
    for (const bool a_to_b : {true, false}) {
      Wire* wire = network_.wire(static_cast<int>(link), a_to_b);
      if (wire != nullptr) wire->catch_up(now_);
    }
  }
  if (captures_) captures_->close();
  if (recording_) recording_->close();
  network_.check_conservation();
}

WireDigests Simulation::digests() const {
  WireDigests digests;
  for (size_t link = 0; link < scenario_.links.size(); ++link) {
    for (const bool a_to_b : {true, false}) {
      const Flight* flight = network_.flight(static_cast<int>(link), a_to_b);
      if (flight != nullptr) digests[flight->name()] = flight->digest();
    }
  }
  return digests;
}

RunResult Simulation::counters() {
  RunResult result;
  result.window = network_.window();
  add_link_results(network_, now_, result);
  return result;
}

int Simulation::node(const std::string& name) const {
  const int index = scenario_.find_node(name);
  CHECK_MESSAGE(index >= 0, name);
  return index;
}

int Simulation::link(const std::string& name) const {
  for (size_t i = 0; i < scenario_.links.size(); ++i) {
    if (scenario_.links[i].full_name() == name) return static_cast<int>(i);
  }
  CHECK_MESSAGE(false, name);
}

Wire& Simulation::wire(const std::string& link_name, bool a_to_b) {
  return *network_.wire(link(link_name), a_to_b);
}

std::string difference(const WireDigests& left, const WireDigests& right) {
  std::string text;
  for (const auto& [name, digest] : left) {
    const auto other = right.find(name);
    if (other == right.end()) text += name + " is missing on the right\n";
    if (other != right.end() && other->second != digest) text += name + " differs\n";
  }
  for (const auto& [name, digest] : right) {
    if (!left.contains(name)) text += name + " is missing on the left\n";
  }
  return text;
}

}  // namespace violin::testing
