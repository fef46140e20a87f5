#pragma once

#include "emulator/deployment/agent_client.hh"
#include "emulator/program/workload_programs.hh"

namespace violin {

// Whose agent has a node, and what is to be known of that one.
class AgentDirectory : public ProgramNodes {
 public:
  virtual AgentClient& agent_of(const NodeSpec& node) = 0;

 protected:
  ~AgentDirectory() = default;
};

}  // namespace violin
