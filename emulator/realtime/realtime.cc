#include "emulator/realtime/realtime.hh"

#include <sys/epoll.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "core/check.hh"

namespace violin {
namespace {

// A sleep ends this much before the event. Longer than most wake-ups of a virtual machine take.
constexpr Duration kGuard = Duration::microseconds(60);
// The longest sleep; any would do, but the kernel's timespec must not overflow.
constexpr Duration kSleepMax = Duration::seconds(1);

// How often this thread was put off the processor that it would have used.
int64_t involuntary_switches() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nivcsw;
}

timespec timespec_of(Duration span) {
  return {span.ns() / 1'000'000'000, span.ns() % 1'000'000'000};
}

}  // namespace

Realtime::Realtime(const ScenarioClock& clock, const DataPlane& data_plane)
    : clock_(clock),
      data_plane_(data_plane),
      epoll_(
          checked_descriptor(::epoll_create1(EPOLL_CLOEXEC), "cannot make an epoll descriptor")) {}

void Realtime::add_input(int descriptor, InputSource& source) {
  const auto index = static_cast<size_t>(descriptor);
  if (sources_.size() <= index) sources_.resize(index + 1);
  CHECK(sources_[index] == nullptr);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
    throw_system_error("cannot watch a descriptor");
  }
  sources_[index] = &source;
}

void Realtime::remove_input(int descriptor) {
  sources_[static_cast<size_t>(descriptor)] = nullptr;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

// How long to sleep at most for a wait that ends at `until`; nothing to look and go on.
Duration Realtime::patience(Time until) {
  if (data_plane_.spin || stopped_) return {};
  const Time now = clock_.now();
  if (data_plane_.linger && lingering_.looks_on(now)) return {};
  return std::clamp(until - now - kGuard, Duration(), kSleepMax);
}

void Realtime::wait_until(Time until) {
  const Duration span = patience(until);
  ++polls_;
  if (span > Duration()) ++sleeps_;
  const timespec timeout = timespec_of(span);
  std::array<epoll_event, kReadyMax> events;
  const int count = ::epoll_pwait2(epoll_.get(), events.data(), kReadyMax, &timeout, nullptr);
  ready_.clear();
  for (int i = 0; i < count; ++i) ready_.push_back(events[static_cast<size_t>(i)].data.fd);
}

void Realtime::flush() {
  while (!pending_.empty()) {
    OutputBatch* batch = pending_.back();
    pending_.pop_back();
    batch->flush();
  }
}

void Realtime::read_inputs(Time stamp, Time now) {
  size_t frames = 0;
  for (const int descriptor : ready_) {
    InputSource* source = sources_[static_cast<size_t>(descriptor)];
    if (source != nullptr) frames += source->read_input(stamp);
  }
  lingering_.learn(frames, involuntary_switches(), now);
}

Time Realtime::advance_to(Time due) {
  if (due <= horizon_) return due;
  flush();
  wait_until(due);
  const Time now = clock_.now();
  if (ready_.empty() && !stopped_) {
    horizon_ = std::max(horizon_, now);
    return std::min(due, horizon_);
  }
  // Everything before `due` has run: inputs take place just before it at the latest. What they
  // bring about, and what is due by now, runs before the next are looked at, or else a source that
  // always has more would keep every event from running.
  const Time stamp = std::max(horizon_, std::min(now, due - Duration::nanoseconds(1)));
  horizon_ = std::max(horizon_, now);
  read_inputs(stamp, now);
  return stamp;
}

}  // namespace violin
