#include "emulator/realtime/lingering.hh"

#include <gtest/gtest.h>

namespace violin {
namespace {

using namespace literals;

// Inputs of `frames` each, `gap` apart, for a while; when the last one was.
Time feed(Lingering& lingering, Duration gap, size_t frames, Time from, int64_t switches = 0) {
  for (int i = 0; i < 100; ++i) {
    from += gap;
    lingering.learn(frames, switches, from);
  }
  return from;
}

TEST(Lingering, LooksOnWhereInputsFollowEachOther) {
  Lingering lingering;
  const Time last = feed(lingering, 50_us, 1, Time::zero());
  EXPECT_TRUE(lingering.looks_on(last + 199_us));
  EXPECT_FALSE(lingering.looks_on(last + Lingering::kMax));
}

TEST(Lingering, SleepsWhereInputsAreRare) {
  Lingering lingering;
  const Time last = feed(lingering, 5_ms, 1, Time::zero());
  EXPECT_FALSE(lingering.looks_on(last + 1_us));
}

TEST(Lingering, SleepsWhereFramesAreSoDenseThatTheyShouldGather) {
  Lingering lingering;
  Time last = feed(lingering, 5_us, 1, Time::zero());
  EXPECT_FALSE(lingering.looks_on(last + 1_us));
  // As dense, but by many at a time.
  last = feed(lingering, 100_us, 64, last);
  EXPECT_FALSE(lingering.looks_on(last + 1_us));
  last = feed(lingering, 30_us, 1, last);
  EXPECT_TRUE(lingering.looks_on(last + 1_us));
}

TEST(Lingering, GivesWayForAWhileWhenSomebodyElseWantsTheProcessor) {
  Lingering lingering;
  Time last = feed(lingering, 50_us, 1, Time::zero(), 3);
  lingering.learn(1, 4, last += 50_us);
  EXPECT_FALSE(lingering.looks_on(last + 1_us));
  last = feed(lingering, 100_us, 1, last, 4);
  EXPECT_FALSE(lingering.looks_on(last + 1_us)) << "10 ms later";
  last = feed(lingering, 150_us, 1, last, 4);
  EXPECT_TRUE(lingering.looks_on(last + 1_us)) << "25 ms later";
}

}  // namespace
}  // namespace violin
