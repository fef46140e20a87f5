#include "emulator/realtime/data_plane.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace violin {
namespace {

TEST(DataPlane, EachTechniqueCanBeSwitchedOffByItsName) {
  std::set<std::array<bool, 5>> seen;
  for (const std::string& name : DataPlane::names()) {
    DataPlane plane;
    EXPECT_TRUE(plane.switch_off(name)) << name;
    const std::array<bool, 5> on = {plane.linger, plane.super_frames, plane.gather, plane.segment,
                                    plane.join};
    EXPECT_EQ(std::count(on.begin(), on.end(), false), 1) << name;
    seen.insert(on);
  }
  EXPECT_EQ(seen.size(), 5u);
}

TEST(DataPlane, KnowsNoOtherName) {
  DataPlane plane;
  EXPECT_FALSE(plane.switch_off("gro"));
  EXPECT_FALSE(plane.switch_off(""));
}

}  // namespace
}  // namespace violin
