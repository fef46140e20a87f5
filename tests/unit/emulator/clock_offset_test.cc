#include "emulator/deployment/clock_offset.hh"

#include <gtest/gtest.h>

namespace violin {
namespace {

using namespace literals;

TEST(ClockOffset, IsThatOfTheShortestRoundTripGiveOrTakeHalfOfIt) {
  // Theirs is 1'000'000 ahead; the second question was answered soonest.
  const ClockOffset offset =
      best_offset({{100, 1'000'900, 1'000}, {2'000, 1'002'100, 2'200}, {3'000, 1'003'010, 3'900}});
  EXPECT_EQ(offset.ahead, Duration::nanoseconds(1'000'000));
  EXPECT_EQ(offset.error, Duration::nanoseconds(101));
}

TEST(ClockOffset, IsWithinItsErrorWheneverTheAnswerWasGiven) {
  for (int64_t ahead : {-5'000'000, 0, 70}) {
    for (int64_t answered = 1'000; answered <= 1'351; answered += 27) {
      const ClockOffset offset = best_offset({{1'000, answered + ahead, 1'351}});
      EXPECT_LE(offset.ahead - offset.error, Duration::nanoseconds(ahead));
      EXPECT_GE(offset.ahead + offset.error, Duration::nanoseconds(ahead));
    }
  }
}

TEST(ClockOffset, ErrsByWhatItWasMeasuredToAndByWhatItDriftedSince) {
  const ClockOffset then{10_ms, 50_us};
  EXPECT_EQ(largest_error(then, {10_ms, 20_us}), 50_us);
  EXPECT_EQ(largest_error(then, {10_ms + 40_us, 20_us}), 60_us);
  EXPECT_EQ(largest_error(then, {10_ms - 40_us, 20_us}), 60_us);
  EXPECT_EQ(largest_error({}, {}), Duration()) << "one clock";
}

}  // namespace
}  // namespace violin
