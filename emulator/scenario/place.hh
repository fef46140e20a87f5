#pragma once

#include <string>

namespace violin {

// Where in an input file something was said, for messages.
struct Place {
  std::string file;
  int line = 0;    // from 1; 0 = nowhere (a default, a command-line option)
  int column = 0;  // from 1; 0 = the whole line
};

// "file:3:7", "file:3" without a column, "file" without a line.
std::string to_string(const Place& place);

}  // namespace violin
