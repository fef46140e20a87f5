#include "emulator/network/progress.hh"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace violin {

Progress::Progress(bool quiet, ReadClock read_clock)
    : shown_(!quiet && isatty(STDERR_FILENO) == 1), read_clock_(std::move(read_clock)) {}

Progress::~Progress() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
}

bool Progress::due() const { return shown_ && read_clock_() >= next_; }

void Progress::update(const State& state) {
  if (!shown_) return;
  const Clock::time_point now = read_clock_();
  next_ = now + std::chrono::milliseconds(200);
  drawn_ = true;
  fmt::print(stderr, "\r\033[K{}",
             progress_text(state, std::chrono::duration<double>(now - started_).count()));
  std::fflush(stderr);
}

std::string progress_text(const Progress::State& state, double wall_seconds) {
  const double virtual_seconds = std::max(0.0, state.now.to_seconds());
  const double share = state.duration.ns() > 0 ? virtual_seconds / state.duration.to_seconds() : 1;
  const double speed_up = wall_seconds > 0 ? virtual_seconds / wall_seconds : 0;
  return fmt::format(
      "{:3.0f} %  {:.1f} s of {:.0f} s virtual, {:.1f} s wall, {:.1f} x, {:.1f} M "
      "frame hops",
      100 * share, virtual_seconds, state.duration.to_seconds(), wall_seconds, speed_up,
      static_cast<double>(state.frame_hops) * 1e-6);
}

}  // namespace violin
