#include "emulator/realtime/alarm.hh"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>

namespace violin {

Alarm::Alarm(Realtime& realtime, std::function<void()> due)
    : realtime_(realtime),
      due_(std::move(due)),
      timer_(checked_descriptor(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
                                "cannot make a timer")) {
  realtime_.add_input(timer_.get(), *this);
}

Alarm::~Alarm() { realtime_.remove_input(timer_.get()); }

void Alarm::set(Time when) {
  itimerspec at{};
  const int64_t ns = std::max<int64_t>(when.ns(), 1);  // zero would switch it off
  at.it_value = {ns / 1'000'000'000, ns % 1'000'000'000};
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &at, nullptr);
}

size_t Alarm::read_input(Time) {
  uint64_t expirations = 0;
  if (::read(timer_.get(), &expirations, sizeof expirations) > 0) due_();
  return 0;
}

}  // namespace violin
