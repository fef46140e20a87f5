#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/pacer.hh"
#include "emulator/network/capture_set.hh"
#include "emulator/network/event_script.hh"
#include "emulator/network/frame_recording.hh"
#include "emulator/network/link_results.hh"
#include "emulator/network/network.hh"
#include "emulator/network/sampler.hh"
#include "emulator/network/workload_set.hh"
#include "tests/support/scenario_text.hh"

namespace violin::testing {

// The digest of every wire that is known, by name.
using WireDigests = std::map<std::string, uint64_t>;

// Who looks on while a scenario runs. None of them may change what happens.
struct OnLookers {
  bool sampler = false;
  std::filesystem::path captures;  // a folder for pcap files; empty = none
  std::filesystem::path record;    // frames.bin; empty = none
};

// A scenario, or one slice of it, built as `violin run` builds it and driven by the test. Stays
// where it is: its parts refer to each other.
class Simulation {
 public:
  explicit Simulation(Scenario scenario, const OnLookers& on_lookers = {});
  Simulation(Scenario scenario, Network::Slice slice);
  explicit Simulation(const std::string& text, const OnLookers& on_lookers = {})
      : Simulation(test::read(text), on_lookers) {}
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // Hangs observers and test entities on before the start; run_to() starts it.
  Network& network() { return network_; }
  const Scenario& scenario() const { return scenario_; }
  const NetworkPlan& plan() const { return plan_; }

  void run_to(Time end);
  void run_for(Duration span) { run_to(now() + span); }
  // To the end of the scenario; then every counter must balance, or the process ends.
  void run();
  Time now() const { return now_; }
  Time end() const { return Time::zero() + scenario_.duration; }

  std::vector<WorkloadResult> results() const { return workloads_.results(now_); }
  // What the workloads sampled so far.
  std::vector<Series> series() const { return workloads_.series(); }
  // The outcome of the workload of this name; the test ends where there is none.
  template <class Outcome>
  Outcome outcome(const std::string& name) const {
    for (const WorkloadResult& result : results()) {
      if (result.name == name) return std::get<Outcome>(result.outcome);
    }
    throw std::runtime_error("no workload " + name);
  }
  WireDigests digests() const;
  // Of the whole network, as summary.json has it.
  uint64_t digest() const {
    const Network* const all[] = {&network_};
    return Network::digest(all);
  }
  // Links and nodes, as links.csv has them.
  RunResult counters();

  // By the names of the scenario, "v1/h1" or "v1/h1--h2"; CHECKs that there is one.
  int node(const std::string& name) const;
  int link(const std::string& name) const;
  Wire& wire(const std::string& link_name, bool a_to_b = true);

 private:
  void start();

  const Scenario scenario_;
  const NetworkPlan plan_;
  Network network_;
  WorkloadSet workloads_;
  EventScript events_;
  std::unique_ptr<Sampler> sampler_;
  std::unique_ptr<CaptureSet> captures_;
  std::unique_ptr<FrameRecording> recording_;
  Warp warp_;
  bool started_ = false;
  Time now_ = Time::beginning();
};

// Names of wires at which two sets of digests differ, one a line; empty when they are equal.
std::string difference(const WireDigests& left, const WireDigests& right);

}  // namespace violin::testing
