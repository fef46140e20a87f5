#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "agent.grpc.pb.h"
#include "emulator/deployment/agent_client.hh"

namespace violin {

// What an AgentClient is connected by; for its own sources and those of its calls.
struct AgentClient::Connection {
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<agent::v1::Agent::Stub> stub;

  // Of a call that is answered soon or never.
  static std::unique_ptr<grpc::ClientContext> context();
};

// Throws AgentError when a call was not answered as it should: which agent, what it could not do.
// AgentLost when it was not answered at all.
void require(const grpc::Status& status, const std::string& agent, const std::string& what);

}  // namespace violin
