#include "models/tunnel/processing_stage.hh"

#include <gtest/gtest.h>

#include <array>

#include "core/pacer.hh"
#include "tests/support/frame_log.hh"

namespace violin {
namespace {

using namespace literals;
using testing::FrameLog;
using testing::number_of;
using testing::numbered_frame;

class ProcessingStageTest : public ::testing::Test {
 protected:
  ProcessingStageTest() { run_to(0_ms); }
  void run_to(Duration at) { scheduler_.run_until(Time::zero() + at, warp_); }
  void give(ProcessingStage& stage, uint32_t number, uint32_t size) {
    stage.receive(numbered_frame(pools_, number, size), scheduler_.now());
  }

  BufferPools pools_;
  Scheduler scheduler_;
  Warp warp_;
  Entity entity_{"stage"};
  FrameLog log_;
  DropCounters drops_;
};

TEST_F(ProcessingStageTest, WithoutCostAFramePassesAtOnce) {
  ProcessingStage stage(scheduler_, entity_, {}, log_, drops_);
  give(stage, 1, 100);
  EXPECT_EQ(log_.count(), 1u);
  EXPECT_EQ(stage.held(), 0u);
}

TEST_F(ProcessingStageTest, HandlesOneFrameAfterTheOtherEachForItsCost) {
  ProcessingStage stage(scheduler_, entity_, {.per_frame = 10_us, .per_kibibyte = 4_us}, log_,
                        drops_);
  give(stage, 1, 1024);
  give(stage, 2, 512);
  run_to(1_ms);
  give(stage, 3, 256);
  run_to(2_ms);
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{14'000, 26'000, 1'011'000}));
  EXPECT_EQ(number_of(log_.arrivals()[1].frame), 2u);
}

TEST_F(ProcessingStageTest, HoldsAThousandFramesAndDropsTheNextByName) {
  ProcessingStage stage(scheduler_, entity_, {.per_frame = 1_us}, log_, drops_);
  for (uint32_t i = 0; i < ProcessingStage::kQueueMax + 2; ++i) give(stage, i, 60);
  EXPECT_EQ(stage.held(), ProcessingStage::kQueueMax);
  EXPECT_EQ(drops_.of(DropReason::kQueueFull), 2u);
  run_to(1_s);
  EXPECT_EQ(log_.count(), ProcessingStage::kQueueMax);
  EXPECT_EQ(stage.received(), log_.count() + drops_.total() + stage.held());
}

TEST_F(ProcessingStageTest, TheLatencyDelaysEveryFrameAndKeepsNoneWaiting) {
  ProcessingStage stage(scheduler_, entity_,
                        {.per_frame = 10_us, .per_kibibyte = 4_us, .latency = 50_us}, log_, drops_);
  give(stage, 1, 1024);
  give(stage, 2, 512);
  run_to(20_us);
  EXPECT_EQ(stage.held(), 2u);  // one in the latency, one with the processor
  give(stage, 3, 256);
  run_to(1_ms);
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{64'000, 76'000, 87'000}));
  for (uint32_t i = 0; i < 3; ++i) EXPECT_EQ(number_of(log_.arrivals()[i].frame), i + 1);
  EXPECT_EQ(stage.held(), 0u);
}

TEST_F(ProcessingStageTest, LatencyAloneLetsFramesLeaveTogether) {
  ProcessingStage stage(scheduler_, entity_, {.latency = 50_us}, log_, drops_);
  give(stage, 1, 1024);
  give(stage, 2, 60);
  run_to(1_ms);
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{50'000, 50'000}));
  EXPECT_EQ(number_of(log_.arrivals()[1].frame), 2u);
}

TEST_F(ProcessingStageTest, BoundsWhatIsInTheLatencyAndDropsTheRestByName) {
  ProcessingStage stage(scheduler_, entity_, {.latency = 1_ms}, log_, drops_);
  for (uint32_t i = 0; i < ProcessingStage::kPipelineMax + 2; ++i) give(stage, i, 60);
  EXPECT_EQ(stage.held(), ProcessingStage::kPipelineMax);
  EXPECT_EQ(drops_.of(DropReason::kQueueFull), 2u);
  run_to(1_s);
  EXPECT_EQ(log_.count(), ProcessingStage::kPipelineMax);
  EXPECT_EQ(stage.received(), log_.count() + drops_.total() + stage.held());
}

// A sink that gives its stage another frame before it returns.
TEST_F(ProcessingStageTest, AFrameThatComesWhileOneIsHandedOnWaitsItsTurn) {
  class Again final : public FrameSink {
   public:
    Again(BufferPools& pools, FrameLog& log) : pools_(pools), log_(log) {}
    void receive(Frame frame, Time now) override {
      const bool first = log_.count() == 0;
      log_.receive(std::move(frame), now);
      if (first) stage->receive(numbered_frame(pools_, 9, 60), now);
    }
    ProcessingStage* stage = nullptr;

   private:
    BufferPools& pools_;
    FrameLog& log_;
  } again(pools_, log_);
  ProcessingStage stage(scheduler_, entity_, {.per_frame = 5_us}, again, drops_);
  again.stage = &stage;
  give(stage, 1, 60);
  give(stage, 2, 60);
  run_to(1_ms);
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{5'000, 10'000, 15'000}));
  EXPECT_EQ(number_of(log_.arrivals()[2].frame), 9u);
}

}  // namespace
}  // namespace violin
