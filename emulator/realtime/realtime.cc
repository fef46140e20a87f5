#include "emulator/realtime/realtime.hh"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "core/check.hh"

namespace violin {
namespace {

// A sleep ends this much before the event. Longer than most wake-ups of a virtual machine take.
constexpr Duration kGuard = Duration::microseconds(60);
// The longest sleep; any would do, but the kernel's timespec must not overflow.
constexpr Duration kSleepMax = Duration::seconds(1);

timespec timespec_of(Duration span) {
  return {span.ns() / 1'000'000'000, span.ns() % 1'000'000'000};
}

}  // namespace

Realtime::Realtime(const ScenarioClock& clock, Waiting waiting)
    : clock_(clock), waiting_(waiting), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_.get() < 0) {
    throw std::system_error(errno, std::generic_category(), "cannot make an epoll descriptor");
  }
}

void Realtime::add_input(int descriptor, InputSource& source) {
  const auto index = static_cast<size_t>(descriptor);
  if (sources_.size() <= index) sources_.resize(index + 1);
  CHECK(sources_[index] == nullptr);
  sources_[index] = &source;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot watch a descriptor");
  }
}

void Realtime::remove_input(int descriptor) {
  sources_[static_cast<size_t>(descriptor)] = nullptr;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

int Realtime::wait_until(Time until) {
  std::array<epoll_event, kReadyMax> events;
  Duration span = std::min(until - clock_.now(), kSleepMax);
  if (waiting_ == Waiting::kGuard) span = span - kGuard;
  if (waiting_ == Waiting::kSpin || span < Duration() || stopped_) span = Duration();
  ++polls_;
  if (span > Duration()) ++sleeps_;
  const timespec timeout = timespec_of(span);
  const int count = ::epoll_pwait2(epoll_.get(), events.data(), kReadyMax, &timeout, nullptr);
  for (int i = 0; i < count; ++i) ready_.push_back(events[static_cast<size_t>(i)].data.fd);
  return count;
}

Time Realtime::advance_to(Time due) {
  if (due <= horizon_) return due;
  for (OutputBatch* batch : outputs_) batch->flush();
  ready_.clear();
  wait_until(due);
  const Time now = clock_.now();
  if (ready_.empty() && !stopped_) {
    horizon_ = std::max(horizon_, now);
    return std::min(due, horizon_);
  }
  // Everything before `due` has run: inputs take place just before it at the latest.
  horizon_ = std::max(horizon_, std::min(now, due - Duration::nanoseconds(1)));
  for (const int descriptor : ready_) {
    InputSource* source = sources_[static_cast<size_t>(descriptor)];
    if (source != nullptr) source->read_input(horizon_);
  }
  return horizon_;
}

}  // namespace violin
