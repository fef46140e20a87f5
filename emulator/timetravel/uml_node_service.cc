#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "emulator/os/interrupt.hh"
#include "emulator/timetravel/uml_node.hh"

// What is done for a guest while its kernel runs: it is listened to and answered.

namespace violin {
namespace {

// The guest's listening sockets, by place.
constexpr size_t kClockSocket = 0;
constexpr size_t kFirstNicSocket = 1;

// How often somebody who waits for a silent guest is to be asked whether he still wants to.
constexpr std::chrono::milliseconds kLook(200);

FileDescriptor accepted(const FileDescriptor& listener) {
  return checked_descriptor(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC),
                            "cannot accept a guest's connection");
}

}  // namespace

// The guest is answered until what is waited for has come.
void UmlNode::serve(bool (GuestCalendar::*done)() const) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point until = Clock::now() + options_.patience;
  while (!(calendar_.*done)()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() > 0 && hear(std::min(left, kLook))) continue;
    if (InterruptGuard::requested()) {
      throw GuestFailure("interrupted while " + name() + " was busy; in it " + what_runs());
    }
    if (left.count() > 0) continue;
    throw GuestFailure(name() + " has been busy for " +
                       std::to_string(options_.patience.count() / 1000) +
                       " s of wall time while everybody else stood still; in it " + what_runs() +
                       " (a program that polls makes way when system calls take time: uml: { "
                       "syscall_cost: 5 us })");
  }
}

// Its kernel, the clock, and the interfaces; who is not connected yet is waited for.
std::vector<pollfd> UmlNode::descriptors() const {
  std::vector<pollfd> words;
  const auto add = [&](int descriptor) { words.push_back({descriptor, POLLIN, 0}); };
  add(calendar_.is_connected() ? calendar_.descriptor() : guest_->listener(kClockSocket).get());
  for (size_t i = 0; i < ports_.size(); ++i) {
    const VhostNic& nic = *ports_[i].nic;
    add(nic.is_connected() ? nic.descriptor() : guest_->listener(kFirstNicSocket + i).get());
  }
  if (!calendar_.is_connected()) add(guest_->exit_descriptor());
  return words;
}

// Waits for the guest's next word, and answers it; false when there is none for so long.
bool UmlNode::hear(std::chrono::milliseconds patience) {
  std::vector<pollfd> words = descriptors();
  const int ready = poll(words.data(), words.size(), static_cast<int>(patience.count()));
  if (ready < 0 && errno == EINTR) return true;
  if (ready < 0) throw_system_error("cannot wait for a guest");
  if (ready == 0) return false;
  if (words[0].revents != 0) {
    if (calendar_.is_connected()) {
      calendar_.read_message();
    } else {
      calendar_.connect(accepted(guest_->listener(kClockSocket)));
    }
  }
  for (size_t i = 0; i < ports_.size(); ++i) {
    if (words[1 + i].revents == 0) continue;
    VhostNic& nic = *ports_[i].nic;
    if (nic.is_connected()) {
      nic.read_messages();
    } else {
      nic.connect(accepted(guest_->listener(kFirstNicSocket + i)));
    }
  }
  if (words.size() > 1 + ports_.size() && words.back().revents != 0) {
    throw GuestFailure(name() + " ended before it began: " + guest_->console());
  }
  return true;
}

// What kept it busy; a program that never rests may have kept init from saying that it was started.
std::string UmlNode::what_runs() {
  const GuestJournal journal = guest_->journal();
  if (!journal.ready) return "its kernel and init were booting";
  std::string text;
  for (size_t i = 0; i < journal.jobs.size() && i < programs_.size(); ++i) {
    using State = GuestJournal::JobState;
    const State state = journal.jobs[i].state;
    const bool begins = state == State::kWaiting && programs_[i].at <= calendar_.now();
    if (state != State::kRunning && !begins) continue;
    text += (text.empty() ? "" : ", ") + programs_[i].name;
  }
  return text.empty() ? "nothing that was ordered was running" : text + " was running";
}

}  // namespace violin
