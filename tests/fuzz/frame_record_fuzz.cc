#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "emulator/results/frame_record.hh"
#include "emulator/scenario/input_error.hh"

// Any bytes are either read to their end or refused; nothing larger than a frame is ever held.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  try {
    violin::FrameRecordReader reader(in, "fuzz");
    while (reader.next()) {
    }
  } catch (const violin::InputError&) {
  }
  return 0;
}
