#include "emulator/timetravel/guest_calendar.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/check.hh"

namespace violin {
namespace {

// The guest writes to the same memory, if only when it may: nothing is read twice or assumed.
template <class T>
T load(T& field) {
  return std::atomic_ref<T>(field).load(std::memory_order_acquire);
}
template <class T>
void store(T& field, T value) {
  std::atomic_ref<T>(field).store(value, std::memory_order_release);
}

SharedCalendar* map_calendar(const FileDescriptor& file) {
  if (ftruncate(file.get(), sizeof(SharedCalendar)) != 0) {
    throw_system_error("cannot make a guest's calendar");
  }
  void* const memory =
      mmap(nullptr, sizeof(SharedCalendar), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED) throw_system_error("cannot map a guest's calendar");
  return static_cast<SharedCalendar*>(memory);
}

FileDescriptor make_memory() {
  return checked_descriptor(memfd_create("calendar", MFD_CLOEXEC | MFD_ALLOW_SEALING),
                            "cannot make a guest's calendar");
}

}  // namespace

GuestCalendar::GuestCalendar(const GuestCalendarOptions& options)
    : options_(options), memory_file_(make_memory()), memory_(map_calendar(memory_file_)) {
  // A guest that made the file shorter would have us killed at the next look at it.
  if (fcntl(memory_file_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    munmap(memory_, sizeof(SharedCalendar));
    throw_system_error("cannot seal a guest's calendar");
  }
  // A version that nobody knows is what keeps a kernel from using it.
  memory_->version = options_.shares_memory ? SharedCalendar::kVersion : 0;
  memory_->length = sizeof(SharedCalendar);
  memory_->clients_max = 2;
  // Requests that it makes while we have the word are not messages either.
  memory_->clients[SharedCalendar::kOurs].capabilities = SharedCalendar::kSharesTime;
}

GuestCalendar::~GuestCalendar() { munmap(memory_, sizeof(SharedCalendar)); }

void GuestCalendar::connect(FileDescriptor socket) { socket_ = std::move(socket); }

uint64_t GuestCalendar::ticks(Time when) const {
  if (when == Time::never()) return kNoRequest;
  return static_cast<uint64_t>(std::max<int64_t>((when - options_.beginning).ns(), 0));
}

Time GuestCalendar::instant(uint64_t ticks) const {
  if (ticks >= kNoRequest) return Time::never();
  const auto span = static_cast<int64_t>(ticks);
  const int64_t beginning = options_.beginning.ns();
  return span > INT64_MAX - std::max<int64_t>(beginning, 0) ? Time::never()
                                                            : Time::from_ns(beginning + span);
}

void GuestCalendar::break_off(const std::string& why) {
  if (trouble_.empty()) trouble_ = why;
  waiting_ = true;
}

// ---- messages ---------------------------------------------------------------------------------

// False when there is none. A kernel writes its messages whole.
bool GuestCalendar::receive(CalendarMessage& message) {
  const ssize_t count = recv(socket_.get(), &message, sizeof message, MSG_DONTWAIT);
  if (count == sizeof message) {
    ++messages_;
    return true;
  }
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return false;
  if (count > 0) break_off("its kernel sent half a message");
  ended_ = count <= 0;
  waiting_ = true;
  return false;
}

void GuestCalendar::answer(const CalendarMessage& message, uint64_t time) {
  const CalendarMessage ack{Operation::kAck, message.number, time};
  ++messages_;
  // Who has gone is found out by the next read.
  [[maybe_unused]] const ssize_t sent =
      ::send(socket_.get(), &ack, sizeof ack, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void GuestCalendar::send(Operation operation, uint64_t time) {
  const CalendarMessage message{operation, ++number_, time};
  ++messages_;
  [[maybe_unused]] const ssize_t sent =
      ::send(socket_.get(), &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

// With the memory, and a descriptor that the protocol has for a log, which this kernel closes. Both
// always come: it does not look whether they did.
void GuestCalendar::answer_start(const CalendarMessage& message) {
  CalendarMessage ack{Operation::kAck, message.number, SharedCalendar::kGuest};
  ++messages_;
  const int descriptors[2] = {memory_file_.get(), memory_file_.get()};
  iovec bytes = {.iov_base = &ack, .iov_len = sizeof ack};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof descriptors)] = {};
  msghdr whole = {};
  whole.msg_iov = &bytes;
  whole.msg_iovlen = 1;
  whole.msg_control = space;
  whole.msg_controllen = sizeof space;
  cmsghdr* const header = CMSG_FIRSTHDR(&whole);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof descriptors);
  std::memcpy(CMSG_DATA(header), descriptors, sizeof descriptors);
  [[maybe_unused]] const ssize_t sent = sendmsg(socket_.get(), &whole, MSG_NOSIGNAL);
}

void GuestCalendar::read_message() {
  CalendarMessage message;
  if (!receive(message)) return;
  if (!began_ && message.operation != Operation::kStart) {
    return break_off("its kernel did not begin with a start");
  }
  if (began_ && options_.shares_memory && !shares_) {
    // It says so before it says anything else.
    shares_ = (load(memory_->clients[SharedCalendar::kGuest].capabilities) &
               SharedCalendar::kSharesTime) != 0;
  }
  handle(message);
}

void GuestCalendar::handle(const CalendarMessage& message) {
  switch (message.operation) {
    case Operation::kAck:
      return;
    case Operation::kStart:
      if (began_) return break_off("its kernel began twice");
      began_ = true;
      store(memory_->running, SharedCalendar::kGuest);
      store(memory_->current_time, now_);
      return answer_start(message);
    case Operation::kRequest:
      request_ = message.time;
      return answer(message, 0);
    case Operation::kWait:
      if (waiting_) return break_off("its kernel waits twice");
      if (shares()) {
        set_time(load(memory_->current_time));
        store(memory_->running, SharedCalendar::kOurs);
      } else {
        answer(message, 0);
      }
      waiting_ = true;
      return;
    case Operation::kGet:
      asked_time_ = true;
      return answer(message, now_);
    case Operation::kUpdate:
      set_time(message.time);
      return answer(message, 0);
    case Operation::kGetTimeOfDay:
      set_time(shares() ? load(memory_->current_time) : now_);
      return answer(message, static_cast<uint64_t>(options_.epoch_ns + instant(now_).ns()));
    case Operation::kBroadcast:
      return answer(message, 0);
    case Operation::kRun:
    case Operation::kFreeUntil:
      break;
  }
  break_off("its kernel sent a message that only calendars send");
}

// ---- time -------------------------------------------------------------------------------------

void GuestCalendar::set_time(uint64_t ticks) {
  if (ticks < now_ || (ticks > now_ && ticks >= limit_)) {
    return break_off("its kernel's clock went where it may not");
  }
  now_ = ticks;
}

Time GuestCalendar::now() {
  if (shares() && !waiting_) set_time(load(memory_->current_time));
  return instant(now_);
}

void GuestCalendar::limit(Time until) {
  const uint64_t ticks_until = ticks(until);
  if (ticks_until == limit_) return;
  limit_ = ticks_until;
  store(memory_->free_until, limit_);
  if (began_ && !shares()) send(Operation::kFreeUntil, limit_);
}

Time GuestCalendar::request() const {
  if (!shares()) return instant(request_);
  SharedCalendar::Client& guest = memory_->clients[SharedCalendar::kGuest];
  if ((load(guest.flags) & SharedCalendar::kWantsToRun) == 0) return Time::never();
  return instant(std::max(load(guest.request_time), now_));
}

void GuestCalendar::begin_interrupt(Time now) {
  CHECK(waiting_);
  now_ = std::max(now_, ticks(now));
  asked_time_ = false;
  store(memory_->current_time, now_);
}

// Where memory is shared the guest's handler asks for nothing, and it is executed before the guest
// sees the message to run that follows: the signal came first. Without, it asks for the time, and
// then to be run now unless it has asked for that before; a message in between would be taken for
// the answer.
bool GuestCalendar::has_noticed() const {
  return shares() || ended_ || !trouble_.empty() || (asked_time_ && request_ == now_);
}

void GuestCalendar::run(Time now, Time until) {
  CHECK(waiting_);
  now_ = std::max(now_, ticks(now));
  limit_ = ticks(until);
  request_ = kNoRequest;
  store(memory_->current_time, now_);
  store(memory_->free_until, limit_);
  store(memory_->running, SharedCalendar::kGuest);
  waiting_ = false;
  if (!shares()) send(Operation::kFreeUntil, limit_);
  send(Operation::kRun, now_);
}

}  // namespace violin
