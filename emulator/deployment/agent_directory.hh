#pragma once

#include <cstdint>
#include <optional>

#include "core/addresses.hh"
#include "emulator/deployment/agent_client.hh"
#include "emulator/scenario/scenario.hh"

namespace violin {

// Whose agent has a node, and what is to be known of that one.
class AgentDirectory {
 public:
  virtual AgentClient& agent_of(const NodeSpec& node) = 0;
  // What the calendar of the machine that has the node shows at scenario time 0, nanoseconds since
  // 1970. Known when that has been agreed on.
  virtual int64_t calendar_zero_of(const NodeSpec& node) const = 0;
  // What an overlay host of a real underlay is reached at; nothing for every other node, which has
  // the addresses of the scenario.
  virtual std::optional<IpAddress> real_address_of(const NodeSpec& node) const = 0;

 protected:
  ~AgentDirectory() = default;
};

}  // namespace violin
