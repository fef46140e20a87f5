#include "emulator/tunnel/frame_hold.hh"

#include <algorithm>
#include <utility>

namespace violin {

FrameHold::FrameHold(Scheduler& scheduler, std::string name, FrameSink& inside)
    : flight_(scheduler, std::move(name)) {
  flight_.set_digested(false);
  flight_.set_sink(inside);
}

void FrameHold::take(Frame frame, Time due, Time now) {
  ++frames_;
  if (due < now) too_late_.add(now - due);
  // Frames of a link come out in the order in which they went in.
  last_due_ = std::max({last_due_, now, std::min(due, now + kLongest)});
  flight_.launch(std::move(frame), last_due_, /*overtaking=*/false);
}

}  // namespace violin
