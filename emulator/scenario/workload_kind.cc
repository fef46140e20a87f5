#include "emulator/scenario/workload_kind.hh"

#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

constexpr int64_t kMaxCount = 1'000'000'000;
constexpr int64_t kMaxPort = 65'535;
constexpr int64_t kMaxUdpPayload = 65'507;  // 65535 less the IPv4 and UDP headers

Duration read_positive(const YamlValue& value, std::string_view what) {
  const Duration span = read_workload_span(value, what);
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
  if (const auto* v = map.find("receiver_pause")) {
    const YamlMap pause(*v, "receiver_pause", {"at", "for"});
    tcp.receiver_pause = {read_workload_span(pause.require("at"), "at"),
                          read_positive(pause.require("for"), "for")};
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

}  // namespace

Duration read_workload_span(const YamlValue& value, std::string_view what) {
  const Duration span = read_duration(value, what);
  if (span > kMaxWorkloadSpan) refuse(value.place, what, value.text, "at most 100 years");
  return span;
}

const std::vector<WorkloadKindReader>& workload_kinds() {
  static const std::vector<std::string> kEnds = {"from", "to", "address", "at", "stagger"};
  const auto with_ends = [](std::vector<std::string> keys) {
    keys.insert(keys.begin(), kEnds.begin(), kEnds.end());
    return keys;
  };
  static const std::vector<WorkloadKindReader> kKinds = {
      {"ping", with_ends({"count", "interval", "size", "timeout"}), read_ping},
      {"traceroute", with_ends({"max_hops", "probes"}), read_traceroute},
      {"tcp",
       with_ends({"duration", "size", "arrivals", "congestion", "ecn", "sack", "timestamps", "port",
                  "send_buffer", "receive_buffer", "receiver_pause"}),
       read_tcp},
      {"udp", with_ends({"rate", "size", "duration", "poisson", "port"}), read_udp},
      {"exec", {"node", "at", "stagger", "command", "user"}, read_exec}};
  return kKinds;
}

}  // namespace violin
