#include "emulator/network/port_book.hh"

#include <string>

#include "emulator/scenario/input_error.hh"

namespace violin {

uint16_t PortBook::claim(const WorkloadSpec& spec, int node, uint16_t wanted) {
  for (uint32_t port = wanted; port <= 0xffff; ++port) {
    if (take(node, static_cast<uint16_t>(port))) return static_cast<uint16_t>(port);
  }
  throw InputError(spec.at, "no port is left for the workload " + spec.name + " from " +
                                std::to_string(wanted) + " on");
}

}  // namespace violin
