#include <cstdint>
#include <string>

#include "emulator/deployment/hosts_file.hh"
#include "emulator/scenario/input_error.hh"

// Any text is a hosts file or an InputError.

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    violin::parse_hosts(text, "fuzz.yaml", "/nonexistent");
  } catch (const violin::InputError&) {
  }
  return 0;
}
