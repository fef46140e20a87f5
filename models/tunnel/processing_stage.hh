#pragma once

#include <cstdint>

#include "core/drop_reason.hh"
#include "core/frame.hh"
#include "core/frame_sink.hh"
#include "core/scheduler.hh"
#include "models/tunnel/processing_cost.hh"

namespace violin {

// One processor that handles frames one after the other, in order, each for its cost; what waits is
// bounded, and the rest dropped as kQueueFull. What is handled leaves after the latency, in the
// same order, and is bounded likewise. A stage without any cost passes frames on at once.
class ProcessingStage final : public FrameSink, public TimerTarget {
 public:
  static constexpr uint32_t kQueueMax = 1000;
  static constexpr uint32_t kPipelineMax = 65'536;  // frames handled that are still in the latency

  ProcessingStage(Scheduler& scheduler, Entity& entity, ProcessingCost cost, FrameSink& next,
                  DropCounters& drops);
  void receive(Frame frame, Time now) override;
  void expire(Timer& timer, Time now) override;
  uint32_t held() const { return waiting_.size() + pipeline_.size(); }
  uint64_t received() const { return received_; }

 private:
  void handled(Frame frame, Time now);

  ProcessingCost cost_;
  FrameSink& next_;
  DropCounters& drops_;
  Timer processor_;      // when the first that waits is done
  Timer departure_;      // when the first in the pipeline leaves
  FrameQueue waiting_;   // stamped with when each is done
  FrameQueue pipeline_;  // stamped with when each leaves
  Time busy_until_ = Time::beginning();
  uint64_t received_ = 0;
};

}  // namespace violin
