#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/os/terminal_size.hh"

namespace violin {

// What a guest that stays is asked to run.
struct ProgramOrder {
  std::vector<std::string> argv;
  bool as_root = false;                  // else as nobody (uid and gid 65534), without a capability
  std::optional<TerminalSize> terminal;  // none = three pipes
  std::vector<std::string> environment;  // "NAME=value", besides PATH, HOME, LANG and TERM

  // Bytes that parse() makes the same order of.
  std::string text() const;
  // Nothing when the bytes are none of text().
  static std::optional<ProgramOrder> parse(std::string_view bytes);
};

}  // namespace violin
