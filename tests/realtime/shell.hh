#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "emulator/os/pseudo_terminal.hh"
#include "tests/realtime/run_fixture.hh"

namespace violin::testing {

// `violin shell`, at a terminal.
class Shell {
 public:
  explicit Shell(const std::filesystem::path& folder, const std::string& node)
      : violin_({"shell", node}, {folder, "", [this] { take_terminal(); }}) {}

  // What comes until it has `end` in it, or nothing has come for ten seconds.
  std::string read_until(const std::string& end) {
    std::string all;
    pollfd more{terminal_.ours(), POLLIN, 0};
    while (all.find(end) == std::string::npos && poll(&more, 1, 10'000) == 1) {
      char buffer[4096];
      const ssize_t count = read(terminal_.ours(), buffer, sizeof buffer);
      if (count <= 0) break;
      all.append(buffer, static_cast<size_t>(count));
    }
    return all;
  }
  void type(const std::string& text) {
    ASSERT_EQ(::write(terminal_.ours(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }
  PseudoTerminal& terminal() { return terminal_; }
  Violin& violin() { return violin_; }
  bool is_raw() const {
    termios settings = {};
    tcgetattr(terminal_.theirs(), &settings);
    return (settings.c_lflag & ICANON) == 0;
  }

 private:
  void take_terminal() {
    setsid();
    ioctl(terminal_.theirs(), TIOCSCTTY, 0);
    for (int stream = 0; stream < 3; ++stream) dup2(terminal_.theirs(), stream);
  }

  PseudoTerminal terminal_;
  Violin violin_;
};

}  // namespace violin::testing
