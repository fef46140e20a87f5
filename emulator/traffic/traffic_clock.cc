#include "emulator/traffic/traffic_clock.hh"

#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>

namespace violin {
namespace {

// How soon an interruption is seen.
constexpr Duration kLook = Duration::milliseconds(20);

timespec span(Duration duration) {
  const int64_t ns = std::clamp<int64_t>(duration.ns(), 0, kLook.ns());
  return {ns / 1'000'000'000, ns % 1'000'000'000};
}

}  // namespace

Time TrafficClock::now() const {
  timespec clock{};
  clock_gettime(CLOCK_MONOTONIC, &clock);
  return Time::from_ns(clock.tv_sec * 1'000'000'000 + clock.tv_nsec - zero_ns_);
}

bool TrafficClock::sleep_until(Time at) const {
  while (!is_over()) {
    const Time present = now();
    if (present >= at) return true;
    const timespec rest = span(at - present);
    nanosleep(&rest, nullptr);
  }
  return false;
}

void TrafficClock::wait_for(int socket, short events, Time at) const {
  pollfd waiting{socket, events, 0};
  const timespec rest = span(std::min(at, until_) - now());
  ppoll(&waiting, 1, &rest, nullptr);
}

FileDescriptor traffic_socket(const IpAddress& address, int type) {
  const int family = address.is_v4() ? AF_INET : AF_INET6;
  return checked_descriptor(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
                            "cannot make a socket");
}

}  // namespace violin
