#include "emulator/program/program_plan.hh"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "emulator/network/workload_window.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

// A ping's payload begins with the time it left, a struct timeval.
constexpr int64_t kPingSizeMin = 16;
// ping counts milliseconds in an int.
constexpr Duration kPingSpanMax = Duration::milliseconds(INT32_MAX);
// A datagram of iperf3 begins with a time and a number.
constexpr int64_t kUdpSizeMin = 16;
// What -t of iperf3 allows.
constexpr Duration kIperf3Max = Duration::seconds(86'400);
// As -l has it by default; a flow of a given size is cut into equal blocks below it.
constexpr int64_t kBlockMax = 128 * 1024;
// Servers are started that much before their clients.
constexpr Duration kServerLead = Duration::seconds(1);
// The longest list of intervals that is asked for.
constexpr int64_t kIntervalsMax = 10'000;
constexpr uint16_t kFirstOpenPort = 1024;

[[noreturn]] void refuse(const WorkloadSpec& spec, const std::string& why) {
  throw InputError(spec.at, "the workload " + spec.name + " cannot be run by a program: " + why);
}

// Seconds, rounded up to whole milliseconds.
std::string in_seconds(Duration span) {
  const int64_t ms = (span.ns() + 999'999) / 1'000'000;
  return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

// 0.1 s, or as much more as keeps the output of a long test short.
std::string interval_for(Duration activity) {
  const int64_t tenths = activity / Duration::milliseconds(100) / kIntervalsMax + 1;
  return fmt::format("{}.{}", tenths / 10, tenths % 10);
}

// -t has whole seconds; what is left of the last one is cut off by an interruption.
int64_t seconds_above(Duration span) { return (span.ns() + 999'999'999) / 1'000'000'000; }
bool is_whole_seconds(Duration span) { return span % Duration::seconds(1) == Duration(); }

}  // namespace

void ProgramPlan::add(const WorkloadSpec& spec, const WorkloadAddresses& addresses) {
  if (Time::zero() + spec.start >= end_) return;
  if (const auto* ping = std::get_if<PingWorkload>(&spec.kind)) {
    add_ping(spec, *ping, addresses.to);
  } else if (const auto* trace = std::get_if<TracerouteWorkload>(&spec.kind)) {
    add_traceroute(spec, *trace, addresses.to);
  } else if (const auto* tcp = std::get_if<TcpWorkload>(&spec.kind)) {
    add_tcp(spec, *tcp, addresses);
  } else if (const auto* udp = std::get_if<UdpWorkload>(&spec.kind)) {
    add_udp(spec, *udp, addresses.to);
  } else {
    const auto& exec = std::get<ExecWorkload>(spec.kind);
    steps_.push_back({.workload = spec.name,
                      .node = spec.from,
                      .argv = exec.command,
                      .start = Time::zero() + spec.start,
                      .limit = {},
                      .as_root = exec.as_root,
                      .ready = {}});
  }
}

void ProgramPlan::add_ping(const WorkloadSpec& spec, const PingWorkload& ping,
                           const IpAddress& to) {
  const Duration left = end_ - (Time::zero() + spec.start);
  if (ping.count > kPingCountMax) refuse(spec, "ping sends at most 10 million requests here");
  if (ping.size.count() < kPingSizeMin) {
    refuse(spec, "ping can time only requests of at least 16 B");
  }
  if (ping.interval % Duration::milliseconds(1) != Duration()) {
    refuse(spec, "the interval of ping is in whole milliseconds");
  }
  // Neither needs to be longer than the scenario goes on.
  const Duration interval = std::min(ping.interval, left + Duration::milliseconds(1));
  const Duration timeout = std::min(ping.timeout, left);
  if (std::max(interval, timeout) > kPingSpanMax) refuse(spec, "ping waits at most 24 days");
  // Root, because others may not send oftener than every 2 ms.
  steps_.push_back({.workload = spec.name,
                    .node = spec.from,
                    .argv = {"ping", "-n", "-D", "-O", "-c", std::to_string(ping.count), "-i",
                             in_seconds(interval), "-s", std::to_string(ping.size.count()), "-W",
                             in_seconds(timeout), to_string(to)},
                    .start = Time::zero() + spec.start,
                    .limit = left,
                    .as_root = true,
                    .ready = {}});
}

void ProgramPlan::add_traceroute(const WorkloadSpec& spec, const TracerouteWorkload& trace,
                                 const IpAddress& to) {
  // One probe at a time, each given 3 s: as models do it. Several at once would queue up behind
  // each other.
  steps_.push_back(
      {.workload = spec.name,
       .node = spec.from,
       .argv = {"traceroute", "-n", "-N", "1", "-w", "3,0,0", "-q", std::to_string(trace.probes),
                "-m", std::to_string(trace.max_hops), to_string(to)},
       .start = Time::zero() + spec.start,
       .limit = end_ - (Time::zero() + spec.start),
       .ready = {}});
}

void ProgramPlan::add_tcp(const WorkloadSpec& spec, const TcpWorkload& tcp,
                          const WorkloadAddresses& addresses) {
  if (tcp.poisson_per_second) {
    refuse(spec, "iperf3 cannot start flows at random (arrivals: poisson)");
  }
  const bool reverse = tcp.size.has_value();
  if (reverse && spec.called) {
    refuse(spec,
           "iperf3 has its receiver ask for a flow of a given size, so that nobody calls an "
           "address; give a duration instead");
  }
  Pair pair{.server = reverse ? spec.from : spec.to,
            .client = reverse ? spec.to : spec.from,
            .address = reverse ? addresses.from : addresses.to,
            .port = 0,
            .options = {"-C", tcp.congestion == "newreno" ? "reno" : tcp.congestion}};
  if (reverse) {
    const int64_t size = tcp.size->count();
    const int64_t blocks = (size + kBlockMax - 1) / kBlockMax;
    const int64_t block = (size + blocks - 1) / blocks;
    const std::vector<std::string> sized = {"--reverse", "-n", std::to_string(size), "-l",
                                            std::to_string(block)};
    pair.options.insert(pair.options.end(), sized.begin(), sized.end());
  }
  pair.port = ports_.claim(spec, pair.server, tcp.port);
  settings_.add(spec, tcp, pair.client);
  add_pair(spec, pair);
}

void ProgramPlan::add_udp(const WorkloadSpec& spec, const UdpWorkload& udp, const IpAddress& to) {
  if (udp.poisson) refuse(spec, "iperf3 sends datagrams at even distances (poisson)");
  if (udp.size.count() < kUdpSizeMin) {
    refuse(spec, "a datagram of iperf3 has at least 16 B");
  }
  if (udp.rate.bps() <= 0) refuse(spec, "udp needs a rate above zero");
  // How often iperf3 looks whether a datagram is due: by default each millisecond, which would
  // make bursts of higher rates.
  const int64_t distance_us = udp.size.bits() * 1'000'000 / udp.rate.bps();
  const int64_t pacing_us = std::clamp<int64_t>(distance_us, 100, 1000);
  add_pair(spec, {.server = spec.to,
                  .client = spec.from,
                  .address = to,
                  .port = ports_.claim(spec, spec.to, udp.port),
                  .options = {"-u", "-b", std::to_string(udp.rate.bps()), "-l",
                              std::to_string(udp.size.count()), "--pacing-timer",
                              std::to_string(pacing_us)}});
}

// The program is the agent's own: a guest may see no other copy of it.
void ProgramPlan::add_half(const WorkloadSpec& spec, const HalfPlan& how,
                           const WorkloadAddresses& addresses) {
  const Time start = Time::zero() + spec.start;
  if (start >= end_) return;
  const auto* tcp = std::get_if<TcpWorkload>(&spec.kind);
  const auto* udp = std::get_if<UdpWorkload>(&spec.kind);
  const bool sends = how.half == Half::kSends;
  const auto text = [](Time at) { return std::to_string(at.ns()); };
  ProgramStep step{.workload = spec.name,
                   .role = sends ? ProgramRole::kClient : ProgramRole::kServer,
                   .node = sends ? spec.from : spec.to,
                   .argv = {"/proc/self/exe", "traffic", "--do",
                            std::string(sends ? "send-" : "receive-") + (tcp ? "tcp" : "udp"),
                            "--name", spec.name, "--address", to_string(addresses.to), "--port",
                            std::to_string(sends ? spec.called_port.value_or(how.port) : how.port),
                            "--until", text(end_)},
                   .start = start - kServerLead,
                   .limit = {},
                   .as_root = tcp != nullptr || how.port < kFirstOpenPort,
                   .wants_zero = true,
                   .ready = {}};
  std::vector<std::string> more = {"--from", text(how.window.from), "--to", text(how.window.to)};
  if (sends) more = {"--at", text(start), "--stop", text(workload_end(spec, end_ - Time::zero()))};
  if (tcp != nullptr) settings_.add(spec, *tcp, spec.from);
  if (sends && tcp != nullptr) {
    more.insert(more.end(),
                {"--congestion", tcp->congestion == "newreno" ? "reno" : tcp->congestion});
    if (tcp->size) more.insert(more.end(), {"--size", std::to_string(tcp->size->count())});
  }
  if (sends && udp != nullptr) {
    more.insert(more.end(), {"--size", std::to_string(udp->size.count()), "--rate",
                             std::to_string(udp->rate.bps())});
  }
  step.argv.insert(step.argv.end(), more.begin(), more.end());
  steps_.push_back(std::move(step));
}

void ProgramPlan::add_pair(const WorkloadSpec& spec, const Pair& pair) {
  const Time start = Time::zero() + spec.start;
  const Duration activity = workload_end(spec, end_ - Time::zero()) - start;
  if (activity > kIperf3Max) refuse(spec, "iperf3 runs for at most a day");
  const std::string interval = interval_for(activity);
  const std::string port = std::to_string(pair.port);
  // A machine's default often leaves CUBIC to those who administer the network namespace
  // (net.ipv4.tcp_allowed_congestion_control).
  const auto* tcp = std::get_if<TcpWorkload>(&spec.kind);
  steps_.push_back({.workload = spec.name,
                    .role = ProgramRole::kServer,
                    .node = pair.server,
                    .argv = {"iperf3", "-s", "-1", "-J", "-p", port, "-i", interval},
                    .start = start - kServerLead,
                    .limit = {},
                    .as_root = tcp != nullptr || pair.port < kFirstOpenPort,
                    .ready = {}});
  ProgramStep client{.workload = spec.name,
                     .role = ProgramRole::kClient,
                     .node = pair.client,
                     .argv = {"iperf3", "-c", to_string(pair.address), "-J", "-p",
                              std::to_string(spec.called_port.value_or(pair.port)), "-i", interval},
                     .start = start,
                     .limit = {},
                     .as_root = tcp != nullptr,
                     .ready = ListenCondition{pair.server, pair.port}};
  client.argv.insert(client.argv.end(), pair.options.begin(), pair.options.end());
  if (tcp == nullptr || !tcp->size) {
    client.argv.insert(client.argv.end(), {"-t", std::to_string(seconds_above(activity))});
    if (!is_whole_seconds(activity)) client.limit = activity;
  }
  steps_.push_back(std::move(client));
}

}  // namespace violin
