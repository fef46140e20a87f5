#pragma once

#include <string>

#include "models/node/ip_node.hh"

namespace violin {

// A router: forwards what is not for itself. It answers echo requests and can ping and trace, and
// has no transport: whoever sends it UDP or TCP is told that the port is unreachable.
class Router final : public IpNode {
 public:
  Router(std::string name, const NodeContext& context);
};

}  // namespace violin
