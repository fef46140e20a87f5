#pragma once

#include <cstdint>
#include <utility>

#include "core/frame.hh"
#include "core/time.hh"
#include "core/units.hh"
#include "models/queue/queue_discipline.hh"

namespace violin {

// Frames in order of arrival with the count of their bytes: what every queue discipline is built
// on. It has no limit of its own; its discipline sees to that.
class Fifo {
 public:
  bool empty() const { return frames_.empty(); }
  uint32_t packets() const { return frames_.size(); }
  Bytes bytes() const { return bytes_; }
  // How long the frame popped last had waited.
  Duration last_sojourn() const { return last_sojourn_; }
  // When the first frame came in; there must be one.
  Time front_arrival() const { return frames_.front_stamp(); }

  void push(Frame frame, Time now) {
    bytes_ += Bytes(frame.size());
    frames_.push_back(std::move(frame), now);
  }
  // The first frame; an empty handle when there is none.
  Frame pop(Time now) {
    if (frames_.empty()) return {};
    last_sojourn_ = now - frames_.front_stamp();
    Frame frame = frames_.pop_front();
    bytes_ -= Bytes(frame.size());
    return frame;
  }
  void flush(DropReason reason, Time now, QueueEvents& events) {
    while (!frames_.empty()) events.queue_dropped(pop(now), reason, now);
  }

 private:
  FrameQueue frames_;
  Bytes bytes_;
  Duration last_sojourn_;
};

}  // namespace violin
