#pragma once

namespace violin {

// While one lives, SIGINT and SIGTERM do not end the process but are remembered; a second SIGINT
// ends it as usual. One at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  static bool requested();
};

}  // namespace violin
