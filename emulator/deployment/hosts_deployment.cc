#include "emulator/deployment/hosts_deployment.hh"

#include <unistd.h>

#include <array>
#include <thread>
#include <utility>

#include "core/topology.hh"
#include "emulator/deployment/run_secrets.hh"
#include "emulator/scenario/node_backend.hh"

namespace violin {
namespace {

// An agent that has just ended a run takes a moment to be ready for the next one.
constexpr std::chrono::seconds kAgentPatience{5};
constexpr std::chrono::milliseconds kRetry{50};

std::string own_host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace

HostsDeployment::HostsDeployment(const Scenario& scenario, HostsFile hosts)
    : Deployment(scenario), hosts_(std::move(hosts)) {
  check_hosts(hosts_, scenario_);
}

// Before the clients that they are made with.
HostsDeployment::~HostsDeployment() { reservations_.clear(); }

// Only what is lost is tried again: who refuses will go on doing so.
void HostsDeployment::reserve(const std::string& host, const std::string& run) {
  const std::filesystem::path& socket = hosts_.hosts.at(host).agent;
  const auto until = std::chrono::steady_clock::now() + kAgentPatience;
  for (;;) {
    try {
      agents_[host] = std::make_unique<AgentClient>(
          host, socket, kAgentPatience, [&socket] { return !std::filesystem::exists(socket); });
      agents_[host]->check_version();
      machines_[host] = agents_[host]->describe().machine;
      reservations_[host] = std::make_unique<AgentReservation>(*agents_[host], run);
      return;
    } catch (const AgentLost& error) {
      if (!std::filesystem::exists(socket)) {
        throw AgentError(std::string(error.what()) +
                         ": there is no socket (is violin agent started, or its socket forwarded, "
                         "as the hosts file says?)");
      }
      if (std::chrono::steady_clock::now() > until) throw;
    }
    std::this_thread::sleep_for(kRetry);
  }
}

void HostsDeployment::build(const Order& order) {
  const std::string holder = order.run + " of " + own_host_name();
  for (const auto& [host, entry] : hosts_.hosts) reserve(host, holder);
  std::vector<std::string> names;
  std::map<std::string, IpAddress> underlay;
  for (const auto& [host, entry] : hosts_.hosts) {
    names.push_back(host);
    underlay[host] = entry.address;
  }
  const RunSecrets secrets(scenario_, names);
  for (const std::string& host : names) {
    SliceOrder slice = order_for(host, order);
    slice.run = holder;
    slice.secrets = secrets.of(host);
    slice.underlay = underlay;
    agents_.at(host)->build(slice);
  }
}

std::optional<std::string> HostsDeployment::slice_with(const NodeSpec& node) const {
  const std::string& host = node.plane == kUnderlayPlane ? node.name : slice_of(node);
  return hosts_.hosts.contains(host) ? std::optional(host) : std::nullopt;
}

std::optional<IpAddress> HostsDeployment::real_address_of(const NodeSpec& node) const {
  if (node.plane != kUnderlayPlane || !hosts_.hosts.contains(node.name)) return std::nullopt;
  return hosts_.hosts.at(node.name).address;
}

std::filesystem::path HostsDeployment::socket_of(const std::string& slice) const {
  return std::filesystem::absolute(hosts_.hosts.at(slice).agent);
}

std::vector<std::string> HostsDeployment::notes() const {
  std::vector<std::string> notes = {
      "the underlay is real: its links in the scenario were not emulated, and its hosts kept their "
      "own kernel settings"};
  for (const auto& [host, machine] : machines_) {
    notes.push_back(host + " was " + to_string(hosts_.hosts.at(host).address) + ": " + machine);
  }
  return notes;
}

bool HostsDeployment::has_failed() { return failure().has_value(); }

std::optional<std::string> HostsDeployment::failure() {
  for (const auto& [host, reservation] : reservations_) {
    if (!reservation->is_lost()) continue;
    return "the agent of " + host + " has ended its part of the run, or cannot be reached any more";
  }
  return std::nullopt;
}

}  // namespace violin
