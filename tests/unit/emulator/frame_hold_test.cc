#include "emulator/tunnel/frame_hold.hh"

#include <gtest/gtest.h>

#include <array>

#include "core/pacer.hh"
#include "tests/support/frame_log.hh"

namespace violin {
namespace {

using namespace literals;
using testing::FrameLog;
using testing::numbered_frame;

class FrameHoldTest : public ::testing::Test {
 protected:
  FrameHoldTest() {
    std::array<Entity*, 1> entities{&hold_.entity()};
    assign_ranks(entities, 1);
  }
  // A frame that arrives at `now` and is due at `due`.
  void arrive(uint32_t number, Duration due, Duration now) {
    scheduler_.run_until(Time::zero() + now, warp_);
    hold_.take(numbered_frame(pools_, number, 100), Time::zero() + due, Time::zero() + now);
  }
  void finish() { scheduler_.run_until(Time::zero() + 1000_s, warp_); }

  BufferPools pools_;
  Scheduler scheduler_;
  Warp warp_;
  FrameLog log_;
  FrameHold hold_{scheduler_, "hold", log_};
};

TEST_F(FrameHoldTest, KeepsAFrameUntilItIsDue) {
  arrive(1, 20_ms, 3_ms);
  EXPECT_EQ(hold_.held(), 1u);
  finish();
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{20'000'000}));
  EXPECT_EQ(hold_.too_late().count(), 0u);
}

TEST_F(FrameHoldTest, PassesAFrameThatComesTooLateAtOnceAndSaysByHowMuch) {
  arrive(1, 20_ms, 23_ms);
  finish();
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{23'000'000}));
  EXPECT_EQ(hold_.too_late().count(), 1u);
  EXPECT_EQ(hold_.too_late().max(), 3_ms);
}

TEST_F(FrameHoldTest, LetsNoFrameOvertakeAnother) {
  arrive(1, 20_ms, 3_ms);
  arrive(2, 10_ms, 4_ms);
  finish();
  EXPECT_EQ(testing::numbers_of(log_), (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{20'000'000, 20'000'000}));
}

TEST_F(FrameHoldTest, HoldsNothingForEverWhateverItSays) {
  arrive(1, 900_s, 1_s);
  finish();
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{61'000'000'000}));
}

}  // namespace
}  // namespace violin
