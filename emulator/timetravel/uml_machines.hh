#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "emulator/network/guest_machines.hh"
#include "emulator/os/processor_pin.hh"
#include "emulator/routing/scenario_programs.hh"
#include "emulator/timetravel/uml_node.hh"
#include "emulator/timetravel/uml_order.hh"

namespace violin {

// The nodes of a scenario whose backend is uml, under the virtual clock: each a Linux kernel in a
// process of its own (UmlGuest), an entry in the network's scheduler (UmlNode). They take turns
// with us, so that all of them and this thread had better be on one processor: to wake somebody on
// another one costs five times as much.
class UmlMachines final : public GuestMachines, private ProgramNodes, private UmlNodeObserver {
 public:
  struct Options {
    std::filesystem::path kernel;  // a built one
    std::string violin;            // this program, for workloads half of which is a model's
    // Keeps the calling thread there as well, while this lives. Not for a network that is cut.
    bool on_one_processor = true;
    bool shares_memory = true;  // calendars, with the guests (GuestCalendarOptions)
    std::chrono::milliseconds patience{60'000};  // UmlNode::Options
  };

  // Throws InputError for a workload that its programs cannot do. The plan outlives this.
  UmlMachines(const NetworkPlan& plan, Options options);

  // Whether a scenario has any under the virtual clock.
  static bool are_in(const Scenario& scenario);

  std::unique_ptr<Node> make_node(int index, const NodeContext& context) override;
  FrameSink& open_tunnel(const TunnelPlan& plan, bool at_a, const NodeContext& context,
                         FrameSink& inside) override;
  Duration lead(int link, bool a_to_b) const override;

  Time beginning() const override;
  void boot(Network& network, std::optional<int> processor) override;
  void require_ready() override;
  Duration farewell() const override;
  void add_results(RunResult& result) override;

 private:
  struct Machine {
    int index = -1;  // of the scenario
    UmlNode* node = nullptr;
    UmlOrder order;
  };
  int64_t calendar_zero_of(const NodeSpec& node) const override;
  std::optional<IpAddress> real_address_of(const NodeSpec& node) const override;
  void guest_ended(const UmlNode& node, Time now) override;
  void retime_pings(WorkloadResult& workload);
  KernelActivity activity() const;
  std::unique_ptr<UmlGuest> start(const Machine& machine, uint64_t seed,
                                  std::optional<int> processor) const;

  const NetworkPlan& plan_;
  Options options_;
  ScenarioPrograms programs_;
  std::vector<Machine> machines_;
  std::vector<RunEvent> events_;
  double seconds_before_;   // processor time of this process before they booted
  std::mutex events_lock_;  // parts of a network that is cut have threads of their own
  std::optional<int> processor_;
  std::optional<ProcessorPin> pin_;
};

}  // namespace violin
