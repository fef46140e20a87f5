#pragma once

#include <cstdint>

#include "core/time.hh"

namespace violin {

// What real kernels under the virtual clock did and cost. Processor times differ from run to run;
// what is counted of turns, messages and interrupts does not.
struct KernelActivity {
  uint64_t kernels = 0;
  Duration syscall_cost;  // that a system call takes, of virtual time; zero = nothing, as is usual
  uint64_t turns = 0;     // how often one of them was let run
  uint64_t calendar_messages = 0;  // between them and their clocks, answers and all
  uint64_t kicks = 0;              // of interfaces by kernels; each is answered
  uint64_t interrupts = 0;         // of kernels by interfaces
  double kernel_seconds = 0;       // of processor time: kernels and the programs in them
  double own_seconds = 0;          // of processor time: everything else
  uint64_t process_switches = 0;   // of kernels and the programs in them
};

}  // namespace violin
