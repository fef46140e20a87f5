#include "emulator/scenario/scenario_workload.hh"

#include <optional>
#include <unordered_set>
#include <utility>

#include "emulator/scenario/name_range.hh"
#include "emulator/scenario/scenario_filter.hh"
#include "emulator/scenario/workload_kind.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {
namespace {

constexpr size_t kMaxWorkloads = 1'000'000;

class WorkloadReader {
 public:
  WorkloadReader(const ScenarioIndex& index, Scenario& scenario)
      : index_(index), scenario_(scenario) {}

  void read(const YamlValue& value);

 private:
  std::vector<int> read_ends(const YamlValue& value, std::string_view key) const;
  // Who is called: nodes, or whoever in the plane of `caller` has the address that stands there;
  // and at which address, where one is given.
  struct Called {
    std::vector<int> nodes;
    std::optional<AddressAndPort> at;
  };
  Called read_called(const YamlMap& map, int caller, const WorkloadKind& kind) const;
  int owner_of(const YamlValue& value, const IpAddress& address, const std::string& plane) const;
  void add(const YamlMap& map, const std::string& name, const YamlValue& value,
           const WorkloadKind& kind);
  void check(const WorkloadSpec& workload) const;

  const ScenarioIndex& index_;
  Scenario& scenario_;
  std::unordered_set<std::string> names_;
};

std::vector<int> WorkloadReader::read_ends(const YamlValue& value, std::string_view key) const {
  const std::vector<int> ends = index_.nodes(value.place, read_text(value, key));
  for (const int end : ends) {
    const NodeSpec& node = scenario_.nodes[static_cast<size_t>(end)];
    if (node.kind == NodeKind::kSwitch) {
      refuse(value.place, "a workload cannot run on a switch", node.full_name(),
             "hosts and routers");
    }
  }
  return ends;
}

int WorkloadReader::owner_of(const YamlValue& value, const IpAddress& address,
                             const std::string& plane) const {
  for (size_t i = 0; i < scenario_.nodes.size(); ++i) {
    const NodeSpec& node = scenario_.nodes[i];
    if (node.plane != plane) continue;
    for (const InterfaceSpec& interface : node.interfaces) {
      for (const InterfaceAddress& own : interface.addresses) {
        if (own.address == address) return static_cast<int>(i);
      }
    }
  }
  throw InputError(value.place, "nobody in " + plane + " has the address " + to_string(address));
}

WorkloadReader::Called WorkloadReader::read_called(const YamlMap& map, int caller,
                                                   const WorkloadKind& kind) const {
  if (std::holds_alternative<ExecWorkload>(kind)) return {{-1}, std::nullopt};
  const YamlValue& to = map.require("to");
  Called called;
  const YamlValue* given = map.find("address");
  if (const auto there = parse_address_and_port(read_text(to, "to"))) {
    if (given != nullptr) {
      throw InputError(given->place, "to: is an address already; with address: it is a node");
    }
    const std::string& plane = scenario_.nodes[static_cast<size_t>(caller)].plane;
    called = {{owner_of(to, there->address, plane)}, there};
  } else {
    called.nodes = read_ends(to, "to");
    if (given != nullptr) called.at = read_address_and_port(*given, "address");
  }
  const auto* tcp = std::get_if<TcpWorkload>(&kind);
  const bool has_ports = tcp != nullptr || std::holds_alternative<UdpWorkload>(kind);
  if (called.at && called.at->port && !has_ports) {
    throw InputError(to.place, "only tcp and udp have ports");
  }
  return called;
}

void WorkloadReader::check(const WorkloadSpec& workload) const {
  if (workload.from == workload.to && !std::holds_alternative<ExecWorkload>(workload.kind)) {
    const NodeSpec& node = scenario_.nodes[static_cast<size_t>(workload.from)];
    throw InputError(workload.at, "from and to are the same node: " + node.full_name());
  }
  if (workload.to >= 0 && scenario_.nodes[static_cast<size_t>(workload.from)].plane !=
                              scenario_.nodes[static_cast<size_t>(workload.to)].plane) {
    throw InputError(workload.at,
                     "from and to are in different planes, which never see each other");
  }
  const auto end = workload_end(workload);
  if (workload.start >= scenario_.duration || (end && *end > scenario_.duration)) {
    refuse(workload.at, "the workload does not end within the duration of the scenario",
           workload.name + " from " + to_string(workload.start) +
               (end ? " to " + to_string(*end) : ""),
           "0 s to " + to_string(scenario_.duration));
  }
  if (scenario_.workloads.size() >= kMaxWorkloads) {
    throw InputError(workload.at, "more than 1000000 workloads");
  }
}

void WorkloadReader::add(const YamlMap& map, const std::string& name, const YamlValue& value,
                         const WorkloadKind& kind) {
  const bool is_exec = std::holds_alternative<ExecWorkload>(kind);
  const std::string first = is_exec ? "node" : "from";
  const std::vector<int> from = read_ends(map.require(first), first);
  const Called called = read_called(map, from.front(), kind);
  const std::vector<int>& to = called.nodes;
  const size_t count = pair_count(map.place(), from.size(), to.size());
  Duration start, stagger;
  if (const auto* v = map.find("at")) start = read_workload_span(*v, "at");
  if (const auto* v = map.find("stagger")) stagger = read_workload_span(*v, "stagger");
  for (size_t i = 0; i < count; ++i) {
    WorkloadSpec workload;
    workload.name = count == 1 ? name : name + "." + std::to_string(i + 1);
    workload.from = from[from.size() == 1 ? 0 : i];
    workload.to = to[to.size() == 1 ? 0 : i];
    if (called.at) {
      workload.called = called.at->address;
      workload.called_port = called.at->port;
    }
    workload.start = start;
    workload.kind = kind;
    workload.at = value.place;
    if (stagger > Duration() && static_cast<int64_t>(i) > kMaxWorkloadSpan / stagger) {
      throw InputError(map.place(), "stagger: the last start is more than 100 years away");
    }
    workload.start += stagger * static_cast<int64_t>(i);
    if (!names_.insert(workload.name).second) {
      throw InputError(value.place, "two workloads have the name " + workload.name);
    }
    check(workload);
    scenario_.workloads.push_back(std::move(workload));
  }
}

void WorkloadReader::read(const YamlValue& value) {
  const std::vector<WorkloadKindReader>& readers = workload_kinds();
  std::vector<std::string> keys = {"name"};
  for (const WorkloadKindReader& reader : readers) keys.push_back(reader.name);
  const YamlMap map(value, "a workload", keys);
  const YamlValue& name = map.require("name");
  require_name(name.place, "a workload's name", read_text(name, "name"));
  bool found = false;
  for (const WorkloadKindReader& reader : readers) {
    const YamlValue* kind = map.find(reader.name);
    if (kind == nullptr) continue;
    if (found) throw InputError(kind->place, "a workload has one kind: " + reader.name);
    found = true;
    const YamlMap kind_map(*kind, reader.name, reader.keys);
    add(kind_map, name.text, value, reader.read(kind_map));
  }
  if (!found) {
    refuse(value.place, "the workload's kind is missing", name.text,
           "ping, traceroute, tcp, udp, exec");
  }
}

// The latest end that a kind implies, counted from its start.
std::optional<Duration> span_of(const PingWorkload& ping) {
  if (ping.count - 1 > kMaxWorkloadSpan / ping.interval) return kMaxWorkloadSpan;
  return ping.interval * (ping.count - 1);
}
std::optional<Duration> span_of(const TracerouteWorkload&) { return std::nullopt; }
std::optional<Duration> span_of(const TcpWorkload& tcp) { return tcp.duration; }
std::optional<Duration> span_of(const UdpWorkload& udp) { return udp.duration; }
std::optional<Duration> span_of(const ExecWorkload&) { return std::nullopt; }

}  // namespace

std::optional<Duration> workload_end(const WorkloadSpec& workload) {
  const auto span = std::visit([](const auto& kind) { return span_of(kind); }, workload.kind);
  if (!span) return std::nullopt;
  return workload.start + *span;
}

void read_workloads(const YamlValue* value, const ScenarioIndex& index, Scenario& scenario) {
  if (value == nullptr || value->is_null()) return;
  if (!value->is_list()) throw InputError(value->place, "workloads must be a list");
  WorkloadReader reader(index, scenario);
  for (const YamlPointer& item : value->items) reader.read(*item);
}

}  // namespace violin
