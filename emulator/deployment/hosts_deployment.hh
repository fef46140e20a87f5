#pragma once

#include <string>

#include "emulator/deployment/agent_reservation.hh"
#include "emulator/deployment/deployment.hh"
#include "emulator/deployment/hosts_file.hh"

namespace violin {

// The overlay hosts of a scenario on hosts of a real underlay, by agents that run there already.
// They are reserved for the run from build() on; destroyed, or its process killed, nothing of the
// run is left on them. The links of the scenario's underlay are not emulated, they only say how the
// violins' routes weigh the tunnels.
class HostsDeployment final : public Deployment {
 public:
  // Throws InputError when the hosts and the scenario do not go together.
  HostsDeployment(const Scenario& scenario, HostsFile hosts);
  ~HostsDeployment() override;

  // Throws AgentError that names an agent which does not answer, is of another version, or has
  // another run.
  void build(const Order& order) override;
  std::optional<std::string> slice_with(const NodeSpec& node) const override;
  std::optional<IpAddress> real_address_of(const NodeSpec& node) const override;
  std::filesystem::path socket_of(const std::string& slice) const override;
  bool has_real_underlay() const override { return true; }
  std::vector<std::string> notes() const override;
  bool has_failed() override;
  std::optional<std::string> failure() override;

 private:
  void reserve(const std::string& host, const std::string& run);

  HostsFile hosts_;
  std::map<std::string, std::string> machines_;                            // by host, in words
  std::map<std::string, std::unique_ptr<AgentReservation>> reservations_;  // by host
};

}  // namespace violin
