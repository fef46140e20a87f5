#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "emulator/agent/guest_set.hh"
#include "emulator/agent/slice_secrets.hh"
#include "emulator/network/capture_set.hh"
#include "emulator/network/event_script.hh"
#include "emulator/network/network.hh"
#include "emulator/network/sampler.hh"
#include "emulator/network/workload_set.hh"
#include "emulator/os/steal_meter.hh"
#include "emulator/realtime/mailbox.hh"
#include "emulator/realtime/realtime.hh"
#include "emulator/results/run_result.hh"
#include "emulator/tunnel/control_port.hh"
#include "emulator/tunnel/tunnel_carrier.hh"
#include "emulator/tunnel/udp_tunnel.hh"

namespace violin {

// One overlay host's part of a scenario under the real clock, and the thread that runs it. Built
// by the caller's thread; from connect() to finish() its own thread alone touches the network.
class SliceEngine final : private Network::Outside {
 public:
  struct Options {
    std::string slice;             // slice_of() of its nodes
    std::filesystem::path folder;  // captures go here; exists
    SliceSecrets secrets;
  };

  // Builds everything; frames flow from connect() on. Throws InputError for a scenario that cannot
  // run, std::system_error for what this machine refuses.
  SliceEngine(Scenario scenario, Options options);
  ~SliceEngine();

  const Scenario& scenario() const { return scenario_; }
  const GuestSet& guests() const { return guests_; }
  // Starts the thread, and joins the tunnels: returns when all of them can carry frames. Throws
  // std::runtime_error naming one that cannot when `patience` is over.
  void connect(std::chrono::milliseconds patience);
  // Scenario time begins: `zero_ns` is what CLOCK_MONOTONIC shows at time 0. Connected before.
  void start(int64_t zero_ns);
  bool started() const { return started_; }
  // Stops the thread and tells what this slice measured. To be called once.
  RunResult finish();
  // After finish(): lets frames flow again, unmeasured, until the engine is destroyed.
  void hold();

 private:
  std::unique_ptr<Node> make_node(int index, const NodeContext& context) override;
  FrameSink& open_tunnel(const TunnelPlan& plan, bool at_a, FrameSink& inside) override;
  TunnelCarrier& carrier(bool v6);
  ControlPort& control(bool v6);
  void join_or_admit(const TunnelPlan& plan, bool at_a, UdpTunnel& tunnel);
  std::string what_is_missing();
  Network::Slice slice();
  void run();
  void add_tunnel_results(RunResult& result) const;
  AgentFidelity fidelity() const;

  Scenario scenario_;
  Options options_;
  NetworkPlan plan_;
  ScenarioClock clock_{0};
  Realtime realtime_;
  Mailbox mailbox_;
  std::optional<StealMeter> steal_;  // from start() on
  LogHistogram lateness_;            // of what was handed to guests, against its nominal time
  std::unique_ptr<TunnelCarrier> carrier_v4_, carrier_v6_;
  std::vector<std::unique_ptr<UdpTunnel>> tunnels_;
  std::unique_ptr<ControlPort> control_v4_, control_v6_;
  BufferPools* pools_ = nullptr;  // the network's
  GuestSet guests_;
  Network network_;
  WorkloadSet workloads_;
  EventScript events_;
  Sampler sampler_;
  std::unique_ptr<CaptureSet> captures_;
  bool started_ = false;
  std::string failure_;  // what ended the thread early
  std::thread thread_;
};

}  // namespace violin
