#pragma once

namespace violin {

// Of a terminal, in characters.
struct TerminalSize {
  int columns = 80;
  int rows = 24;
};

}  // namespace violin
