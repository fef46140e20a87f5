#pragma once

#include <sched.h>

#include <vector>

namespace violin {

// Processors that this thread may run on, the one it runs on first. Throws std::system_error.
std::vector<int> allowed_processors();

// Keeps the calling thread, and what it starts meanwhile, on one processor; to be destroyed by the
// same thread, which then may go where it might before.
class ProcessorPin {
 public:
  // Throws std::system_error.
  explicit ProcessorPin(int processor);
  ~ProcessorPin();
  ProcessorPin(const ProcessorPin&) = delete;
  ProcessorPin& operator=(const ProcessorPin&) = delete;

 private:
  cpu_set_t before_ = {};
};

}  // namespace violin
