#include "models/tunnel/replay_window.hh"

#include <gtest/gtest.h>

#include <limits>

namespace violin {
namespace {

constexpr uint64_t kSize = ReplayWindow::kSize;
constexpr uint64_t kLast = std::numeric_limits<uint64_t>::max();

TEST(ReplayWindow, AcceptsEachCounterOnceInWhateverOrder) {
  ReplayWindow window;
  for (const uint64_t counter : {5u, 3u, 4u, 0u, 9u}) EXPECT_TRUE(window.accept(counter));
  for (const uint64_t counter : {5u, 3u, 4u, 0u, 9u}) EXPECT_FALSE(window.accept(counter));
  EXPECT_TRUE(window.accept(1));
}

TEST(ReplayWindow, AcceptsWhatIsLessThanItsSizeBehindAndNothingOlder) {
  ReplayWindow window;
  EXPECT_TRUE(window.accept(2 * kSize));
  EXPECT_TRUE(window.accept(kSize + 1));
  EXPECT_FALSE(window.accept(kSize));
  EXPECT_FALSE(window.accept(0));
}

TEST(ReplayWindow, ForgetsWhatTheWindowMovedPast) {
  ReplayWindow window;
  for (uint64_t counter = 0; counter < kSize; ++counter) EXPECT_TRUE(window.accept(counter));
  // The same places of the ring, one round later.
  EXPECT_TRUE(window.accept(kSize + 10));
  for (uint64_t counter = kSize; counter < kSize + 10; ++counter) {
    EXPECT_TRUE(window.accept(counter)) << counter;
    EXPECT_FALSE(window.accept(counter)) << counter;
  }
  EXPECT_FALSE(window.accept(11)) << "still in the window, and seen";
}

TEST(ReplayWindow, AJumpOfMoreThanItsSizeEmptiesIt) {
  ReplayWindow window;
  EXPECT_TRUE(window.accept(7));
  EXPECT_TRUE(window.accept(7 + 5 * kSize));
  EXPECT_TRUE(window.accept(7 + 4 * kSize + 1));
  EXPECT_FALSE(window.accept(7 + 5 * kSize));
}

// A forged counter costs one step, not 2^64 of them, and does not wrap the window round.
TEST(ReplayWindow, TakesTheHighestCounterFirstLastAndTwice) {
  ReplayWindow first;
  EXPECT_TRUE(first.accept(kLast));
  EXPECT_FALSE(first.accept(kLast));
  EXPECT_FALSE(first.accept(0));
  EXPECT_TRUE(first.accept(kLast - 1));
  ReplayWindow later;
  EXPECT_TRUE(later.accept(1));
  EXPECT_TRUE(later.accept(kLast));
  EXPECT_FALSE(later.accept(kLast));
  EXPECT_FALSE(later.accept(1));
}

}  // namespace
}  // namespace violin
