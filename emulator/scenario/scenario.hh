#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/addresses.hh"
#include "core/time.hh"
#include "core/units.hh"
#include "emulator/scenario/filter_spec.hh"
#include "emulator/scenario/place.hh"
#include "emulator/scenario/routing_spec.hh"
#include "emulator/scenario/tunnel_cost.hh"
#include "models/link/wire_spec.hh"

// One scenario, fully resolved: parameters substituted, ranges expanded, graphs imported, defaults
// applied, interfaces named, addresses assigned. Plain data: the reader (scenario_reader.hh) makes
// it, the network (network.hh) is built from it. Nothing refers to the YAML any more except
// `Place`.

namespace violin {

enum class NodeKind { kHost, kSwitch, kRouter };
// kDefault: what the clock chooses, model under virtual and netns under real.
enum class Backend { kDefault, kModel, kUml, kNetns, kLinux };

// What every machine with a kernel of its own is like (`uml:`).
struct UmlSpec {
  static constexpr Bytes kMemoryMin{32 << 20}, kMemoryMax{int64_t{8} << 30};
  static constexpr Duration kSyscallCostMax = Duration::milliseconds(1);

  Bytes memory{64 << 20};  // whole mebibytes
  // Under the virtual clock, what a system call of a program takes; else programs cost nothing.
  Duration syscall_cost;
  bool operator==(const UmlSpec&) const = default;
};

struct InterfaceSpec {
  std::string name;                         // eth0, or as the file names it
  std::vector<InterfaceAddress> addresses;  // empty on switches
  int link = -1;                            // index into Scenario::links
};

struct NodeSpec {
  std::string plane;  // "underlay", or the violin's name
  std::string name;   // within its plane
  NodeKind kind = NodeKind::kHost;
  Backend backend = Backend::kDefault;
  RoutingSpec routing;  // of a router
  FilterSpec filter;    // of a host or router
  std::string place;  // overlay host (underlay node name) of a virtual node; empty without underlay
  std::vector<InterfaceSpec> interfaces;
  std::optional<std::pair<double, double>>
      coordinates;  // latitude, longitude, degrees (graph import)
  Place at;
  std::string full_name() const { return plane + "/" + name; }
};

struct LinkEnd {
  int node = -1;       // index into Scenario::nodes
  int interface = -1;  // index into that node's interfaces
};

// A cable between two interfaces of one plane. A link whose ends have different `place` is carried
// by a tunnel between these overlay hosts.
struct LinkSpec {
  std::string plane;
  std::string name;  // as given, or "a--b" (repeats: "a--b.2")
  LinkEnd a, b;
  WireSpec a_to_b, b_to_a;
  OspfSpec ospf;
  Place at;
  std::string full_name() const { return plane + "/" + name; }
};

struct PlaneSpec {
  std::string name;  // "underlay" or the violin's
  bool is_underlay = false;
  Encryption encryption = Encryption::kNone;
  TunnelCost tunnel_cost;  // of each end of each of its tunnels, under the virtual clock
  // Of hosts, and of routers that say nothing else. Hosts have planned routes unless it is kNone.
  RoutingKind routing = RoutingKind::kStatic;
  // Read from an RTT matrix: its nodes are hosts, each pair has an edge of its own and takes it;
  // there are no shortest paths.
  bool is_matrix = false;
  Place at;
};

// ---- workloads --------------------------------------------------------------------------------

struct PingWorkload {
  int64_t count = 10;
  Duration interval = Duration::seconds(1);
  Bytes size = Bytes(56);                    // ICMP payload, as ping -s
  Duration timeout = Duration::seconds(10);  // a reply later than this counts as lost
};
struct TracerouteWorkload {
  int max_hops = 30;
  int probes = 3;
};
struct TcpWorkload {
  struct Pause {
    Duration at;  // after time 0
    Duration length;
  };
  // Neither duration nor size: one flow that sends to the end of the scenario.
  std::optional<Duration> duration;          // one flow that sends for this long, or …
  std::optional<Bytes> size;                 // … flows of this many bytes each
  std::optional<double> poisson_per_second;  // new flows of `size` arrive until `duration`
  std::string congestion = "cubic";          // cubic | newreno
  bool ecn = false;
  bool sack = true;
  bool timestamps = true;
  uint16_t port = 5001;
  Bytes send_buffer = Bytes(8 << 20);
  Bytes receive_buffer = Bytes(8 << 20);
  std::optional<Pause> receiver_pause;  // in which the receiver, a model, reads nothing
};
struct UdpWorkload {
  BitRate rate;              // of UDP payload
  Bytes size = Bytes(1400);  // UDP payload per datagram
  bool poisson = false;      // exponential gaps with the same mean
  Duration duration = Duration::seconds(10);
  uint16_t port = 5002;
};
struct ExecWorkload {
  std::vector<std::string> command;
  bool as_root = false;  // user: root; else an unprivileged user
};
using WorkloadKind =
    std::variant<PingWorkload, TracerouteWorkload, TcpWorkload, UdpWorkload, ExecWorkload>;

struct WorkloadSpec {
  std::string name;  // "rtt", or "vm.3" when made from a range
  int from = -1;     // indices into Scenario::nodes; exec uses `from` only
  int to = -1;
  std::optional<IpAddress> called;  // at which `to` is called: `address:`; none = its own
  std::optional<uint16_t> called_port;
  Duration start;  // after time 0 (at: plus stagger)
  WorkloadKind kind;
  Place at;
};

// ---- events -----------------------------------------------------------------------------------

// Which wires an event is about: one direction or both of a link.
struct LinkTarget {
  int link = -1;
  bool a_to_b = true;
  bool b_to_a = true;
};
struct SetEvent {
  LinkTarget target;
  WirePatch patch;
};
struct DownEvent {
  std::vector<LinkTarget> targets;  // the link, or every link of a node
  int node = -1;                    // the node, when a node goes down
  std::optional<Duration> lasting;  // for:
  bool silent = false;              // mode: silent (no carrier loss is seen) | carrier
};
struct UpEvent {
  std::vector<LinkTarget> targets;
  int node = -1;
};
struct EventSpec {
  Time when;
  std::string text;  // in words, for the report: "set v1/r1--h3: delay 20 ms"
  std::variant<SetEvent, DownEvent, UpEvent> what;
  Place at;
};

struct CaptureSpec {
  int node = -1;
  int interface = -1;
};

struct CompareSpec {
  std::string name;
  std::string host;  // metric expressions
  std::string violin;
  Place at;
};

struct ExpectSpec {
  std::string check;
  std::string fail;  // optional explanation
  Place at;
};

struct Scenario {
  std::string name;
  Duration duration;
  Time measure_from = Time::zero();
  Time measure_to;  // = duration unless given
  Duration bootstrap;
  uint64_t seed = 1;
  UmlSpec uml;
  std::map<std::string, std::string> params;  // resolved values by name

  std::vector<PlaneSpec> planes;  // the underlay first, when there is one
  std::vector<NodeSpec> nodes;    // in file order
  std::vector<LinkSpec> links;
  std::vector<WorkloadSpec> workloads;
  std::vector<EventSpec> events;  // by time, then file order
  std::vector<CaptureSpec> captures;
  std::optional<Bytes> snaplen;
  std::vector<CompareSpec> compares;
  std::vector<ExpectSpec> expects;

  // Human notes on every default that was applied, for `violin check`.
  std::vector<std::string> defaults_used;

  bool has_underlay() const { return !planes.empty() && planes.front().is_underlay; }
  // CHECKs that there is such a plane.
  const PlaneSpec& plane(const std::string& plane_name) const;
  // "v1/h1"; -1 when there is none. Linear: for a few look-ups, not one per node.
  int find_node(const std::string& full_name) const;
};

}  // namespace violin
