#include "emulator/scenario/near_miss.hh"

#include <gtest/gtest.h>

namespace violin {
namespace {

TEST(NearMiss, FindsSlipsOfTheFinger) {
  const std::vector<std::string> keys = {"rate", "delay", "jitter", "loss"};
  EXPECT_EQ(nearest_word("dealy", keys), "delay");
  EXPECT_EQ(nearest_word("delayy", keys), "delay");
  EXPECT_EQ(nearest_word("dlay", keys), "delay");
  EXPECT_EQ(nearest_word("Rate", keys), "rate");
  EXPECT_EQ(nearest_word("gitter", keys), "jitter");
}

TEST(NearMiss, StaysSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest_word("colour", {"rate", "delay"}), "");
  EXPECT_EQ(nearest_word("x", {"y"}), "");
  EXPECT_EQ(nearest_word("", {"rate"}), "");
}

}  // namespace
}  // namespace violin
