#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "agent.grpc.pb.h"
#include "emulator/agent/slice_engine.hh"

namespace violin {

// The calls of agent.proto. Each comes on a thread of its own; what they share is the engine of the
// run there is, if any.
class AgentService final : public agent::v1::Agent::Service {
 public:
  // `folder` is made for the captures and results of a run, until they are handed over.
  explicit AgentService(std::filesystem::path folder);
  ~AgentService() override;

  // Ends the run there is. No call begins a program any more.
  void end_all();

  grpc::Status Describe(grpc::ServerContext* context, const agent::v1::DescribeRequest* request,
                        agent::v1::Description* reply) override;
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
  std::shared_ptr<SliceEngine> engine();

  std::mutex mutex_;
  std::shared_ptr<SliceEngine> engine_;
  std::filesystem::path folder_;
  bool ending_ = false;
};

}  // namespace violin
