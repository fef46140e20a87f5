#pragma once

#include "core/time.hh"

namespace violin {

// How many of the processors that this thread may run on had hardly anything to do during the next
// `span`, which is slept; of 100 ms or more, for the kernel counts in ticks of 10 ms (proc(5)).
// Throws std::system_error.
int idle_processors(Duration span);

}  // namespace violin
