#pragma once

#include <functional>
#include <utility>

#include "core/time.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/realtime/realtime.hh"

namespace violin {

// Calls somebody from the loop at an instant of CLOCK_MONOTONIC: for what goes on beside scenario
// time, which the scheduler's timers follow. One instant at a time, as precise as a wake-up.
class Alarm final : public InputSource {
 public:
  // Throws std::system_error. `realtime` outlives the alarm.
  Alarm(Realtime& realtime, std::function<void()> due);
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  // Instead of what was set before; at once when it is past.
  void set(Time when);
  size_t read_input(Time now) override;

 private:
  Realtime& realtime_;
  std::function<void()> due_;
  FileDescriptor timer_;
};

}  // namespace violin
