#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace violin {

// Keeps the process alive when memory that a guest shares with it is no longer there. A guest may
// cut the file behind its memory short at any time, or fill the file system it lies in; whoever
// then touches a page of it gets SIGBUS. No look at the file beforehand helps, and sealing does
// not either: Linux seals only files that were made to be sealed. So, while a range is guarded,
// the first such access lays private memory of zeros over all of it and goes on; its owner
// asks was_hit() and gives the guest up.
//
// The process has one handler of SIGBUS, installed with the first guard. What happens elsewhere
// goes to whoever handled the signal before, or ends the process as ever.
class MemoryGuard {
 public:
  // In the whole process.
  static constexpr size_t kRangesMax = 4096;

  MemoryGuard() = default;  // guards nothing
  // Guards a mapping of whole pages that is not shared between guards. Throws std::system_error
  // when there are too many.
  MemoryGuard(void* begin, size_t size);
  ~MemoryGuard() { release(); }
  MemoryGuard(MemoryGuard&& other) noexcept;
  MemoryGuard& operator=(MemoryGuard&& other) noexcept;

  // Whether memory of the range was missing: what was read from it since may be zeros.
  bool was_hit() const;

 private:
  void release();

  struct GuardedRange* range_ = nullptr;
};

}  // namespace violin
