#pragma once

#include <stdexcept>

namespace violin {

// A program of a workload that did not do its work: what() says which program and, where it is
// known, in the program's own words why. Not for bad scenarios (InputError), nor for losses, which
// are results.
class ProgramFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace violin
