#include "emulator/realtime/guest.hh"

#include <utility>

#include "core/check.hh"

namespace violin {

Guest::Guest(std::string name, const NodeContext& context, Realtime& realtime,
             LogHistogram& lateness)
    : Node(std::move(name), context), realtime_(realtime), lateness_(lateness) {}

Guest::~Guest() {
  for (const std::unique_ptr<TapPort>& port : ports_) realtime_.remove_input(port->descriptor());
}

void Guest::attach(TapDevice tap) {
  CHECK_COMPARE(ports_.size(), <, nic_count());
  const int index = static_cast<int>(ports_.size());
  ports_.push_back(std::make_unique<TapPort>(std::move(tap), pools(), *this, index));
  realtime_.add_input(ports_.back()->descriptor(), *ports_.back());
}

void Guest::receive(Nic& at, Frame frame, Time now) {
  // Before the write, in which the guest's kernel may already do its own work with the frame.
  lateness_.add(realtime_.clock_now() - now);
  const bool taken = ports_[static_cast<size_t>(at.index())]->write(std::move(frame));
  if (taken) {
    ++tally_.consumed;
  } else {
    drop({}, DropReason::kPortRefused);
  }
}

void Guest::port_received(int port, Frame frame, Time now) {
  ++tally_.originated;
  if (!up()) return drop(std::move(frame), DropReason::kNodeDown);
  nic(static_cast<size_t>(port)).send(std::move(frame), now);
}

void Guest::port_dropped(int, DropReason reason) {
  ++tally_.originated;
  drop({}, reason);
}

}  // namespace violin
