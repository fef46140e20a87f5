#include "emulator/deployment/local_deployment.hh"

#include <poll.h>
#include <string.h>

#include <algorithm>
#include <filesystem>

#include "core/topology.hh"
#include "emulator/agent/agent_server.hh"
#include "emulator/deployment/run_secrets.hh"
#include "emulator/os/own_program.hh"
#include "emulator/scenario/node_backend.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSocketFolder = "/run/violin";
// A process starts in milliseconds; this is for a machine that has much else to do.
constexpr std::chrono::seconds kAgentPatience{20};

// For how long, and how often, the end of a process that does not answer is looked for.
constexpr int kEndLooks = 40;
constexpr int kEndLookMs = 50;

bool has_machines(const Scenario& scenario) {
  return std::any_of(scenario.nodes.begin(), scenario.nodes.end(), [](const NodeSpec& node) {
    return backend_under(ClockKind::kReal, node) == Backend::kUml;
  });
}

std::string socket_name(const std::string& slice) {
  return (slice.empty() ? "@" : slice) + std::string(".sock");
}

// As an end of a sentence about a process: "was ended by SIGKILL".
std::string how_it_ended(int status) {
  constexpr int kSignalled = 128;
  const char* signal = status > kSignalled ? ::sigabbrev_np(status - kSignalled) : nullptr;
  if (signal != nullptr) return std::string("was ended by SIG") + signal;
  return "ended with status " + std::to_string(status);
}

}  // namespace

LocalDeployment::LocalDeployment(const Scenario& scenario)
    : Deployment(scenario), sandbox_([] {
        fs::create_directory(kSocketFolder);
        return run_agent(fs::path(kSocketFolder) / socket_name(""));
      }) {
  connect("this machine", "");
}

LocalDeployment::~LocalDeployment() {
  ending_ = true;
  // With the sandbox every agent ends, and with it every call that a watch waits for.
  { const Sandbox last = std::move(sandbox_); }
  for (std::thread& watch : watches_) watch.join();
}

// Throws std::runtime_error about the process that died, when one did.
void LocalDeployment::connect(const std::string& name, const std::string& slice) try {
  agents_[slice] = std::make_unique<AgentClient>(name, socket_of(slice), kAgentPatience,
                                                 [this] { return has_failed(); });
} catch (const AgentLost&) {
  if (const auto why = failure()) throw std::runtime_error(*why);
  throw;
}

// Seen from outside the sandbox, whose /run is its own.
fs::path LocalDeployment::socket_of(const std::string& slice) const {
  return fs::path("/proc") / std::to_string(sandbox_.pid()) / "root" /
         fs::path(kSocketFolder).relative_path() / socket_name(slice);
}

// What the agents of overlay hosts see of our environment is not enough to find a kernel.
SliceOrder LocalDeployment::local_order(const std::string& slice, const Order& order) const {
  SliceOrder made = order_for(slice, order);
  if (kernel_) made.kernel = kernel_->program.string();
  return made;
}

void LocalDeployment::build(const Order& order) {
  agents_.at("")->check_version();
  if (has_machines(scenario_)) kernel_ = require_kernel();
  agents_.at("")->build(local_order("", order));
  const std::vector<std::string> hosts = overlay_hosts();
  for (const std::string& host : hosts) start_agent(host);
  const RunSecrets secrets(scenario_, hosts);
  for (const std::string& host : hosts) {
    connect(host, host);
    agents_.at(host)->check_version();
    SliceOrder slice = local_order(host, order);
    slice.secrets = secrets.of(host);
    agents_.at(host)->build(slice);
  }
}

// The agent is a program of its overlay host, which is a guest of the underlay's agent.
void LocalDeployment::start_agent(const std::string& overlay_host) {
  ExecutionSpec spec;
  spec.node = std::string(kUnderlayPlane) + "/" + overlay_host;
  spec.command = {own_program(), "agent", "--socket",
                  (fs::path(kSocketFolder) / socket_name(overlay_host)).string(), "--bare"};
  spec.as_root = true;
  watches_.emplace_back([this, spec, overlay_host, &underlay = *agents_.at("")] {
    watch_agent(overlay_host, underlay, spec);
  });
}

void LocalDeployment::watch_agent(const std::string& overlay_host, AgentClient& underlay,
                                  const ExecutionSpec& spec) try {
  const ExecutionResult result = underlay.execute(spec, [this] { return ending_.load(); });
  const std::lock_guard lock(failure_mutex_);
  if (ending_ || ended_) return;
  ended_ = "the agent of " + overlay_host + " " + how_it_ended(result.status) +
           (result.error.empty() ? "" : ": " + result.error);
} catch (const AgentError& error) {
  const std::lock_guard lock(failure_mutex_);
  if (!ending_ && !lost_) lost_ = error.what();
}

// The sandbox first: everything else ends with it.
std::optional<std::string> LocalDeployment::ended() {
  if (!sandbox_end_ && (sandbox_end_ = sandbox_.finished())) {
    const std::lock_guard lock(failure_mutex_);
    ended_ = "the agent of this machine, or the sandbox around it, " + how_it_ended(*sandbox_end_);
  }
  const std::lock_guard lock(failure_mutex_);
  return ended_;
}

std::optional<std::string> LocalDeployment::lost() {
  const std::lock_guard lock(failure_mutex_);
  return lost_;
}

bool LocalDeployment::has_failed() { return ended() || lost(); }

std::optional<std::string> LocalDeployment::failure() {
  for (int look = 0; look < kEndLooks; ++look) {
    if (const auto what = ended()) return what;
    pollfd end{sandbox_.exit_descriptor(), POLLIN, 0};
    ::poll(&end, 1, kEndLookMs);
  }
  return lost();
}

std::optional<std::string> LocalDeployment::slice_with(const NodeSpec& node) const {
  return slice_of(node);
}

}  // namespace violin
