#pragma once

#include "core/frame.hh"
#include "core/time.hh"

namespace violin {

// The one verb between all stages of a frame's way: wire, interface, switch port, tunnel end.
class FrameSink {
 public:
  // Takes the frame, which arrived whole at `now`. Whatever happens to it is counted, not thrown.
  virtual void receive(Frame frame, Time now) = 0;

 protected:
  ~FrameSink() = default;
};

}  // namespace violin
