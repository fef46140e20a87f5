#include <cstdint>
#include <string>

#include "emulator/scenario/calibration.hh"
#include "emulator/scenario/input_error.hh"

// Any text is a calibration or an InputError.

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    violin::parse_calibration(text, "fuzz.yaml");
  } catch (const violin::InputError&) {
  }
  return 0;
}
