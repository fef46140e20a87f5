#include "emulator/scenario/name_range.hh"

#include <gtest/gtest.h>

#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

using Names = std::vector<std::string>;

TEST(NameRange, ExpandsToEveryNumberOfTheRange) {
  EXPECT_EQ(expand_names({}, "a node", "h9..h11"), (Names{"h9", "h10", "h11"}));
  EXPECT_EQ(expand_names({}, "a node", "h08..h10"), (Names{"h08", "h09", "h10"}));
  EXPECT_EQ(expand_names({}, "a node", "rack1-h1..rack1-h2"), (Names{"rack1-h1", "rack1-h2"}));
  EXPECT_EQ(expand_names({}, "a node", "h1"), (Names{"h1"}));
}

TEST(NameRange, RefusesWhatIsNoRange) {
  for (const char* text : {"h1..", "..h2", "h1..r2", "h3..h2", "h1..8", "h1..h2..h3", "1..2",
                           "h01..h2", "h1..h1000001", "h..h2"}) {
    EXPECT_THROW(expand_names({}, "a node", text), InputError) << text;
  }
}

TEST(NameRange, RefusesNamesThatCollideWithTheNotation) {
  for (const char* text : {"", "1h", "a--b", "a..b", "a b", "a:b", "a/b", "_a", "a>b", "é"}) {
    EXPECT_FALSE(is_name(text)) << text;
  }
  for (const char* text : {"a", "New_York", "h1.eth0", "a-b", "A9"}) EXPECT_TRUE(is_name(text));
}

TEST(NameRange, PairsEqualLengthsAndFansOutASingleEnd) {
  EXPECT_EQ(pair_count({}, 3, 3), 3U);
  EXPECT_EQ(pair_count({}, 1, 3), 3U);
  EXPECT_EQ(pair_count({}, 3, 1), 3U);
  EXPECT_THROW(pair_count({}, 2, 3), InputError);
}

}  // namespace
}  // namespace violin
