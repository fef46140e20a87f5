#include "emulator/os/steal_meter.hh"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace violin {

StealMeter::StealMeter() : start_(read()) {}

// "cpu  user nice system idle iowait irq softirq steal …", in clock ticks, then a line for each.
StealMeter::Reading StealMeter::read() {
  Reading reading;
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  reading.monotonic_ns = int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  std::ifstream in("/proc/stat");
  for (std::string line; std::getline(in, line) && line.starts_with("cpu");) {
    if (line[3] != ' ') {
      ++reading.processors;
      continue;
    }
    std::istringstream fields(line.substr(3));
    double ticks = 0;
    for (int field = 0; field < 8 && fields >> ticks; ++field) {
      if (field == 7) reading.steal_s = ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
    }
  }
  return reading;
}

double StealMeter::steal_seconds() const { return std::max(0.0, read().steal_s - start_.steal_s); }

double StealMeter::processor_seconds() const {
  const Reading now = read();
  return static_cast<double>(now.monotonic_ns - start_.monotonic_ns) * 1e-9 * now.processors;
}

}  // namespace violin
