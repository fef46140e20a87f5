#include "emulator/os/raw_terminal.hh"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace violin {
namespace {

// The child's life. It makes system calls only and needs no more than its two descriptors.
[[noreturn]] void restore_at_the_end(int life, int terminal, const termios& before) {
  setsid();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTTOU}) ::signal(signal, SIG_IGN);
  char none = 0;
  while (read(life, &none, 1) < 0 && errno == EINTR) {
  }
  while (tcsetattr(terminal, TCSADRAIN, &before) != 0 && errno == EINTR) {
  }
  _exit(0);
}

}  // namespace

RawTerminal::RawTerminal(int terminal) : terminal_(terminal) {
  termios before = {};
  if (tcgetattr(terminal, &before) != 0) throw_system_error("cannot use the terminal");
  DescriptorPair life = make_pipe();
  guardian_ = fork();
  if (guardian_ < 0) throw_system_error("cannot guard the terminal");
  if (guardian_ == 0) {
    life.second.close();
    // Who waits for the end of our output must not wait for this process.
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
      if (standard != terminal) close(standard);
    }
    restore_at_the_end(life.first.get(), terminal, before);
  }
  life_ = std::move(life.second);
  termios raw = before;
  cfmakeraw(&raw);
  if (tcsetattr(terminal, TCSADRAIN, &raw) != 0) throw_system_error("cannot set up the terminal");
}

RawTerminal::~RawTerminal() {
  life_.close();
  while (waitpid(guardian_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

TerminalSize RawTerminal::size() const {
  winsize size = {};
  if (ioctl(terminal_, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return {};
  return {.columns = size.ws_col, .rows = size.ws_row};
}

}  // namespace violin
