#include "emulator/realtime/guest.hh"

#include <algorithm>
#include <utility>

#include "core/check.hh"

namespace violin {

Guest::Guest(std::string name, const NodeContext& context, Realtime& realtime,
             LogHistogram& lateness)
    : Node(std::move(name), context), realtime_(realtime), lateness_(lateness) {}

int Guest::next_port() const {
  CHECK_COMPARE(ports_.size(), <, nic_count());
  return static_cast<int>(ports_.size());
}

void Guest::attach(TapDevice tap) {
  ports_.push_back(
      std::make_unique<TapPort>(std::move(tap), realtime_, pools(), *this, next_port()));
}

VhostPort& Guest::attach(const VhostNicOptions& options) {
  auto port = std::make_unique<VhostPort>(options, realtime_, pools(), *this, next_port());
  VhostPort& made = *port;
  ports_.push_back(std::move(port));
  return made;
}

void Guest::receive(Nic& at, Frame frame, Time now) {
  GatheringPort& port = *ports_[static_cast<size_t>(at.index())];
  if (!port.is_there()) {
    port.give_up();
    return drop(std::move(frame), DropReason::kNodeDown);
  }
  port.write(std::move(frame), now);
}

void Guest::carrier_changed(Nic& nic, Time) {
  ports_[static_cast<size_t>(nic.index())]->set_carrier(nic.carrier());
}

uint64_t Guest::frames_held() const {
  uint64_t held = 0;
  for (const std::unique_ptr<GatheringPort>& port : ports_) held += port->frames_held();
  return held;
}

Duration Guest::longest_gathering() const {
  Duration longest;
  for (const std::unique_ptr<GatheringPort>& port : ports_) {
    longest = std::max(longest, port->longest_gathering());
  }
  return longest;
}

void Guest::port_wrote(int port, std::span<const Time> due, Time at, bool taken) {
  // When scenario time begins, what was under way before finds its time long past.
  for (const Time one : due) {
    if (one >= Time::zero()) lateness_.add(at - one);
  }
  if (taken) {
    tally_.consumed += due.size();
    return;
  }
  const bool is_there = ports_[static_cast<size_t>(port)]->is_there();
  const DropReason reason = is_there ? DropReason::kPortRefused : DropReason::kNodeDown;
  for (size_t i = 0; i < due.size(); ++i) drop({}, reason);
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
