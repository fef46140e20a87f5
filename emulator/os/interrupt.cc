#include "emulator/os/interrupt.hh"

#include <csignal>

namespace violin {
namespace {

// What a signal handler may touch.
volatile std::sig_atomic_t interrupt_requested = 0;

void remember(int signal) {
  interrupt_requested = 1;
  std::signal(signal, SIG_DFL);  // the second one is meant
}

void handle(void (*handler)(int)) {
  std::signal(SIGINT, handler);
  std::signal(SIGTERM, handler);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupt_requested = 0;
  handle(remember);
}

InterruptGuard::~InterruptGuard() { handle(SIG_DFL); }

bool InterruptGuard::requested() { return interrupt_requested != 0; }

}  // namespace violin
