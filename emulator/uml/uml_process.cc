#include "emulator/uml/uml_process.hh"

#include <poll.h>

#include <utility>

namespace violin {

UmlProcess::UmlProcess(std::shared_ptr<GuestChannel> channel, const ProgramOrder& order,
                       std::chrono::milliseconds patience)
    : channel_(std::move(channel)), started_(channel_->start(order, patience)) {}

UmlProcess::~UmlProcess() { channel_->drop(started_.number); }

int UmlProcess::wait() {
  for (;;) {
    if (const auto status = finished()) return *status;
    pollfd exit = {.fd = exit_descriptor(), .events = POLLIN};
    poll(&exit, 1, -1);
  }
}

}  // namespace violin
