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
// Between two looks at whether all is ready.
constexpr std::chrono::milliseconds kLook{5};

}  // namespace

SliceEngine::SliceEngine(Scenario scenario, Options options)
    : scenario_(std::move(scenario)),
      options_(std::move(options)),
      plan_(scenario_),
      realtime_(clock_, options_.data_plane),
      mailbox_(realtime_),
      tunnels_(plan_, realtime_, {options_.secrets, options_.underlay}),
      guests_(plan_, realtime_, lateness_, {options_.settings, options_.kernel}),
      network_(plan_, slice()),
      workloads_(network_),
      events_(network_),
      sampler_(network_) {
  network_.add_entity(events_.entity());
  network_.add_entity(sampler_.entity());
  for (Entity* entity : tunnels_.entities()) network_.add_entity(*entity);
  network_.rank_entities();
  guests_.connect();
  if (!options_.underlay.empty()) here_ = GuestSpace::here();
}

SliceEngine::~SliceEngine() {
  stop();
  if (thread_.joinable()) thread_.join();
  // What it holds of frames goes back to the network's memory, which must still be there.
  tunnels_.end();
}

Network::Slice SliceEngine::slice() {
  Network::Slice slice;
  slice.outside = this;
  slice.clock = ClockKind::kReal;
  for (const NodeSpec& node : scenario_.nodes) {
    slice.owned.push_back(slice_of(node) == options_.slice);
  }
  return slice;
}

std::unique_ptr<Node> SliceEngine::make_node(int index, const NodeContext& context) {
  const NodeSpec& node = scenario_.nodes[static_cast<size_t>(index)];
  if (backend_under(ClockKind::kReal, node) == Backend::kModel) return nullptr;
  return guests_.make(index, context);
}

FrameSink& SliceEngine::open_tunnel(const TunnelPlan& plan, bool at_a, const NodeContext& context,
                                    FrameSink& inside) {
  return tunnels_.open(plan, at_a, context, inside);
}

std::optional<NodePlace> SliceEngine::place_of(const std::string& full_name) const {
  if (here_ && full_name == std::string(kUnderlayPlane) + "/" + options_.slice) {
    return NodePlace{.space = &*here_};
  }
  return guests_.find(full_name);
}

void SliceEngine::connect(std::chrono::milliseconds patience) {
  // Far ahead: until start() says otherwise, scenario time is long before its beginning.
  clock_.set_zero(ScenarioClock::monotonic_ns() + kBeforeStart.ns());
  workloads_.start();
  events_.start();
  sampler_.start();
  tunnels_.start();
  thread_ = std::thread([this] { run(); });
  const auto until = std::chrono::steady_clock::now() + patience;
  std::string missing;
  while (!is_ready(missing)) {
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error(missing);
    std::this_thread::sleep_for(kLook);
  }
}

// Throws std::runtime_error for what never will be.
bool SliceEngine::is_ready(std::string& missing) {
  std::string trouble;
  mailbox_.call([&] {
    trouble = guests_.trouble();
    missing = tunnels_.are_joined() ? guests_.what_boots() : tunnels_.what_is_missing();
  });
  if (!trouble.empty()) throw std::runtime_error(trouble);
  return missing.empty();
}

void SliceEngine::start(const Zero& zero) {
  mailbox_.call([&] {
    captures_ = std::make_unique<CaptureSet>(network_, options_.folder / "pcap", zero.epoch_ns);
    clock_.set_zero(zero.monotonic_ns);
    steal_.emplace();
    lateness_ = {};
    guests_.begin_counting();
    refused_before_ = node_drops().of(DropReason::kPortRefused);
  });
  started_ = true;
}

void SliceEngine::run() try {
  // The kernel may otherwise add 50 µs to every timeout of this thread.
  ::prctl(PR_SET_TIMERSLACK, 1);
  const Time end = Time::zero() + scenario_.duration + kAfterEnd;
  while (!realtime_.stopped()) network_.scheduler().run_until(end, realtime_, kEventsPerLook);
  mailbox_.close("its loop has ended");
} catch (const std::exception& error) {
  failure_ = error.what();
  mailbox_.close(failure_);
}

void SliceEngine::stop() {
  mailbox_.post([this] { realtime_.stop(); });
}

RunResult SliceEngine::finish() {
  stop();
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
  result.frame_hops = network_.frame_hops();
  result.events = network_.scheduler().events_run();
  result.workloads = workloads_.results(reached);
  result.series = workloads_.series();
  for (Series& series : sampler_.series()) result.series.push_back(std::move(series));
  result.event_log = events_.log();
  add_events(guests_.events(), result);
  tunnels_.add_results(std::string(kUnderlayPlane) + "/" + options_.slice, result);
  result.fidelity = judge_fidelity({fidelity()});
  return result;
}

DropCounters SliceEngine::node_drops() const {
  DropCounters drops;
  for (size_t i = 0; i < scenario_.nodes.size(); ++i) {
    if (const Node* node = network_.node(static_cast<int>(i))) drops.add(node->drops());
  }
  return drops;
}

AgentFidelity SliceEngine::fidelity() const {
  AgentFidelity fidelity;
  fidelity.host = options_.slice.empty() ? std::string(kUnderlayPlane) : options_.slice;
  fidelity.lateness = histogram_of(lateness_);
  fidelity.steal_seconds = steal_->steal_seconds();
  fidelity.processor_seconds = steal_->processor_seconds();
  DropCounters drops = node_drops();
  const uint64_t refused = drops.of(DropReason::kPortRefused) - refused_before_;
  drops.add(tunnels_.drops());
  fidelity.overruns = tunnels_.overruns() + guests_.overruns() + refused;
  fidelity.buffer_drops = drops.of(DropReason::kNoBuffer);
  fidelity.aggregation = guests_.longest_gathering();
  return fidelity;
}

void SliceEngine::hold() {
  captures_.reset();
  sampler_.stop();
  realtime_.resume();
  mailbox_.open();
  thread_ = std::thread([this] { run(); });
}

}  // namespace violin
