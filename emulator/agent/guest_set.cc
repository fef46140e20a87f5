#include "emulator/agent/guest_set.hh"

#include <algorithm>
#include <system_error>
#include <utility>

#include "emulator/network/guest_files.hh"
#include "emulator/os/guest_sysctl.hh"
#include "emulator/os/netlink.hh"
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
void set_default_congestion_control(const NetworkNamespace& network) {
  for (const char* name : {"cubic", "reno"}) {
    try {
      write_sysctl(network, "net.ipv4.tcp_congestion_control", name);
      return;
    } catch (const std::system_error&) {
      // Only what the machine allows to everybody may be a namespace's default; reno always is.
    }
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

GuestSet::GuestSet(const NetworkPlan& plan, Realtime& realtime, LogHistogram& lateness)
    : plan_(plan), realtime_(realtime), lateness_(lateness) {}

std::unique_ptr<Guest> GuestSet::make(int index, const NodeContext& context) {
  const NodeSpec& node = plan_.scenario().nodes[static_cast<size_t>(index)];
  auto guest = std::make_unique<Guest>(node.full_name(), context, realtime_, lateness_);
  entries_.push_back({index, guest.get(), nullptr});
  return guest;
}

void GuestSet::connect() {
  for (Entry& entry : entries_) connect(entry);
}

void GuestSet::connect(Entry& entry) {
  const NodeSpec& node = plan_.scenario().nodes[static_cast<size_t>(entry.index)];
  GuestSpaceOptions options;
  options.hostname = node.name;
  for (const auto& [path, text] : guest_files(plan_.scenario(), node)) {
    options.files.push_back({path, text});
  }
  // An overlay host's agent listens where its maker looks for it.
  options.own_run_directory = !hosts_agents(plan_.scenario(), node);
  entry.space = std::make_unique<GuestSpace>(options);
  const NetworkNamespace& network = entry.space->network();
  set_default_congestion_control(network);
  if (node.kind == NodeKind::kRouter) {
    write_sysctl(network, "net.ipv4.ip_forward", "1");
    write_sysctl(network, "net.ipv6.conf.all.forwarding", "1");
  }
  Netlink netlink(network);
  for (size_t i = 0; i < node.interfaces.size(); ++i) {
    const Nic& nic = entry.guest->nic(i);
    TapOptions tap;
    tap.name = nic.name();
    tap.mac = nic.mac();
    tap.mtu = static_cast<int>(nic.mtu());
    tap.super_frames = realtime_.data_plane().super_frames;
    tap.largest_frame = node.plane == kUnderlayPlane ? kLargestUnderlayFrame : kLargestFrame;
    TapDevice device(network, tap);
    for (const InterfaceAddress& address : nic.addresses()) {
      netlink.add_address(nic.name(), address);
    }
    entry.guest->attach(std::move(device));
  }
  add_routes(entry);
}

void GuestSet::add_routes(const Entry& entry) const {
  const Routing* routing = plan_.routing_of(entry.index);
  if (routing == nullptr) return;
  Netlink netlink(entry.space->network());
  for (const Route& route : routing->routes(entry.index)) {
    if (!route.via) continue;  // the kernel's own, from the address
    const Nic& nic = entry.guest->nic(static_cast<size_t>(route.interface));
    netlink.add_route(KernelRoute{route.prefix, route.via, nic.name(), ""});
  }
}

uint64_t GuestSet::frames_dropped(const Entry& entry) {
  uint64_t sum = 0;
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

const GuestSpace* GuestSet::find(const std::string& full_name) const {
  for (const Entry& entry : entries_) {
    if (entry.guest->name() == full_name) return entry.space.get();
  }
  return nullptr;
}

std::vector<std::string> GuestSet::names() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) names.push_back(entry.guest->name());
  return names;
}

}  // namespace violin
