#include "emulator/os/idle_processors.hh"

#include <time.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "emulator/os/processor_pin.hh"

namespace violin {
namespace {

struct Ticks {
  uint64_t all = 0;
  uint64_t idle = 0;
};

// By processor, of the lines "cpuN user nice system idle iowait irq softirq steal …".
std::map<int, Ticks> read_ticks() {
  std::map<int, Ticks> ticks;
  std::ifstream in("/proc/stat");
  for (std::string line; std::getline(in, line) && line.starts_with("cpu");) {
    if (line[3] == ' ') continue;
    std::istringstream fields(line.substr(3));
    int processor = 0;
    fields >> processor;
    Ticks& of_it = ticks[processor];
    uint64_t count = 0;
    for (int field = 0; field < 8 && fields >> count; ++field) {
      of_it.all += count;
      if (field == 3 || field == 4) of_it.idle += count;
    }
  }
  return ticks;
}

}  // namespace

int idle_processors(Duration span) {
  std::map<int, Ticks> before = read_ticks();
  const timespec how_long = {span.ns() / 1'000'000'000, span.ns() % 1'000'000'000};
  nanosleep(&how_long, nullptr);
  std::map<int, Ticks> after = read_ticks();
  int idle = 0;
  for (const int processor : allowed_processors()) {
    const uint64_t all = after[processor].all - before[processor].all;
    const uint64_t had_nothing_to_do = after[processor].idle - before[processor].idle;
    if (had_nothing_to_do * 10 >= all * 8 && had_nothing_to_do > 0) ++idle;
  }
  return idle;
}

}  // namespace violin
