#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/rate_trace_reader.hh"

// Any bytes are a trace that keeps what its header promises, or an InputError.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::istringstream input(std::string(reinterpret_cast<const char*>(data), size));
  try {
    const auto trace = violin::read_rate_trace(input, "fuzz.up");
    uint32_t last = 0;
    for (const uint32_t at : trace->opportunities_ms) {
      if (at < last) std::abort();
      last = at;
    }
    if (last == 0) std::abort();
  } catch (const violin::InputError&) {
    return 0;
  }
  return 0;
}
