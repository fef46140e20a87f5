#include "emulator/timetravel/uml_node.hh"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "core/segmentation.hh"
#include "emulator/os/processor_time.hh"

namespace violin {
namespace {

// Who asks for more at once never rests: then others get turns, and interruptions are heard.
constexpr int kTurnsPerInstant = 1000;

}  // namespace

UmlNode::UmlNode(std::string name, const NodeContext& context, Options options,
                 UmlNodeObserver& observer)
    : Node(std::move(name), context),
      options_(std::move(options)),
      observer_(observer),
      timer_(scheduler(), entity(), *this),
      calendar_(options_.calendar) {}

void UmlNode::boot(std::unique_ptr<UmlGuest> guest, std::vector<Program> programs) {
  guest_ = std::move(guest);
  programs_ = std::move(programs);
  VhostNicOwner& owner = *this;
  for (size_t i = 0; i < nic_count(); ++i) {
    VhostNicOptions nic;
    nic.mac = this->nic(i).mac();
    nic.mtu = this->nic(i).mtu();
    ports_.emplace_back().nic =
        std::make_unique<VhostNic>(nic, pools(), owner, static_cast<int>(i));
  }
  timer_.arm(options_.calendar.beginning);
}

uint64_t UmlNode::frames_held() const {
  uint64_t held = 0;
  for (const Port& port : ports_) held += port.arrived.size();
  return held;
}

// ---- frames -----------------------------------------------------------------------------------

// What arrives at one instant is handed over together.
void UmlNode::receive(Nic& at, Frame frame, Time now) {
  if (ending_ || ports_.empty()) return drop(std::move(frame), DropReason::kNodeDown);
  echoes_.received(frame, now);
  ports_[static_cast<size_t>(at.index())].arrived.push_back(std::move(frame), now);
  wake(now);
}

void UmlNode::carrier_changed(Nic&, Time now) {
  if (!ending_ && !ports_.empty()) wake(now);
}

void UmlNode::wake(Time now) {
  if (!timer_.armed() || timer_.deadline() > now) timer_.arm(now);
}

// True when the guest is interrupted for a cable that was plugged in or out.
bool UmlNode::tell_carriers(Time now) {
  bool interrupted = false;
  for (size_t i = 0; i < ports_.size(); ++i) {
    if (ports_[i].nic->has_carrier() == nic(i).carrier()) continue;
    calendar_.begin_interrupt(now);
    if (!ports_[i].nic->set_carrier(nic(i).carrier())) continue;
    interrupted = true;
    serve(&GuestCalendar::has_noticed);
  }
  return interrupted;
}

// Frames that have arrived go into the guest's memory; true when it is interrupted for one.
bool UmlNode::hand_over(Time now) {
  bool interrupted = false;
  for (Port& port : ports_) {
    if (port.arrived.empty()) continue;
    while (!port.arrived.empty()) {
      if (port.nic->deliver(port.arrived.pop_front()) == VhostNic::Delivery::kDone) {
        ++tally_.consumed;
      } else {
        drop({}, DropReason::kPortRefused);
      }
    }
    calendar_.begin_interrupt(now);
    if (!port.nic->publish()) continue;
    interrupted = true;
    serve(&GuestCalendar::has_noticed);
  }
  return interrupted;
}

void UmlNode::nic_kicked(int) { kicked_ = calendar_.now(); }

// As a real interface with segmentation offload: on the wire there are single frames. What follows
// from them may be earlier than what the guest was told to look out for.
void UmlNode::nic_received(int index, Frame frame) {
  segment(std::move(frame), [&](Frame part) {
    ++tally_.originated;
    if (!up() || !calendar_.trouble().empty()) return drop(std::move(part), DropReason::kNodeDown);
    echoes_.sent(part, kicked_);
    nic(static_cast<size_t>(index)).send(std::move(part), kicked_);
  });
  calendar_.limit(horizon(kicked_));
}

void UmlNode::nic_dropped(int, DropReason reason) {
  ++tally_.originated;
  drop({}, reason);
}

// ---- time -------------------------------------------------------------------------------------

// Up to where the guest may go on by itself. What is due at this very instant does not matter to
// it: of what happens at one instant nobody knows what was first.
Time UmlNode::horizon(Time now) const {
  return std::max(scheduler().horizon(), now + Duration::nanoseconds(1));
}

void UmlNode::expire(Timer&, Time now) {
  if (ending_) return;
  if (!calendar_.is_connected()) {
    serve(&GuestCalendar::is_waiting);  // it begins to boot, and waits for nobody's word
  } else {
    // Its driver forgets a cable when there is a frame in the same interrupt.
    if (tell_carriers(now)) finish(now);
    if (!calendar_.is_sound()) return end_if_over(now);
    if ((frames_held() > 0 && hand_over(now)) || calendar_.request() <= now) finish(now);
  }
  end_if_over(now);
  if (ending_ || calendar_.request() == Time::never()) return;
  timer_.arm(std::max(calendar_.request(), now));
}

// Whether a kernel goes on within an instant, or asks to be run in it once more, depends on when a
// signal reached it: nobody comes between, so that it makes no difference.
void UmlNode::finish(Time now) {
  int turns = 0;
  do run(now);
  while (calendar_.is_sound() && calendar_.request() <= now && ++turns < kTurnsPerInstant);
}

void UmlNode::run(Time now) {
  ++turns_;
  calendar_.run(now, horizon(now));
  serve(&GuestCalendar::is_waiting);
}

// A kernel that has closed its clock has ended, or is about to.
void UmlNode::end_if_over(Time now) {
  if (calendar_.is_sound()) return;
  pollfd exit = {.fd = guest_->exit_descriptor(), .events = POLLIN, .revents = 0};
  const bool ends =
      calendar_.has_ended() && poll(&exit, 1, static_cast<int>(options_.patience.count())) > 0;
  if (!ends) guest_->kill();
  ending_ = guest_->wait();
  timer_.cancel();
  for (Port& port : ports_) {
    while (!port.arrived.empty()) drop(port.arrived.pop_front(), DropReason::kNodeDown);
  }
  observer_.guest_ended(*this, now);
}

void UmlNode::add_activity(KernelActivity& sum) const {
  ++sum.kernels;
  sum.turns += turns_;
  sum.calendar_messages += calendar_.messages();
  for (const Port& port : ports_) {
    sum.kicks += port.nic->counters().kicks;
    sum.interrupts += port.nic->counters().interrupts;
  }
  const rusage& usage = guest_->usage();
  sum.kernel_seconds += processor_seconds(usage);
  sum.process_switches += static_cast<uint64_t>(usage.ru_nvcsw + usage.ru_nivcsw);
}

}  // namespace violin
