#include "emulator/network/guest_files.hh"

namespace violin {
namespace {

std::string hosts_text(const Scenario& scenario, const NodeSpec& machine) {
  std::string text = "127.0.0.1 localhost\n::1 localhost\n";
  for (const NodeSpec& node : scenario.nodes) {
    if (node.plane != machine.plane) continue;
    for (const InterfaceSpec& interface : node.interfaces) {
      for (const InterfaceAddress& address : interface.addresses) {
        text += to_string(address.address) + " " + node.name + "\n";
      }
    }
  }
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> guest_files(const Scenario& scenario,
                                                             const NodeSpec& machine) {
  return {{"/etc/hosts", hosts_text(scenario, machine)},
          {"/etc/resolv.conf", "# No name server in this network.\n"}};
}

}  // namespace violin
