#include "emulator/virtio/vhost_session.hh"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "core/check.hh"
#include "emulator/virtio/vhost_rules.hh"

namespace violin {
namespace {

// What an epoll event says of the connection; of a kick it says the queue.
constexpr uint32_t kSocketEvent = 0xffff'ffff;
constexpr uint32_t kAgainEvent = 0xffff'fffe;

bool watch(const FileDescriptor& epoll, int descriptor, uint32_t what) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = what;
  return ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

}  // namespace

VhostSession::VhostSession(const VhostSessionOptions& options, VhostDevice& device)
    : options_(options), device_(device), rings_(options.queues) {
  CHECK_COMPARE(options.queues, <=, 64u);
  if (options.in_band) return;
  ready_ = checked_descriptor(::epoll_create1(EPOLL_CLOEXEC), "cannot make an epoll descriptor");
  again_ = checked_descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "cannot make an event");
  if (!watch(ready_, again_.get(), kAgainEvent)) throw_system_error("cannot watch an event");
}

void VhostSession::connect(FileDescriptor socket) {
  disconnect();
  if (!socket_.open(std::move(socket))) throw_system_error(ENOTSOCK, "cannot serve a guest");
  if (ready_.is_open() && !watch(ready_, socket_.fd(), kSocketEvent)) {
    throw_system_error("cannot watch a connection");
  }
}

// Closing a descriptor would not do it: the guest may have the same open, too.
void VhostSession::forget(int descriptor) {
  if (ready_.is_open()) ::epoll_ctl(ready_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

void VhostSession::disconnect() {
  for (Ring& ring : rings_) {
    if (ring.kick.is_open()) forget(ring.kick.get());
    ring = Ring();
  }
  memory_.unmap();
  if (socket_.is_open()) forget(socket_.fd());
  socket_.close();
  requests_.close();
  message_.descriptors.clear();
  features_ = protocol_features_ = 0;
  answers_due_ = 0;
}

void VhostSession::reset(std::string reason) {
  if (!is_connected()) return;
  disconnect();
  trouble_ = std::move(reason);
  ++counters_.resets;
}

VhostSession::Outcome VhostSession::cut_off(std::string reason) {
  reset(std::move(reason));
  return Outcome::kOver;
}

bool VhostSession::is_sound(size_t queue) {
  if (!is_enabled(queue)) return false;
  const std::string_view wrong = rings_[queue].queue.trouble();
  if (!wrong.empty()) {
    reset("queue " + std::to_string(queue) + ": " + std::string(wrong));
  } else if (memory_.was_taken_away()) {
    reset("its memory was taken away");
  }
  return is_enabled(queue);
}

// ---- what comes -------------------------------------------------------------------------------

void VhostSession::read_messages() {
  if (!ready_.is_open()) return read_socket();
  std::array<epoll_event, 8> events;
  const int count = ::epoll_wait(ready_.get(), events.data(), events.size(), 0);
  for (int i = 0; i < count && is_connected(); ++i) {
    const uint32_t what = events[static_cast<size_t>(i)].data.u32;
    if (what == kSocketEvent) {
      read_socket();
    } else if (what == kAgainEvent) {
      read_again();
    } else {
      read_kick(what);
    }
  }
}

void VhostSession::read_socket() {
  for (int i = 0; i < kBurst && is_connected(); ++i) {
    switch (socket_.read(message_)) {
      case VhostChannel::Read::kNothing:
        return;
      case VhostChannel::Read::kClosed:
        return disconnect();
      case VhostChannel::Read::kBroken:
        return reset(std::string(socket_.trouble()));
      case VhostChannel::Read::kMessage:
        handle();
    }
  }
}

void VhostSession::read_kick(size_t queue) {
  if (!rings_[queue].kick.is_open()) return;
  uint64_t count = 0;
  iovec part{&count, sizeof count};
  // The guest has the descriptor, too, and may make it one that waits.
  const ssize_t got = ::preadv2(rings_[queue].kick.get(), &part, 1, -1, RWF_NOWAIT);
  if (got == sizeof count) return kick(queue);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  reset("a kick that cannot be read");
}

void VhostSession::read_again() {
  uint64_t count = 0;
  if (::read(again_.get(), &count, sizeof count) != sizeof count) return;
  for (size_t queue = 0; queue < rings_.size(); ++queue) {
    if (std::exchange(rings_[queue].has_more, false)) look_into(queue);
  }
}

void VhostSession::kick(size_t queue) {
  ++counters_.kicks;
  look_into(queue);
}

void VhostSession::look_into(size_t queue) {
  if (!is_enabled(queue) || device_.queue_kicked(static_cast<int>(queue))) return;
  // Nobody will kick for what is there already.
  constexpr uint64_t kOnce = 1;
  rings_[queue].has_more =
      again_.is_open() && ::write(again_.get(), &kOnce, sizeof kOnce) == sizeof kOnce;
}

void VhostSession::handle() {
  ++counters_.messages;
  const VhostHeader& header = message_.header;
  if ((header.flags & VhostHeader::kVersionMask) != VhostHeader::kVersion ||
      (header.flags & VhostHeader::kReply) != 0) {
    return reset("a message of an unknown version");
  }
  Outcome outcome = Outcome::kRefused;
  if (const Rule* rule = Rules::of(header.request)) {
    if (header.size < rule->size_min || header.size > rule->size_max) {
      return reset("message " + std::to_string(header.request) + " has a wrong size");
    }
    if (message_.descriptors.size() > rule->descriptors_max) {
      return reset("message " + std::to_string(header.request) + " has too many descriptors");
    }
    outcome = rule->apply(*this);
  }
  if (outcome == Outcome::kRefused) ++counters_.refused;
  const bool is_due = outcome == Outcome::kDone || outcome == Outcome::kRefused;
  if (is_due && is_connected() && message_.needs_reply()) {
    answer(outcome == Outcome::kRefused ? 1 : 0);
  }
}

// ---- rings ------------------------------------------------------------------------------------

void VhostSession::stop(Ring& ring) {
  if (!ring.queue.is_started()) return;
  ring.next = ring.queue.next();
  ring.queue.stop();
}

VhostSession::Outcome VhostSession::enable(uint32_t index) {
  Ring& ring = rings_[index];
  if (ring.queue.is_started()) return Outcome::kDone;
  if (features_ == 0) return cut_off("a queue before features were agreed on");
  if (options_.in_band && (protocol_features_ & kInBandFeatures) != kInBandFeatures) {
    return cut_off("it cannot notify in band");
  }
  const std::string_view wrong = ring.queue.start(memory_, ring.place, ring.next, features_);
  if (!wrong.empty()) return cut_off("queue " + std::to_string(index) + ": " + std::string(wrong));
  device_.queue_enabled(static_cast<int>(index));
  look_into(index);
  return Outcome::kDone;
}

VhostSession::Outcome VhostSession::watch_kick(uint32_t index, FileDescriptor descriptor) {
  FileDescriptor& kick = rings_[index].kick;
  if (kick.is_open()) forget(kick.get());
  kick = std::move(descriptor);
  if (!kick.is_open() || watch(ready_, kick.get(), index)) return Outcome::kDone;
  return cut_off("a kick that cannot be waited for");
}

}  // namespace violin
