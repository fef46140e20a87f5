#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "agent.grpc.pb.h"
#include "tests/support/temporary_folder.hh"

namespace violin {

// Serves the control API, ours or a made-up one, at a Unix socket of its own.
class AgentAtSocket {
 public:
  explicit AgentAtSocket(agent::v1::Agent::Service& service) {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service);
    builder.AddListeningPort("unix:" + socket().string(), grpc::InsecureServerCredentials());
    server_ = builder.BuildAndStart();
  }
  ~AgentAtSocket() { end(); }
  // Whoever is connected loses the connection.
  void end() { server_->Shutdown(std::chrono::system_clock::now()); }

  std::filesystem::path socket() const { return folder_.path() / "agent.sock"; }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace violin
