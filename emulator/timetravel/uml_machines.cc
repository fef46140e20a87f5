#include "emulator/timetravel/uml_machines.hh"

#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "core/check.hh"
#include "core/random.hh"
#include "emulator/guest_init/guest_layout.hh"
#include "emulator/network/pcap_writer.hh"
#include "emulator/os/processor_time.hh"
#include "emulator/program/program_text.hh"

namespace violin {
namespace {

// Of virtual time, for booting, for the first words of IPv6 and for what follows from them.
constexpr Duration kBootTime = Duration::seconds(10);
// For programs to end when they are told to, for init to end those that do not, and for the kernel.
constexpr Duration kFarewell = Duration::seconds(5);

// Processor time of this process.
double own_seconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return processor_seconds(usage);
}

std::string nic_name(size_t index) { return "nic" + std::to_string(index); }

}  // namespace

bool UmlMachines::are_in(const Scenario& scenario) {
  return std::any_of(scenario.nodes.begin(), scenario.nodes.end(), [](const NodeSpec& node) {
    return backend_under(ClockKind::kVirtual, node) == Backend::kUml;
  });
}

UmlMachines::UmlMachines(const NetworkPlan& plan, Options options)
    : plan_(plan),
      options_(std::move(options)),
      programs_(plan, ClockKind::kVirtual, *this),
      seconds_before_(own_seconds()) {
  if (!options_.on_one_processor) return;
  processor_ = allowed_processors().front();
  pin_.emplace(*processor_);
}

// ---- nodes ------------------------------------------------------------------------------------

std::unique_ptr<Node> UmlMachines::make_node(int index, const NodeContext& context) {
  const NodeSpec& spec = plan_.scenario().nodes[static_cast<size_t>(index)];
  if (backend_under(ClockKind::kVirtual, spec) != Backend::kUml) return nullptr;
  UmlNodeObserver& observer = *this;
  UmlNode::Options options;
  options.calendar.beginning = beginning();
  options.calendar.epoch_ns = kVirtualEpochNs;
  options.calendar.shares_memory = options_.shares_memory;
  options.patience = options_.patience;
  auto node = std::make_unique<UmlNode>(spec.full_name(), context, options, observer);
  machines_.push_back({index, node.get(), {}});
  return node;
}

FrameSink& UmlMachines::open_tunnel(const TunnelPlan&, bool, const NodeContext&, FrameSink&) {
  CHECK_MESSAGE(false, "tunnels are modelled under the virtual clock");
}

Duration UmlMachines::lead(int, bool) const { return {}; }

Time UmlMachines::beginning() const {
  return Time::zero() - plan_.scenario().bootstrap - kBootTime;
}
Duration UmlMachines::farewell() const { return WorkloadPrograms::kGrace + kFarewell; }

// In scenario order, so that nothing depends on who is quicker.
void UmlMachines::boot(Network& network, std::optional<int> processor) {
  for (Machine& machine : machines_) {
    if (network.node(machine.index) != machine.node) continue;
    machine.order = uml_order(network, machine.index, programs_,
                              {.epoch_ns = kVirtualEpochNs, .violin = options_.violin});
    std::vector<UmlNode::Program> jobs;
    for (const GuestOrder::Job& job : machine.order.order.jobs) {
      jobs.push_back({job.argv.front(), Time::from_ns(job.at_ns)});
    }
    const uint64_t seed = substream(network.scenario().seed, machine.node->name(), "kernel").next();
    machine.node->boot(start(machine, seed, processor ? processor : processor_), std::move(jobs));
  }
}

std::unique_ptr<UmlGuest> UmlMachines::start(const Machine& machine, uint64_t seed,
                                             std::optional<int> processor) const {
  UmlGuestOptions options;
  options.kernel = options_.kernel;
  options.order = machine.order.order;
  const UmlSpec& uml = plan_.scenario().uml;
  options.memory_mib = static_cast<int>(uml.memory.count() >> 20);
  options.seed = seed;
  options.processor = processor;
  options.sockets = {"clock"};
  const std::string folder = std::string(kCellSockets) + "/";
  options.kernel_arguments = {"time-travel=ext:1:" + folder + "clock"};
  if (uml.syscall_cost != Duration()) {
    options.kernel_arguments.push_back("syscall_cost=" + std::to_string(uml.syscall_cost.ns()));
  }
  for (size_t i = 0; i < machine.node->nic_count(); ++i) {
    options.sockets.push_back(nic_name(i));
    options.kernel_arguments.push_back("virtio_uml.device=" + folder + nic_name(i) + ":1");
  }
  for (const GuestOrder::Job& job : options.order.jobs) {
    if (job.argv.front() == options_.violin) options.exposed = {options_.violin};
  }
  return std::make_unique<UmlGuest>(options);
}

