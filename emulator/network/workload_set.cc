#include "emulator/network/workload_set.hh"

#include <algorithm>
#include <set>
#include <string>
#include <variant>

#include "emulator/network/workload_check.hh"
#include "emulator/network/workload_outcome.hh"
#include "emulator/network/workload_path.hh"
#include "emulator/network/workload_window.hh"
#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/node_backend.hh"

namespace violin {
namespace {

TcpOptions tcp_options(const TcpWorkload& tcp) {
  TcpOptions options;
  options.congestion = tcp.congestion == "newreno" ? TcpCongestionAlgorithm::kNewReno
                                                   : TcpCongestionAlgorithm::kCubic;
  options.ecn = tcp.ecn;
  options.sack = tcp.sack;
  options.timestamps = tcp.timestamps;
  options.send_buffer = tcp.send_buffer;
  options.receive_buffer = tcp.receive_buffer;
  return options;
}

}  // namespace

WorkloadSet::WorkloadSet(Network& network)
    : network_(network), ports_(network.plan(), network.clock()) {
  for (const WorkloadSpec& spec : network.scenario().workloads) {
    if (done_by_programs(network.scenario(), spec, network.clock())) continue;
    add(spec);
  }
}

IpAddress WorkloadSet::target_of(const WorkloadSpec& spec) const {
  const std::optional<IpAddress> target = network_.plan().target_of(spec);
  if (target) return *target;
  const Scenario& scenario = network_.scenario();
  throw InputError(spec.at, "there is no route for the workload " + spec.name + " from " +
                                scenario.nodes[static_cast<size_t>(spec.from)].full_name() +
                                " to " + scenario.nodes[static_cast<size_t>(spec.to)].full_name());
}

void WorkloadSet::add(const WorkloadSpec& spec) {
  Halves halves;
  halves.spec = &spec;
  // An exec goes nowhere, and is refused.
  const IpAddress target = spec.to < 0 ? IpAddress() : target_of(spec);
  check_workload(spec, network_.scenario(), target);
  IpNode* from = network_.ip_node(spec.from);
  if (const auto* ping = std::get_if<PingWorkload>(&spec.kind)) {
    if (from != nullptr) {
      halves.ping =
          std::make_unique<Ping>(*from, PingSpec{.name = spec.name,
                                                 .target = target,
                                                 .count = static_cast<uint32_t>(ping->count),
                                                 .interval = ping->interval,
                                                 .size = static_cast<uint32_t>(ping->size.count()),
                                                 .timeout = ping->timeout});
    }
  } else if (const auto* trace = std::get_if<TracerouteWorkload>(&spec.kind)) {
    if (from != nullptr) {
      halves.traceroute = std::make_unique<Traceroute>(
          *from, TracerouteSpec{.name = spec.name, .target = target, .hops_max = trace->max_hops});
    }
  } else if (const auto* udp = std::get_if<UdpWorkload>(&spec.kind)) {
    add_udp(halves, *udp, target);
  } else {
    add_tcp(halves, std::get<TcpWorkload>(spec.kind), target);
  }
  workloads_.push_back(std::move(halves));
}

void WorkloadSet::add_udp(Halves& halves, const UdpWorkload& udp, IpAddress target) {
  const WorkloadSpec& spec = *halves.spec;
  const uint16_t port = ports_.port_of(spec.name);
  if (Host* to = network_.host(spec.to)) {
    halves.udp_sink = std::make_unique<UdpSink>(
        *to, UdpSinkSpec{.name = spec.name, .port = port, .window = window_of(spec)});
  }
  if (Host* from = network_.host(spec.from)) {
    halves.udp_source = std::make_unique<UdpSource>(
        *from, UdpSourceSpec{.name = spec.name,
                             .target = target,
                             .port = spec.called_port.value_or(port),
                             .rate = udp.rate,
                             .size = static_cast<uint32_t>(udp.size.count()),
                             .poisson = udp.poisson});
  }
}

void WorkloadSet::add_tcp(Halves& halves, const TcpWorkload& tcp, IpAddress target) {
  const WorkloadSpec& spec = *halves.spec;
  const uint16_t port = ports_.port_of(spec.name);
  if (Host* to = network_.host(spec.to)) {
    TcpSinkSpec sink{spec.name, port, tcp_options(tcp), window_of(spec), std::nullopt};
    if (tcp.receiver_pause) {
      sink.pause = {Time::zero() + tcp.receiver_pause->at, tcp.receiver_pause->length};
    }
    halves.tcp_sink =
        std::make_unique<TcpSink>(network_.scheduler(), to->entity(), to->tcp(), sink);
  }
  Host* from = network_.host(spec.from);
  if (from == nullptr) return;
  TcpSourceSpec source;
  source.name = spec.name;
  source.local = from->source_for(target);
  source.remote = {target, spec.called_port.value_or(port)};
  source.options = tcp_options(tcp);
  source.at = Time::zero() + spec.start;
  source.duration = workload_end(spec, network_.scenario().duration) - source.at;
  source.samples = true;
  source.load = tcp.poisson_per_second ? TcpLoad::kPoisson
                : tcp.size             ? TcpLoad::kSize
                                       : TcpLoad::kDuration;
  if (tcp.size) source.size = *tcp.size;
  if (tcp.poisson_per_second) {
    source.mean_distance =
        Duration::nanoseconds(static_cast<int64_t>(1e9 / *tcp.poisson_per_second));
  }
  halves.tcp_source =
      std::make_unique<TcpSource>(network_.scheduler(), from->entity(), from->tcp(), source,
                                  substream(network_.scenario().seed, spec.name, "arrivals"));
}

void WorkloadSet::start() {
  for (Halves& halves : workloads_) {
    const Time at = Time::zero() + halves.spec->start;
    if (halves.ping) halves.ping->start(at);
    if (halves.traceroute) halves.traceroute->start(at);
    if (halves.udp_source) {
      halves.udp_source->start(at, workload_end(*halves.spec, network_.scenario().duration));
    }
    if (halves.tcp_sink) halves.tcp_sink->start();
    if (halves.tcp_source) halves.tcp_source->start();
  }
}

MeasureWindow WorkloadSet::window_of(const WorkloadSpec& spec) const {
  return workload_window(spec, network_.window(), network_.scenario().duration);
}

// ---- results ----------------------------------------------------------------------------------

std::vector<WorkloadResult> WorkloadSet::results(Time end) const {
  std::vector<WorkloadResult> results;
  const std::vector<NodeSpec>& nodes = network_.scenario().nodes;
  for (const Halves& halves : workloads_) {
    const WorkloadSpec& spec = *halves.spec;
    WorkloadResult result;
    result.name = spec.name;
    result.from = nodes[static_cast<size_t>(spec.from)].full_name();
    result.to = nodes[static_cast<size_t>(spec.to)].full_name();
    result.start = Time::zero() + spec.start;
    result.path = path_steps(network_.plan(), {spec.from, spec.to});
    set_outcome(halves, end, result);
    results.push_back(std::move(result));
  }
  return results;
}

void WorkloadSet::set_outcome(const Halves& halves, Time end, WorkloadResult& result) const {
  const WorkloadSpec& spec = *halves.spec;
  MeasureWindow window = window_of(spec);
  window.to = std::max(window.from, std::min(window.to, end));
  if (halves.ping) {
    // Ethernet, IP and ICMP headers around the data; what ping -s calls size.
    const Bytes frame(halves.ping->spec().size + 14 + 20 + 8);
    result.outcome =
        ping_outcome(*halves.ping, network_.plan().unloaded_round_trip({spec.from, spec.to}, frame),
                     end, network_.window());
  }
  if (halves.traceroute) {
    result.outcome = traceroute_outcome(*halves.traceroute, [&](const IpAddress& address) {
      const int owner = network_.plan().owner_of(address, spec.from);
      const std::vector<NodeSpec>& nodes = network_.scenario().nodes;
      return owner < 0 ? std::string() : nodes[static_cast<size_t>(owner)].full_name();
    });
  }
  if (halves.udp_source || halves.udp_sink) {
    result.outcome = udp_outcome(halves.udp_source.get(), halves.udp_sink.get(), window);
  }
  if (halves.tcp_source || halves.tcp_sink) {
    const bool of_one_size = std::get<TcpWorkload>(spec.kind).size.has_value();
    result.outcome =
        tcp_outcome(halves.tcp_source.get(), halves.tcp_sink.get(), window, of_one_size);
  }
}

std::vector<Series> WorkloadSet::series() const {
  std::vector<Series> series;
  for (const Halves& halves : workloads_) {
    const std::string& name = halves.spec->name;
    if (halves.udp_sink) series.push_back(goodput_series(name, halves.udp_sink->series()));
    if (halves.tcp_sink) series.push_back(goodput_series(name, halves.tcp_sink->series()));
    if (halves.tcp_source) {
      for (Series& sampled : sampled_series(name, *halves.tcp_source)) {
        series.push_back(std::move(sampled));
      }
    }
  }
  return series;
}

}  // namespace violin
