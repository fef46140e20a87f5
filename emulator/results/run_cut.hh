#pragma once

#include "core/time.hh"

namespace violin {

// How a network was cut into parts that ran in parallel; the results are those of the whole.
struct RunCut {
  int parts = 1;
  Duration lookahead;  // the smallest delay between two of them; Duration::max() = no way between
};

}  // namespace violin
