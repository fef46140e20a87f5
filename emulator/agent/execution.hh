#pragma once

#include <grpcpp/grpcpp.h>

#include "agent.grpc.pb.h"
#include "emulator/agent/node_program.hh"

namespace violin {

// One program in a node, for as long as the call that asked for it lives: its output goes to the
// stream as it comes, what the stream brings goes to its input. Ends it when the call is cancelled.
grpc::Status execute(
    const NodePlace& place, const agent::v1::ExecuteInput::Begin& what,
    grpc::ServerContext& context,
    grpc::ServerReaderWriter<agent::v1::ExecuteOutput, agent::v1::ExecuteInput>& stream);

// What a node's kernel prints, the same way. Fails where the node has no kernel of its own.
grpc::Status show_console(
    const NodePlace& place, const agent::v1::ExecuteInput::Begin& what,
    grpc::ServerContext& context,
    grpc::ServerReaderWriter<agent::v1::ExecuteOutput, agent::v1::ExecuteInput>& stream);

}  // namespace violin
