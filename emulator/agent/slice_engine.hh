#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "emulator/agent/guest_set.hh"
#include "emulator/agent/slice_secrets.hh"
#include "emulator/agent/slice_tunnels.hh"
#include "emulator/network/capture_set.hh"
#include "emulator/network/event_script.hh"
#include "emulator/network/network.hh"
#include "emulator/network/sampler.hh"
#include "emulator/network/workload_set.hh"
#include "emulator/os/steal_meter.hh"
#include "emulator/realtime/mailbox.hh"
#include "emulator/realtime/realtime.hh"
#include "emulator/results/run_result.hh"

namespace violin {

// One overlay host's part of a scenario under the real clock, and the thread that runs it. Built
// by the caller's thread; from connect() to finish() its own thread alone touches the network.
class SliceEngine final : private Network::Outside {
 public:
  struct Options {
    std::string slice;             // slice_of() of its nodes
    std::filesystem::path folder;  // captures go here; exists
    SliceSecrets secrets;
    // The addresses of the overlay hosts where the underlay is real; we are on one of them. Empty
    // where it is emulated.
    std::map<std::string, IpAddress> underlay;
    DataPlane data_plane;
    std::vector<NodeSetting> settings;  // those for nodes of other slices are passed over
    // Of nodes with a kernel of their own; empty = one that is found here.
    std::filesystem::path kernel;
  };

  // Builds everything; frames flow from connect() on. Throws InputError for a scenario that cannot
  // run, std::system_error for what this machine refuses.
  SliceEngine(Scenario scenario, Options options);
  ~SliceEngine();

  const Scenario& scenario() const { return scenario_; }
  const GuestSet& guests() const { return guests_; }
  // Where the programs of a node run: a guest, or, for an overlay host of a real underlay, where we
  // are. Nothing when the node is none of ours, or a model.
  std::optional<NodePlace> place_of(const std::string& full_name) const;
  // Starts the thread, and joins the tunnels: returns when all of them can carry frames, and every
  // kernel of ours has booted. To be called once. Throws std::runtime_error naming what cannot when
  // `patience` is over.
  void connect(std::chrono::milliseconds patience);
  // Scenario time begins. `monotonic_ns` is what CLOCK_MONOTONIC shows at time 0, `epoch_ns` what
  // captures call it, since 1970. To be called once, connected. Throws std::runtime_error when the
  // thread has ended.
  struct Zero {
    int64_t monotonic_ns = 0;
    int64_t epoch_ns = 0;
  };
  void start(const Zero& zero);
  bool started() const { return started_; }
  // Stops the thread and tells what this slice measured. To be called once.
  RunResult finish();
  // From any thread: ends the thread soon, without waiting for that. Whoever waits in another call
  // gets std::runtime_error.
  void stop();
  // After finish(): lets frames flow again, unmeasured, until the engine is destroyed.
  void hold();

 private:
  std::unique_ptr<Node> make_node(int index, const NodeContext& context) override;
  FrameSink& open_tunnel(const TunnelPlan& plan, bool at_a, const NodeContext& context,
                         FrameSink& inside) override;
  Duration lead(int link, bool a_to_b) const override { return tunnels_.lead(link, a_to_b); }
  Network::Slice slice();
  void run();
  bool is_ready(std::string& missing);
  // Of all nodes here.
  DropCounters node_drops() const;
  AgentFidelity fidelity() const;

  Scenario scenario_;
  Options options_;
  NetworkPlan plan_;
  ScenarioClock clock_{0};
  Realtime realtime_;
  Mailbox mailbox_;
  std::optional<StealMeter> steal_;  // from start() on
  uint64_t refused_before_ = 0;      // frames by ports, before start()
  LogHistogram lateness_;            // of what was handed to guests, against its nominal time
  SliceTunnels tunnels_;
  GuestSet guests_;
  std::optional<GuestSpace> here_;  // with a real underlay
  Network network_;
  WorkloadSet workloads_;
  EventScript events_;
  Sampler sampler_;
  std::unique_ptr<CaptureSet> captures_;
  std::atomic<bool> started_ = false;
  std::string failure_;  // what ended the thread early; to be read when it has ended
  std::thread thread_;
};

}  // namespace violin
