#include "emulator/network/progress.hh"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace violin {

Progress::Progress(bool quiet) : shown_(!quiet && isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
}

bool Progress::due() const { return shown_ && Clock::now() >= next_; }

void Progress::update(const State& state) {
  const Clock::time_point now = Clock::now();
  next_ = now + std::chrono::milliseconds(200);
  drawn_ = true;
  const double wall = std::chrono::duration<double>(now - started_).count();
  const double virtual_seconds = std::max(0.0, state.now.to_seconds());
  const double share = state.duration.ns() > 0 ? virtual_seconds / state.duration.to_seconds() : 1;
  fmt::print(stderr,
             "\r\033[K{:3.0f} %  {:.1f} s of {:.0f} s virtual, {:.1f} s wall, {:.1f} x, {:.1f} M "
             "frame hops",
             100 * share, virtual_seconds, state.duration.to_seconds(), wall,
             virtual_seconds / wall, static_cast<double>(state.frame_hops) * 1e-6);
  std::fflush(stderr);
}

}  // namespace violin
