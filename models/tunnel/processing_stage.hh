#pragma once

#include <cstdint>

#include "core/drop_reason.hh"
#include "core/frame.hh"
#include "core/frame_sink.hh"
#include "core/scheduler.hh"
#include "core/units.hh"

namespace violin {

// What handling one frame costs a processor: `per_frame` plus `per_kibibyte` of its length.
struct ProcessingCost {
  Duration per_frame;
  Duration per_kibibyte;
  Duration of(uint32_t bytes) const {
    return per_frame + Duration::nanoseconds(per_kibibyte.ns() * bytes / 1024);
  }
  bool operator==(const ProcessingCost&) const = default;
};

// One processor that handles frames one after the other, in order, each for its cost; what waits is
// bounded, and the rest dropped as kQueueFull. A stage without cost passes frames on at once.
class ProcessingStage final : public FrameSink, public TimerTarget {
 public:
  static constexpr uint32_t kQueueMax = 1000;

  ProcessingStage(Scheduler& scheduler, Entity& entity, ProcessingCost cost, FrameSink& next,
                  DropCounters& drops);
  void receive(Frame frame, Time now) override;
  void expire(Timer& timer, Time now) override;
  uint32_t held() const { return waiting_.size(); }
  uint64_t received() const { return received_; }

 private:
  ProcessingCost cost_;
  FrameSink& next_;
  DropCounters& drops_;
  Timer timer_;
  FrameQueue waiting_;  // stamped with when each is done
  Time busy_until_ = Time::beginning();
  uint64_t received_ = 0;
};

}  // namespace violin
