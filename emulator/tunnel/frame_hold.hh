#pragma once

#include <string>

#include "core/frame_sink.hh"
#include "models/link/flight.hh"
#include "models/link/log_histogram.hh"

namespace violin {

// Where a tunnel's far end keeps frames until the instant at which its link's delay is over, so
// that what the underlay took of it is part of that delay and not added to it. A frame that comes
// after its instant passes at once, and is counted: the link asks for less than the underlay has.
class FrameHold {
 public:
  // No frame is held longer, whatever it says about itself.
  static constexpr Duration kLongest = Duration::seconds(60);

  // `name` names its events; `inside` gets the frames.
  FrameHold(Scheduler& scheduler, std::string name, FrameSink& inside);

  const std::string& name() const { return flight_.name(); }
  Entity& entity() { return flight_.entity(); }
  void take(Frame frame, Time due, Time now);
  uint64_t held() const { return flight_.in_flight(); }

  uint64_t frames() const { return frames_; }
  // By how much frames came too late, of those that did.
  const LogHistogram& too_late() const { return too_late_; }

 private:
  Flight flight_;
  Time last_due_ = Time::beginning();
  uint64_t frames_ = 0;
  LogHistogram too_late_;
};

}  // namespace violin
