#pragma once

#include <string>
#include <utility>
#include <vector>

#include "emulator/scenario/scenario.hh"

namespace violin {

// Files that a machine of the network has of its own, by path, with their texts: /etc/hosts names
// everybody of its plane and nobody else, /etc/resolv.conf no name server.
std::vector<std::pair<std::string, std::string>> guest_files(const Scenario& scenario,
                                                             const NodeSpec& machine);

}  // namespace violin
