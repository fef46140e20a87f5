#include "emulator/agent/guest_set.hh"

#include <algorithm>
#include <system_error>
#include <utility>

#include "emulator/kernel/kernel_store.hh"
#include "emulator/network/node_order.hh"
#include "emulator/os/guest_sysctl.hh"
#include "emulator/os/netlink.hh"
#include "emulator/os/own_program.hh"
#include "emulator/os/processor_pin.hh"
#include "emulator/os/tap_device.hh"
#include "emulator/scenario/node_backend.hh"

namespace violin {
namespace {

// A virtual host's super-frame, with a tunnel header per chunk, fits into what one system call
// sends (DatagramBatch::kBytesMax) …
constexpr Bytes kLargestFrame{62'000};
// … and that passes the underlay's interfaces whole: the most that a kernel hands to a device.
constexpr Bytes kLargestUnderlayFrame{65'536};

// What TCP uses that names nothing itself: what Linux itself would, not what this machine was set
// to. It matters to those who name one, too: a socket that began under BBR keeps pacing when it is
// told to use another (sk_pacing_status), which limits it and costs a timer per burst.
void set_default_congestion_control(const NetworkNamespace& network, const std::string& wanted) {
  try {
    write_sysctl(network, kCongestionSetting, wanted);
  } catch (const std::system_error&) {
    // Only what the machine allows to everybody may be a namespace's default; reno always is.
    write_sysctl(network, kCongestionSetting, "reno");
  }
}

bool hosts_agents(const Scenario& scenario, const NodeSpec& node) {
  if (node.plane != kUnderlayPlane) return false;
  for (const NodeSpec& other : scenario.nodes) {
    if (other.place == node.name) return true;
  }
  return false;
}

}  // namespace

GuestSet::GuestSet(const NetworkPlan& plan, Realtime& realtime, LogHistogram& lateness,
                   Options options)
    : plan_(plan), realtime_(realtime), lateness_(lateness), options_(std::move(options)) {}

std::unique_ptr<Guest> GuestSet::make(int index, const NodeContext& context) {
  const NodeSpec& node = plan_.scenario().nodes[static_cast<size_t>(index)];
  auto guest = std::make_unique<Guest>(node.full_name(), context, realtime_, lateness_);
  entries_.push_back({.index = index, .guest = guest.get()});
  return guest;
}

void GuestSet::connect() {
  for (Entry& entry : entries_) {
    const NodeSpec& node = plan_.scenario().nodes[static_cast<size_t>(entry.index)];
    const bool has_kernel = backend_under(ClockKind::kReal, node) == Backend::kUml;
    const GuestOrder order = order_of(entry);
    has_kernel ? boot(entry, order) : connect_space(entry, order);
  }
}

GuestOrder GuestSet::order_of(const Entry& entry) const {
  GuestOrder order = node_order(plan_, entry.index, *entry.guest);
  for (const NodeSetting& setting : options_.settings) {
    if (setting.node == entry.guest->name()) {
      order.sysctls.push_back({setting.name, setting.value});
    }
  }
  return order;
}

// ---- network namespaces -----------------------------------------------------------------------

void GuestSet::connect_space(Entry& entry, const GuestOrder& order) const {
  const NodeSpec& node = plan_.scenario().nodes[static_cast<size_t>(entry.index)];
  GuestSpaceOptions options;
  options.hostname = order.hostname;
  for (const GuestOrder::File& file : order.files) options.files.push_back({file.path, file.text});
  // An overlay host's agent listens where its maker looks for it.
  options.own_run_directory = !hosts_agents(plan_.scenario(), node);
  entry.space = std::make_unique<GuestSpace>(options);
  const NetworkNamespace& network = entry.space->network();
  for (const GuestOrder::Sysctl& sysctl : order.sysctls) {
    if (sysctl.name == kCongestionSetting) {
      set_default_congestion_control(network, sysctl.value);
    } else {
      write_sysctl(network, sysctl.name, sysctl.value);
    }
  }
  Netlink netlink(network);
  for (size_t i = 0; i < order.interfaces.size(); ++i) {
    const GuestOrder::Interface& interface = order.interfaces[i];
    TapOptions tap;
    tap.name = interface.name;
    tap.mac = entry.guest->nic(i).mac();
    tap.mtu = interface.mtu;
    tap.super_frames = realtime_.data_plane().super_frames;
    tap.largest_frame = node.plane == kUnderlayPlane ? kLargestUnderlayFrame : kLargestFrame;
    TapDevice device(network, tap);
    for (const InterfaceAddress& address : interface.addresses) {
      netlink.add_address(interface.name, address);
    }
    entry.guest->attach(std::move(device));
  }
  for (const GuestOrder::Route& route : order.routes) {
    netlink.add_route(KernelRoute{route.to, route.via, route.interface, ""});
  }
}

uint64_t GuestSet::frames_dropped(const Entry& entry) {
  uint64_t sum = 0;
  if (!entry.space) return 0;  // a machine waits while its interface is full
  Netlink netlink(entry.space->network());
  for (size_t i = 0; i < entry.guest->nic_count(); ++i) {
    try {
      sum += netlink.frames_dropped(entry.guest->nic(i).name());
    } catch (const std::system_error&) {
      // Root of the guest may have renamed or removed it: then nobody knows.
    }
  }
  return sum;
}

void GuestSet::begin_counting() {
  for (Entry& entry : entries_) entry.dropped_before = frames_dropped(entry);
}

uint64_t GuestSet::overruns() const {
  uint64_t sum = 0;
  for (const Entry& entry : entries_) {
    const uint64_t dropped = frames_dropped(entry);
    sum += dropped > entry.dropped_before ? dropped - entry.dropped_before : 0;
  }
  return sum;
}

Duration GuestSet::longest_gathering() const {
  Duration longest;
  for (const Entry& entry : entries_) {
    longest = std::max(longest, entry.guest->longest_gathering());
  }
  return longest;
}

// ---- machines ---------------------------------------------------------------------------------

void GuestSet::boot(Entry& entry, const GuestOrder& order) {
  if (options_.kernel.empty()) options_.kernel = require_kernel().program;
  UmlMachineOptions options;
  options.kernel = options_.kernel;
  options.order = order;
  options.processor = processor_of(entry.index);
  options.memory_mib = static_cast<int>(plan_.scenario().uml.memory.count() >> 20);
  options.offloads = realtime_.data_plane().super_frames;
  if (runs_own_program(entry.index)) options.exposed = {own_program()};
  const std::string name = entry.guest->name();
  entry.machine = std::make_unique<UmlMachine>(
      options, *entry.guest, realtime_, [this, name](Time when, const std::string& how) {
        events_.push_back({when, "note", name + ": " + how});
      });
}

// A kernel and its programs take turns at every system call, which costs five times as much across
// processors. Machines go round, over all agents: those of one computer do not know each other.
int GuestSet::processor_of(int index) const {
  const std::vector<NodeSpec>& nodes = plan_.scenario().nodes;
  const auto before = std::count_if(nodes.begin(), nodes.begin() + index, [](const NodeSpec& node) {
    return backend_under(ClockKind::kReal, node) == Backend::kUml;
  });
  std::vector<int> processors = allowed_processors();
  std::sort(processors.begin(), processors.end());  // the one it runs on comes first otherwise
  return processors[static_cast<size_t>(before) % processors.size()];
}

// Half a workload whose other half is a model's.
bool GuestSet::runs_own_program(int index) const {
  const Scenario& scenario = plan_.scenario();
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                     [&](const WorkloadSpec& workload) {
                       return (workload.from == index || workload.to == index) &&
                              is_half_model(scenario, workload, ClockKind::kReal);
                     });
}

std::string GuestSet::what_boots() const {
  std::string names;
  for (const Entry& entry : entries_) {
    if (!entry.machine || entry.machine->is_ready()) continue;
    names += (names.empty() ? "" : ", ") + entry.guest->name();
  }
  return names.empty() ? "" : "not ready yet: " + names;
}

std::string GuestSet::trouble() const {
  for (const Entry& entry : entries_) {
    if (!entry.machine) continue;
    const std::string why = entry.machine->trouble();
    if (!why.empty()) return entry.guest->name() + " was not ready: " + why;
  }
  return "";
}

std::optional<NodePlace> GuestSet::find(const std::string& full_name) const {
  for (const Entry& entry : entries_) {
    if (entry.guest->name() != full_name) continue;
    if (entry.space) return NodePlace{.space = entry.space.get()};
    return NodePlace{.machine = entry.machine.get()};
  }
  return std::nullopt;
}

std::vector<std::string> GuestSet::names() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) names.push_back(entry.guest->name());
  return names;
}

}  // namespace violin
