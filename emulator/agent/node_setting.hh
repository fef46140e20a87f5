#pragma once

#include <string>

namespace violin {

// A sysctl of a real node's own network.
struct NodeSetting {
  std::string node;   // full name
  std::string name;   // "net.ipv4.tcp_ecn"
  std::string value;  // "1"
};

}  // namespace violin
