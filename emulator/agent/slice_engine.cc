#include "emulator/agent/slice_engine.hh"

#include <sys/prctl.h>

#include <chrono>
#include <utility>

#include "emulator/network/link_results.hh"
#include "emulator/scenario/node_backend.hh"

namespace violin {
namespace {

// Between two looks at whether to stop.
constexpr uint64_t kEventsPerLook = 1024;
// A year beyond any scenario: the coordinator decides when it is over.
constexpr Duration kAfterEnd = Duration::seconds(365 * 86'400);

// From connecting to the beginning of scenario time, unless that begins before.
constexpr Duration kBeforeStart = Duration::seconds(24 * 3600);
// Between two looks at whether the tunnels are joined.
constexpr std::chrono::milliseconds kJoinLook{5};

// Wall time as nanoseconds since 1970 when CLOCK_MONOTONIC shows `monotonic_ns`.
int64_t wall_time_of(int64_t monotonic_ns) {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count() +
         (monotonic_ns - ScenarioClock::monotonic_ns());
}

// Whether nothing on the way could tell the datagrams of one super-frame apart.
bool carries_whole(const NetworkPlan& plan, const TunnelPlan& tunnel, bool at_a) {
  const NodePair hosts =
      at_a ? NodePair{tunnel.host_a, tunnel.host_b} : NodePair{tunnel.host_b, tunnel.host_a};
  for (const LinkStep step : plan.path(hosts)) {
    const LinkSpec& link = plan.scenario().links[static_cast<size_t>(step.link)];
    if (!is_plain(step.a_to_b ? link.a_to_b : link.b_to_a)) return false;
  }
  return true;
}

}  // namespace

SliceEngine::SliceEngine(Scenario scenario, Options options)
    : scenario_(std::move(scenario)),
      options_(std::move(options)),
      plan_(scenario_),
      realtime_(clock_),
      mailbox_(realtime_),
      guests_(plan_, realtime_, lateness_),
      network_(plan_, slice()),
      workloads_(network_),
      events_(network_),
      sampler_(network_) {
  network_.add_entity(events_.entity());
  network_.add_entity(sampler_.entity());
  network_.rank_entities();
  guests_.connect();
}

SliceEngine::~SliceEngine() {
  mailbox_.post([this] { realtime_.stop(); });
  if (thread_.joinable()) thread_.join();
  for (ControlPort* control : {control_v4_.get(), control_v6_.get()}) {
    if (control != nullptr) control->leave();
  }
  // What they hold of frames goes back to the network's memory, which must still be there.
  control_v4_.reset();
  control_v6_.reset();
  tunnels_.clear();
  carrier_v4_.reset();
  carrier_v6_.reset();
}

Network::Slice SliceEngine::slice() {
  Network::Slice slice;
  slice.outside = this;
  for (const NodeSpec& node : scenario_.nodes) {
    slice.owned.push_back(slice_of(node) == options_.slice);
  }
  return slice;
}

std::unique_ptr<Node> SliceEngine::make_node(int index, const NodeContext& context) {
  pools_ = &context.pools;
  const NodeSpec& node = scenario_.nodes[static_cast<size_t>(index)];
  if (backend_under(ClockKind::kReal, node) == Backend::kModel) return nullptr;
  return guests_.make(index, context);
}

TunnelCarrier& SliceEngine::carrier(bool v6) {
  std::unique_ptr<TunnelCarrier>& carrier = v6 ? carrier_v6_ : carrier_v4_;
  if (!carrier) carrier = std::make_unique<TunnelCarrier>(realtime_, TunnelCarrier::Options{v6});
  return *carrier;
}

ControlPort& SliceEngine::control(bool v6) {
  std::unique_ptr<ControlPort>& control = v6 ? control_v6_ : control_v4_;
  if (control) return *control;
  ControlPort::Options options;
  options.v6 = v6;
  options.own = options_.secrets.own;
  control = std::make_unique<ControlPort>(realtime_, options);
  for (const auto& [violin, key] : options_.secrets.violins) control->add_violin(violin, key);
  return *control;
}

FrameSink& SliceEngine::open_tunnel(const TunnelPlan& plan, bool at_a, FrameSink& inside) {
  const TunnelSpec& spec = at_a ? plan.end_a : plan.end_b;
  const LinkSpec& link = scenario_.links[static_cast<size_t>(plan.link)];
  UdpTunnel::Options options;
  options.spec = spec;
  options.encryption = scenario_.plane(link.plane).encryption;
  options.whole = carries_whole(plan_, plan, at_a);
  tunnels_.push_back(std::make_unique<UdpTunnel>(wire_name(scenario_, link, at_a) + ".tunnel",
                                                 options, carrier(spec.remote.is_v6()), *pools_,
                                                 inside));
  join_or_admit(plan, at_a, *tunnels_.back());
  return *tunnels_.back();
}

// The end that stands first in the link asks, the other answers.
void SliceEngine::join_or_admit(const TunnelPlan& plan, bool at_a, UdpTunnel& tunnel) {
  const LinkSpec& spec = scenario_.links[static_cast<size_t>(plan.link)];
  const int peer = at_a ? plan.host_b : plan.host_a;
  ControlPort::Link link;
  link.violin = spec.plane;
  link.name = spec.name;
  link.encryption = scenario_.plane(spec.plane).encryption;
  link.peer = options_.secrets.hosts.at(scenario_.nodes[static_cast<size_t>(peer)].name);
  link.peer_address = tunnel.spec().remote;
  ControlPort& port = control(link.peer_address.is_v6());
  if (at_a) {
    port.join(link, tunnel);
  } else {
    port.admit(link, tunnel);
  }
}

std::string SliceEngine::what_is_missing() {
  for (const ControlPort* control : {control_v4_.get(), control_v6_.get()}) {
    if (control != nullptr && !control->is_ready()) return control->what_is_missing();
  }
  return "";
}

void SliceEngine::connect(std::chrono::milliseconds patience) {
  // Far ahead: until start() says otherwise, scenario time is long before its beginning.
  clock_.set_zero(ScenarioClock::monotonic_ns() + kBeforeStart.ns());
  workloads_.start();
  events_.start();
  sampler_.start();
  for (ControlPort* control : {control_v4_.get(), control_v6_.get()}) {
    if (control != nullptr) control->start();
  }
  thread_ = std::thread([this] { run(); });
  const auto until = std::chrono::steady_clock::now() + patience;
  std::string missing;
  do {
    mailbox_.call([&] { missing = what_is_missing(); });
    if (missing.empty()) return;
    std::this_thread::sleep_for(kJoinLook);
  } while (std::chrono::steady_clock::now() < until);
  throw std::runtime_error(missing);
}

void SliceEngine::start(int64_t zero_ns) {
  mailbox_.call([&] {
    captures_ =
        std::make_unique<CaptureSet>(network_, options_.folder / "pcap", wall_time_of(zero_ns));
    clock_.set_zero(zero_ns);
    steal_.emplace();
    lateness_ = {};
  });
  started_ = true;
}

void SliceEngine::run() try {
  // The kernel may otherwise add 50 µs to every timeout of this thread.
  ::prctl(PR_SET_TIMERSLACK, 1);
  const Time end = Time::zero() + scenario_.duration + kAfterEnd;
  while (!realtime_.stopped()) network_.scheduler().run_until(end, realtime_, kEventsPerLook);
} catch (const std::exception& error) {
  failure_ = error.what();
}

RunResult SliceEngine::finish() {
  mailbox_.post([this] { realtime_.stop(); });
  if (thread_.joinable()) thread_.join();
  if (!failure_.empty()) throw std::runtime_error(failure_);
  captures_->close();
  const Time reached = network_.scheduler().now();
  RunResult result;
  result.identity.scenario = scenario_.name;
  result.identity.seed = scenario_.seed;
  result.identity.clock = "real";
  result.duration = scenario_.duration;
  result.window = network_.window();
  result.virtual_time = reached - Time::zero();
  for (const std::string& file : captures_->files()) result.captures.push_back("pcap/" + file);
  add_link_results(network_, reached, result);
  add_tunnel_results(result);
  result.frame_hops = network_.frame_hops();
  result.events = network_.scheduler().events_run();
  result.workloads = workloads_.results(reached);
  result.series = workloads_.series();
  for (Series& series : sampler_.series()) result.series.push_back(std::move(series));
  result.event_log = events_.log();
  result.fidelity = judge_fidelity({fidelity()});
  return result;
}

AgentFidelity SliceEngine::fidelity() const {
  AgentFidelity fidelity;
  fidelity.host = options_.slice.empty() ? std::string(kUnderlayPlane) : options_.slice;
  fidelity.lateness = histogram_of(lateness_);
  fidelity.steal_seconds = steal_->steal_seconds();
  fidelity.processor_seconds = steal_->processor_seconds();
  DropCounters drops;
  for (size_t i = 0; i < scenario_.nodes.size(); ++i) {
    if (const Node* node = network_.node(static_cast<int>(i))) drops.add(node->drops());
  }
  for (const TunnelCarrier* carrier : {carrier_v4_.get(), carrier_v6_.get()}) {
    if (carrier == nullptr) continue;
    drops.add(carrier->drops());
    fidelity.overruns += carrier->overruns();
  }
  fidelity.overruns += drops.of(DropReason::kPortRefused);
  fidelity.buffer_drops = drops.of(DropReason::kNoBuffer);
  return fidelity;
}

void SliceEngine::hold() {
  captures_.reset();
  sampler_.stop();
  realtime_.resume();
  thread_ = std::thread([this] { run(); });
}

void SliceEngine::add_tunnel_results(RunResult& result) const {
  for (const std::unique_ptr<UdpTunnel>& tunnel : tunnels_) {
    const DropCounters& drops = tunnel->counters().drops;
    if (drops.total() > 0) result.nodes.push_back({tunnel->name(), to_counts(drops)});
  }
}

}  // namespace violin
