#include "emulator/virtio/memory_guard.hh"

#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <utility>

#include "emulator/os/file_descriptor.hh"

namespace violin {

// Written by whoever guards, read by the handler in any thread. A free one ends at 0.
struct GuardedRange {
  std::atomic<uintptr_t> begin{0};
  std::atomic<uintptr_t> end{0};
  std::atomic<bool> is_taken{false};
  std::atomic<bool> was_hit{false};
};

namespace {

constinit std::array<GuardedRange, MemoryGuard::kRangesMax> ranges;
static_assert(std::atomic<uintptr_t>::is_always_lock_free);

struct sigaction former_action;

// In a signal handler: nothing but atomics and system calls.
bool lay_zeros_over(uintptr_t address) {
  for (GuardedRange& range : ranges) {
    const uintptr_t begin = range.begin.load();
    const uintptr_t end = range.end.load();
    // The second look tells a range from another one that took its place meanwhile.
    if (address < begin || address >= end || range.begin.load() != begin) continue;
    range.was_hit.store(true);
    return ::mmap(reinterpret_cast<void*>(begin), end - begin, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) != MAP_FAILED;
  }
  return false;
}

void pass_on(int signal, siginfo_t* info, void* context) {
  if ((former_action.sa_flags & SA_SIGINFO) != 0) {
    former_action.sa_sigaction(signal, info, context);
  } else if (former_action.sa_handler != SIG_DFL && former_action.sa_handler != SIG_IGN) {
    former_action.sa_handler(signal);
  } else {
    // Comes again as soon as this handler has returned, and ends the process.
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

void handle_bus_error(int signal, siginfo_t* info, void* context) {
  const int error = errno;
  const bool is_access = info->si_code == BUS_ADRERR;
  if (!is_access || !lay_zeros_over(reinterpret_cast<uintptr_t>(info->si_addr))) {
    pass_on(signal, info, context);
  }
  errno = error;
}

void install_handler() {
  struct sigaction action {};
  action.sa_sigaction = handle_bus_error;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGBUS, &action, &former_action) != 0) throw_system_error("cannot handle SIGBUS");
}

}  // namespace

MemoryGuard::MemoryGuard(void* begin, size_t size) {
  static std::once_flag installed;
  std::call_once(installed, install_handler);
  for (GuardedRange& range : ranges) {
    if (range.is_taken.exchange(true)) continue;
    range.was_hit.store(false);
    range.begin.store(reinterpret_cast<uintptr_t>(begin));
    range.end.store(reinterpret_cast<uintptr_t>(begin) + size);
    range_ = &range;
    return;
  }
  throw_system_error(ENOMEM, "cannot guard more than 4096 ranges of memory");
}

MemoryGuard::MemoryGuard(MemoryGuard&& other) noexcept
    : range_(std::exchange(other.range_, nullptr)) {}

MemoryGuard& MemoryGuard::operator=(MemoryGuard&& other) noexcept {
  if (this == &other) return *this;
  release();
  range_ = std::exchange(other.range_, nullptr);
  return *this;
}

void MemoryGuard::release() {
  if (range_ == nullptr) return;
  range_->end.store(0);
  range_->begin.store(0);
  range_->is_taken.store(false);
  range_ = nullptr;
}

bool MemoryGuard::was_hit() const {
  return range_ != nullptr && range_->was_hit.load(std::memory_order_relaxed);
}

}  // namespace violin
