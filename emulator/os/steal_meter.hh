#pragma once

#include <cstdint>

namespace violin {

// How much of the machine's processors a hypervisor took away since this was made (the "steal" of
// proc(5)'s /proc/stat). Zero where the kernel does not say.
class StealMeter {
 public:
  StealMeter();
  double steal_seconds() const;
  // Wall time times processors.
  double processor_seconds() const;

 private:
  struct Reading {
    double steal_s = 0;
    unsigned processors = 0;
    int64_t monotonic_ns = 0;
  };
  static Reading read();

  Reading start_;
};

}  // namespace violin
