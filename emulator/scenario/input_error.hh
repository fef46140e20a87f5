#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/scenario/place.hh"

// What is wrong with an input file, and where. Every reader of outside text (scenario, graph,
// matrix, trace) throws this and nothing else; main() catches it once, prints what() and ends with
// status 2. It is not for bugs (CHECK) nor for what the operating system refuses.

namespace violin {

class InputError : public std::runtime_error {
 public:
  // what() is "file:line:column: message".
  InputError(const Place& place, const std::string& message);

  const Place& place() const { return place_; }
  const std::string& message() const { return message_; }

 private:
  Place place_;
  std::string message_;
};

// Throws InputError with the house form "problem: value; allowed: …".
[[noreturn]] void refuse(const Place& place, std::string_view problem, std::string_view value,
                         std::string_view allowed);

// As above, listing the allowed words; a near miss is pointed out: `did you mean "delay"?`.
[[noreturn]] void refuse_word(const Place& place, std::string_view problem, std::string_view value,
                              const std::vector<std::string>& allowed);

}  // namespace violin