// ---- results ----------------------------------------------------------------------------------

int64_t UmlMachines::calendar_zero_of(const NodeSpec&) const { return kVirtualEpochNs; }

std::optional<IpAddress> UmlMachines::real_address_of(const NodeSpec&) const {
  return std::nullopt;
}

void UmlMachines::require_ready() {
  for (const Machine& machine : machines_) {
    const UmlNode& node = *machine.node;
    const GuestJournal journal = node.guest().journal();
    if (journal.ready && !node.ending()) continue;
    std::string why = node.trouble();
    if (why.empty()) why = journal.failure;
    if (why.empty()) why = "its kernel said last: " + last_words(node.guest().console());
    throw std::runtime_error(node.name() + " was not ready " +
                             to_string(Time::zero() - beginning()) +
                             " after it began to boot: " + why);
  }
}

void UmlMachines::guest_ended(const UmlNode& node, Time now) {
  const UmlEnding how = *node.ending();
  if (how == UmlEnding::kDone) return;
  std::string text = node.name() + ": ";
  switch (how) {
    case UmlEnding::kFailed:
      text += "its init gave up: " + node.guest().journal().failure;
      break;
    case UmlEnding::kPanicked:
      text += node.guest().how_it_panicked();
      break;
    case UmlEnding::kPoweredOff:
      text += "it was powered off from inside";
      break;
    case UmlEnding::kKilled:
    case UmlEnding::kDone:
      text += node.trouble().empty() ? "its kernel was killed" : node.trouble();
      break;
  }
  const std::lock_guard lock(events_lock_);
  events_.push_back({now, "note", text});
}

void UmlMachines::add_results(RunResult& result) {
  std::vector<ProgramOutcome> outcomes(programs_.steps().size());
  for (const Machine& machine : machines_) {
    std::vector<ProgramOutcome> of_machine =
        uml_outcomes(machine.node->guest(), machine.order, kVirtualEpochNs);
    for (size_t i = 0; i < of_machine.size(); ++i) {
      outcomes[machine.order.steps[i]] = std::move(of_machine[i]);
    }
  }
  for (std::string& failure : programs_.add_results(std::move(outcomes), result)) {
    if (!result.interrupted) result.failures.push_back(std::move(failure));
  }
  for (WorkloadResult& workload : result.workloads) retime_pings(workload);
  result.kernels = activity();
  // Of those at one instant nobody was first.
  std::sort(events_.begin(), events_.end(), [](const RunEvent& a, const RunEvent& b) {
    return std::tie(a.when, a.text) < std::tie(b.when, b.text);
  });
  add_events(events_, result);
}

KernelActivity UmlMachines::activity() const {
  KernelActivity sum;
  sum.syscall_cost = plan_.scenario().uml.syscall_cost;
  for (const Machine& machine : machines_) machine.node->add_activity(sum);
  sum.own_seconds = own_seconds() - seconds_before_;
  return sum;
}

// Programs that ping one address from one machine begin in the order of the scenario's times, and
// each has an identifier of its own.
void UmlMachines::retime_pings(WorkloadResult& workload) {
  auto* ping = std::get_if<PingResult>(&workload.outcome);
  if (ping == nullptr) return;
  const Scenario& scenario = plan_.scenario();
  const auto spec = std::find_if(scenario.workloads.begin(), scenario.workloads.end(),
                                 [&](const WorkloadSpec& s) { return s.name == workload.name; });
  const std::optional<IpAddress> to = plan_.target_of(*spec);
  size_t before = 0;
  for (const WorkloadSpec& other : scenario.workloads) {
    const bool alike = std::holds_alternative<PingWorkload>(other.kind) &&
                       other.from == spec->from && other.to == spec->to;
    const bool earlier = other.start != spec->start ? other.start < spec->start : &other < &*spec;
    if (alike && earlier) ++before;
  }
  for (const Machine& machine : machines_) {
    if (machine.index != spec->from) continue;
    for (const EchoConversation& seen : machine.node->echoes().conversations()) {
      if (seen.to != to) continue;
      if (before > 0) {
        --before;
        continue;
      }
      retime(seen, *ping);
      workload.source = "capture";
      return;
    }
  }
}

}  // namespace violin
