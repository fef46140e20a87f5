#pragma once

#include <filesystem>
#include <functional>

#include "agent.grpc.pb.h"
#include "emulator/agent/run_slot.hh"

namespace violin {

// The calls of agent.proto. Each comes on a thread of its own; what they share is the run there is,
// if any.
class AgentService final : public agent::v1::Agent::Service {
 public:
  // `folder` is for the captures and results of a run. `released` is called when a run that had
  // reserved the agent has ended; nothing is built any more then.
  explicit AgentService(std::filesystem::path folder, std::function<void()> released = {},
                        const DataPlane& data_plane = {});

  // Ends the run there is. No call begins a program any more.
  void end_all() { slot_.end(); }

  grpc::Status Describe(grpc::ServerContext* context, const agent::v1::DescribeRequest* request,
                        agent::v1::Description* reply) override;
  grpc::Status Reserve(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<agent::v1::Reserved, agent::v1::Reservation>* stream) override;
  grpc::Status Build(grpc::ServerContext* context, const agent::v1::BuildRequest* request,
                     agent::v1::BuildReply* reply) override;
  grpc::Status Connect(grpc::ServerContext* context, const agent::v1::ConnectRequest* request,
                       agent::v1::ConnectReply* reply) override;
  grpc::Status Start(grpc::ServerContext* context, const agent::v1::StartRequest* request,
                     agent::v1::StartReply* reply) override;
  grpc::Status Execute(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<agent::v1::ExecuteOutput, agent::v1::ExecuteInput>* stream) override;
  grpc::Status AwaitPort(grpc::ServerContext* context, const agent::v1::AwaitPortRequest* request,
                         agent::v1::AwaitPortReply* reply) override;
  grpc::Status Finish(grpc::ServerContext* context, const agent::v1::FinishRequest* request,
                      grpc::ServerWriter<agent::v1::ResultPiece>* writer) override;

 private:
  RunSlot slot_;
  std::function<void()> released_;
  DataPlane data_plane_;
};

}  // namespace violin
