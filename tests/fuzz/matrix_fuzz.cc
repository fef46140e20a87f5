#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "emulator/graph/graph_reader.hh"
#include "emulator/scenario/input_error.hh"

// An RTT matrix of any bytes is read or refused with InputError: nothing else may come out.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::istringstream input(std::string(reinterpret_cast<const char*>(data), size));
  try {
    violin::read_rtt_matrix(input, "fuzz");
  } catch (const violin::InputError&) {
    return 0;
  }
  return 0;
}
