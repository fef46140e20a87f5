#include "emulator/os/processor_pin.hh"

#include <algorithm>

#include "emulator/os/file_descriptor.hh"

namespace violin {

std::vector<int> allowed_processors() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
    throw_system_error("cannot tell which processors there are");
  }
  std::vector<int> processors;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(static_cast<size_t>(i), &allowed)) processors.push_back(i);
  }
  const auto here = std::find(processors.begin(), processors.end(), sched_getcpu());
  if (here != processors.end()) std::rotate(processors.begin(), here, processors.end());
  return processors;
}

ProcessorPin::ProcessorPin(int processor) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<size_t>(processor), &one);
  if (sched_getaffinity(0, sizeof before_, &before_) != 0 ||
      sched_setaffinity(0, sizeof one, &one) != 0) {
    throw_system_error("cannot stay on one processor");
  }
}

ProcessorPin::~ProcessorPin() { sched_setaffinity(0, sizeof before_, &before_); }

}  // namespace violin
