#include "emulator/scenario/scenario_workload.hh"

#include <optional>
#include <unordered_set>
#include <utility>

#include "emulator/scenario/name_range.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {
namespace {

constexpr int64_t kMaxCount = 1'000'000'000;
constexpr int64_t kMaxPort = 65'535;
constexpr int64_t kMaxUdpPayload = 65'507;  // 65535 less the IPv4 and UDP headers
constexpr size_t kMaxWorkloads = 1'000'000;
// Longest run: far from where nanoseconds overflow.
constexpr Duration kMaxSpan = Duration::seconds(3'153'600'000);

Duration read_span(const YamlValue& value, std::string_view what) {
  const Duration span = read_duration(value, what);
  if (span > kMaxSpan) refuse(value.place, what, value.text, "at most 100 years");
  return span;
}

Duration read_positive(const YamlValue& value, std::string_view what) {
  const Duration span = read_span(value, what);
  if (span == Duration()) refuse(value.place, what, value.text, "a duration above zero");
  return span;
}

Bytes read_positive_bytes(const YamlValue& value, std::string_view what) {
  const Bytes bytes = read_bytes(value, what);
  if (bytes.count() == 0) refuse(value.place, what, value.text, "more than nothing");
  return bytes;
}

Bytes read_payload(const YamlValue& value, int64_t min) {
  const Bytes size = read_bytes(value, "size");
  if (size.count() < min || size.count() > kMaxUdpPayload) {
    refuse(value.place, "size", value.text, std::to_string(min) + " B to 65507 B");
  }
  return size;
}

WorkloadKind read_ping(const YamlMap& map) {
  PingWorkload ping;
  if (const auto* v = map.find("count")) ping.count = read_integer(*v, "count", {1, kMaxCount});
  if (const auto* v = map.find("interval")) ping.interval = read_positive(*v, "interval");
  if (const auto* v = map.find("size")) ping.size = read_payload(*v, 0);
  if (const auto* v = map.find("timeout")) ping.timeout = read_positive(*v, "timeout");
  return ping;
}

WorkloadKind read_traceroute(const YamlMap& map) {
  TracerouteWorkload traceroute;
  if (const auto* v = map.find("max_hops")) {
    traceroute.max_hops = static_cast<int>(read_integer(*v, "max_hops", {1, 255}));
  }
  if (const auto* v = map.find("probes")) {
    traceroute.probes = static_cast<int>(read_integer(*v, "probes", {1, 10}));
  }
  return traceroute;
}

void read_tcp_options(const YamlMap& map, TcpWorkload& tcp) {
  if (const auto* v = map.find("congestion")) {
    const std::vector<std::string> kinds = {"cubic", "newreno"};
    tcp.congestion = kinds[read_word(*v, "congestion", kinds)];
  }
  if (const auto* v = map.find("ecn")) tcp.ecn = read_bool(*v, "ecn");
  if (const auto* v = map.find("sack")) tcp.sack = read_bool(*v, "sack");
  if (const auto* v = map.find("timestamps")) tcp.timestamps = read_bool(*v, "timestamps");
  if (const auto* v = map.find("port")) {
    tcp.port = static_cast<uint16_t>(read_integer(*v, "port", {1, kMaxPort}));
  }
  if (const auto* v = map.find("send_buffer")) {
    tcp.send_buffer = read_positive_bytes(*v, "send_buffer");
  }
  if (const auto* v = map.find("receive_buffer")) {
    tcp.receive_buffer = read_positive_bytes(*v, "receive_buffer");
  }
}

WorkloadKind read_tcp(const YamlMap& map) {
  TcpWorkload tcp;
  if (const auto* v = map.find("duration")) tcp.duration = read_positive(*v, "duration");
  if (const auto* v = map.find("size")) tcp.size = read_positive_bytes(*v, "size");
  if (const auto* v = map.find("arrivals")) {
    const YamlMap arrivals(*v, "arrivals", {"poisson"});
    tcp.poisson_per_second = read_frequency(arrivals.require("poisson"), "poisson");
    if (!tcp.size) throw InputError(v->place, "tcp with arrivals needs the size of each flow");
  } else if (tcp.size && tcp.duration) {
    throw InputError(map.place(), "tcp takes a duration or a size, not both, unless flows arrive");
  }
  read_tcp_options(map, tcp);
  return tcp;
}

WorkloadKind read_udp(const YamlMap& map) {
  UdpWorkload udp;
  udp.rate = read_bit_rate(map.require("rate"), "rate");
  if (const auto* v = map.find("size")) udp.size = read_payload(*v, 1);
  if (const auto* v = map.find("poisson")) udp.poisson = read_bool(*v, "poisson");
  if (const auto* v = map.find("duration")) udp.duration = read_positive(*v, "duration");
  if (const auto* v = map.find("port")) {
    udp.port = static_cast<uint16_t>(read_integer(*v, "port", {1, kMaxPort}));
  }
  return udp;
}

WorkloadKind read_exec(const YamlMap& map) {
  ExecWorkload exec;
  const YamlValue& command = map.require("command");
  for (const YamlValue* word : read_items(&command)) {
    exec.command.push_back(read_text(*word, "command"));
  }
  if (exec.command.empty() || exec.command.front().empty()) {
    throw InputError(command.place, "command is a list of a program and its arguments");
  }
  if (const auto* v = map.find("user")) {
    exec.as_root = read_word(*v, "user", {"nobody", "root"}) == 1;
  }
  return exec;
}

struct KindReader {
  std::string name;
  std::vector<std::string> keys;
  WorkloadKind (*read)(const YamlMap&);
};

std::vector<KindReader> kind_readers() {
  const std::vector<std::string> ends = {"from", "to", "at", "stagger"};
  const auto with_ends = [&ends](std::vector<std::string> keys) {
    keys.insert(keys.begin(), ends.begin(), ends.end());
    return keys;
  };
  return {{"ping", with_ends({"count", "interval", "size", "timeout"}), read_ping},
          {"traceroute", with_ends({"max_hops", "probes"}), read_traceroute},
          {"tcp",
           with_ends({"duration", "size", "arrivals", "congestion", "ecn", "sack", "timestamps",
                      "port", "send_buffer", "receive_buffer"}),
           read_tcp},
          {"udp", with_ends({"rate", "size", "duration", "poisson", "port"}), read_udp},
          {"exec", {"node", "at", "stagger", "command", "user"}, read_exec}};
}

class WorkloadReader {
 public:
  WorkloadReader(const ScenarioIndex& index, Scenario& scenario)
      : index_(index), scenario_(scenario) {}

  void read(const YamlValue& value);

 private:
  std::vector<int> read_ends(const YamlValue& value, std::string_view key) const;
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
  const std::vector<int> to = is_exec ? std::vector<int>{-1} : read_ends(map.require("to"), "to");
  const size_t count = pair_count(map.place(), from.size(), to.size());
  Duration start, stagger;
  if (const auto* v = map.find("at")) start = read_span(*v, "at");
  if (const auto* v = map.find("stagger")) stagger = read_span(*v, "stagger");
  for (size_t i = 0; i < count; ++i) {
    WorkloadSpec workload;
    workload.name = count == 1 ? name : name + "." + std::to_string(i + 1);
    workload.from = from[from.size() == 1 ? 0 : i];
    workload.to = to[to.size() == 1 ? 0 : i];
    workload.start = start;
    workload.kind = kind;
    workload.at = value.place;
    if (stagger > Duration() && static_cast<int64_t>(i) > kMaxSpan / stagger) {
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
  const std::vector<KindReader> readers = kind_readers();
  std::vector<std::string> keys = {"name"};
  for (const KindReader& reader : readers) keys.push_back(reader.name);
  const YamlMap map(value, "a workload", keys);
  const YamlValue& name = map.require("name");
  require_name(name.place, "a workload's name", read_text(name, "name"));
  bool found = false;
  for (const KindReader& reader : readers) {
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
  if (ping.count - 1 > kMaxSpan / ping.interval) return kMaxSpan;
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
