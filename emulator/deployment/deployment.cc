#include "emulator/deployment/deployment.hh"

#include <future>
#include <set>
#include <sstream>

#include "emulator/realtime/scenario_clock.hh"
#include "emulator/scenario/node_backend.hh"
#include "emulator/scenario/scenario_writer.hh"

namespace violin {
namespace {

// For all tunnels to be joined.
constexpr std::chrono::seconds kJoinPatience{30};
// From the last agent's readiness to scenario time 0: enough to tell all agents, one after the
// other. The error of a clock is half a round trip to it.
constexpr int64_t kLeadNs = 200'000'000;
constexpr int64_t kErrorsPerCall = 4;

}  // namespace

AgentClient& Deployment::agent_of(const NodeSpec& node) {
  return *agents_.at(slice_with(node).value());
}

int64_t Deployment::calendar_zero_of(const NodeSpec& node) const {
  return calendar_zeros_.at(slice_with(node).value());
}

SliceOrder Deployment::order_for(const std::string& slice, const Order& order) const {
  std::ostringstream resolved;
  write_scenario(scenario_, resolved);
  return {order.run, resolved.str(), slice, order.settings, {}, {}};
}

std::vector<std::string> Deployment::overlay_hosts() const {
  std::set<std::string> hosts;
  for (const NodeSpec& node : scenario_.nodes) {
    if (!slice_of(node).empty()) hosts.insert(slice_of(node));
  }
  return {hosts.begin(), hosts.end()};
}

// The underlay's agent first, which carries the others. These wait for each other, so all of them
// must be told before any answers.
void Deployment::connect_all() {
  const auto underlay = agents_.find("");
  if (underlay != agents_.end()) underlay->second->connect(kJoinPatience);
  std::vector<std::future<void>> connecting;
  for (const auto& [slice, agent] : agents_) {
    if (slice.empty()) continue;
    connecting.push_back(
        std::async(std::launch::async, [agent = agent.get()] { agent->connect(kJoinPatience); }));
  }
  for (std::future<void>& answer : connecting) answer.get();
}

AgentZero Deployment::start(Duration bootstrap) {
  connect_all();
  int64_t lead_ns = kLeadNs + bootstrap.ns();
  for (const auto& [slice, agent] : agents_) {
    clocks_[slice] = measure_clock(*agent);
    lead_ns += kErrorsPerCall * clocks_[slice].error.ns();
  }
  AgentZero zero;
  zero.monotonic_ns = ScenarioClock::monotonic_ns() + lead_ns;
  zero.epoch_ns = ScenarioClock::calendar_ns(zero.monotonic_ns);
  for (const auto& [slice, agent] : agents_) {
    const int64_t theirs = zero.monotonic_ns + clocks_[slice].ahead.ns();
    calendar_zeros_[slice] = agent->start({theirs, zero.epoch_ns});
  }
  return zero;
}

Duration Deployment::clock_error(const std::string& slice) const {
  const ClockOffset& assumed = clocks_.at(slice);
  if (assumed.error == Duration()) return {};
  return largest_error(assumed, measure_clock(*agents_.at(slice)));
}

}  // namespace violin
