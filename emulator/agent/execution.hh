#pragma once

#include <grpcpp/grpcpp.h>

#include "agent.grpc.pb.h"
#include "emulator/os/guest_space.hh"

namespace violin {

// One program in a guest, for as long as the call that asked for it lives: its output goes to the
// stream as it comes, what the stream brings goes to its input. Ends it when the call is cancelled.
grpc::Status execute(
    const GuestSpace& space, const agent::v1::ExecuteInput::Begin& what,
    grpc::ServerContext& context,
    grpc::ServerReaderWriter<agent::v1::ExecuteOutput, agent::v1::ExecuteInput>& stream);

}  // namespace violin
