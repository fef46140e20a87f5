#pragma once

#include "core/time.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/os/interrupt.hh"
#include "emulator/traffic/traffic_spec.hh"

namespace violin {

// The time of the scenario for a program that takes part in it, and its waiting: nothing waits
// beyond the end, nor much after an interruption.
class TrafficClock {
 public:
  explicit TrafficClock(const TrafficSpec& spec) : zero_ns_(spec.zero_ns), until_(spec.until) {}

  Time now() const;
  bool is_over() const { return InterruptGuard::requested() || now() >= until_; }
  // Until then, exactly enough for datagrams; false when everything is over.
  bool sleep_until(Time at) const;
  // Until a socket has one of `events` (poll(2)) or `at` has come, but not for long: the caller
  // asks again.
  void wait_for(int socket, short events, Time at) const;

 private:
  int64_t zero_ns_;
  Time until_;
};

// A socket for the address's family that does not block. Throws std::system_error.
FileDescriptor traffic_socket(const IpAddress& address, int type);

}  // namespace violin
