#include "emulator/deployment/local_deployment.hh"

#include <filesystem>
#include <future>
#include <set>
#include <sstream>

#include "emulator/agent/agent_server.hh"
#include "emulator/deployment/run_secrets.hh"
#include "emulator/realtime/scenario_clock.hh"
#include "emulator/scenario/node_backend.hh"
#include "emulator/scenario/scenario_writer.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSocketFolder = "/run/violin";
// A process starts in milliseconds; this is for a machine that has much else to do.
constexpr std::chrono::seconds kAgentPatience{20};
// For all tunnels to be joined.
constexpr std::chrono::seconds kJoinPatience{30};
// From the last agent's readiness to scenario time 0: enough to tell all agents.
constexpr int64_t kLeadNs = 200'000'000;

std::string socket_name(const std::string& slice) {
  return (slice.empty() ? "@" : slice) + std::string(".sock");
}

std::vector<std::string> overlay_hosts(const Scenario& scenario) {
  std::set<std::string> hosts;
  for (const NodeSpec& node : scenario.nodes) {
    if (!slice_of(node).empty()) hosts.insert(slice_of(node));
  }
  return {hosts.begin(), hosts.end()};
}

std::string resolved_text(const Scenario& scenario) {
  std::ostringstream out;
  write_scenario(scenario, out);
  return out.str();
}

}  // namespace

LocalDeployment::LocalDeployment(const Scenario& scenario)
    : scenario_(scenario), sandbox_([] {
        fs::create_directory(kSocketFolder);
        return run_agent(fs::path(kSocketFolder) / socket_name(""));
      }) {
  agents_[""] = std::make_unique<AgentClient>("this machine", socket_of(""), kAgentPatience);
}

LocalDeployment::~LocalDeployment() {
  ending_ = true;
  // With the sandbox every agent ends, and with it every call that a watch waits for.
  { const Sandbox last = std::move(sandbox_); }
  for (std::thread& watch : watches_) watch.join();
}

// Seen from outside the sandbox, whose /run is its own.
fs::path LocalDeployment::socket_of(const std::string& slice) const {
  return fs::path("/proc") / std::to_string(sandbox_.pid()) / "root" /
         fs::path(kSocketFolder).relative_path() / socket_name(slice);
}

void LocalDeployment::build(const std::vector<NodeSetting>& settings) {
  SliceOrder order{resolved_text(scenario_), "", settings};
  agents_.at("")->build(order);
  const std::vector<std::string> hosts = overlay_hosts(scenario_);
  for (const std::string& host : hosts) start_agent(host);
  const RunSecrets secrets(scenario_, hosts);
  for (const std::string& host : hosts) {
    agents_[host] = std::make_unique<AgentClient>(host, socket_of(host), kAgentPatience);
    order.slice = host;
    order.secrets = secrets.of(host);
    agents_[host]->build(order);
  }
}

// The agent is a program of its overlay host, which is a guest of the underlay's agent.
void LocalDeployment::start_agent(const std::string& overlay_host) {
  ExecutionSpec spec;
  spec.node = std::string(kUnderlayPlane) + "/" + overlay_host;
  spec.command = {fs::read_symlink("/proc/self/exe").string(), "agent", "--socket",
                  (fs::path(kSocketFolder) / socket_name(overlay_host)).string()};
  spec.as_root = true;
  watches_.emplace_back([this, spec, overlay_host, &underlay = *agents_.at("")] {
    try {
      const ExecutionResult ended = underlay.execute(spec, [this] { return ending_.load(); });
      fail("the agent of " + overlay_host + " ended with status " + std::to_string(ended.status) +
           (ended.error.empty() ? "" : ": " + ended.error));
    } catch (const AgentError& error) {
      fail(error.what());
    }
  });
}

void LocalDeployment::fail(const std::string& why) {
  if (ending_) return;
  const std::lock_guard lock(failure_mutex_);
  if (!failure_) failure_ = why;
}

std::optional<std::string> LocalDeployment::failure() {
  if (const std::optional<int> status = sandbox_.finished()) {
    fail("the run's sandbox ended with status " + std::to_string(*status));
  }
  const std::lock_guard lock(failure_mutex_);
  return failure_;
}

int64_t LocalDeployment::start() {
  agents_.at("")->connect(kJoinPatience);
  // Each waits for the others, so all of them must be told before any answers.
  std::vector<std::future<void>> connecting;
  for (const auto& [name, agent] : agents_) {
    if (name.empty()) continue;
    connecting.push_back(
        std::async(std::launch::async, [agent = agent.get()] { agent->connect(kJoinPatience); }));
  }
  for (std::future<void>& answer : connecting) answer.get();
  const int64_t zero = ScenarioClock::monotonic_ns() + kLeadNs;
  for (const auto& [name, agent] : agents_) agent->start(zero);
  return zero;
}

AgentClient& LocalDeployment::agent_of(const NodeSpec& node) { return *agents_.at(slice_of(node)); }

}  // namespace violin
