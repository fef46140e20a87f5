#include "emulator/deployment/run_secrets.hh"

#include "emulator/scenario/node_backend.hh"

namespace violin {

RunSecrets::RunSecrets(const Scenario& scenario, const std::vector<std::string>& overlay_hosts)
    : scenario_(scenario) {
  require_sodium();
  const SecretSource source = system_secrets();
  for (const std::string& host : overlay_hosts) hosts_[host] = KeyPair::generate(source);
  for (const PlaneSpec& plane : scenario.planes) {
    if (!plane.is_underlay) violins_[plane.name] = SecretKey::generate(source);
  }
}

SliceSecrets RunSecrets::of(const std::string& overlay_host) const {
  SliceSecrets secrets;
  secrets.own = hosts_.at(overlay_host);
  for (const auto& [host, keys] : hosts_) secrets.hosts[host] = keys.open;
  for (const NodeSpec& node : scenario_.nodes) {
    if (slice_of(node) == overlay_host) secrets.violins[node.plane] = violins_.at(node.plane);
  }
  return secrets;
}

}  // namespace violin
