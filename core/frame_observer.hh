#pragma once

#include "core/frame.hh"
#include "core/time.hh"

namespace violin {

// Someone who looks at frames that pass a named point, and neither changes nor keeps them: a
// capture, a test. A point without an observer costs one branch per frame.
class FrameObserver {
 public:
  // `outgoing` is seen from the interface: true for a frame that leaves the node.
  virtual void observe(const Frame& frame, Time now, bool outgoing) = 0;

 protected:
  ~FrameObserver() = default;
};

}  // namespace violin
