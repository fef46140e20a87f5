#pragma once

#include <sys/resource.h>

namespace violin {

// Processor time of a getrusage(2), the user's and the system's, in seconds.
inline double processor_seconds(const rusage& usage) {
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace violin
