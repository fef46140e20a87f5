#include "emulator/command/text_layout.hh"

#include <gtest/gtest.h>

namespace violin {
namespace {

TEST(TextLayout, CountsCharactersNotBytes) {
  EXPECT_EQ(text_width("a→b"), 3u);
  EXPECT_EQ(padded("─→", 4), "─→  ");
  EXPECT_EQ(padded("long", 2), "long");
}

TEST(TextLayout, WrapsAtSpacesUnderTheFirstWord) {
  EXPECT_EQ(wrapped("to: ", "one two three", 11), "to: one two\n    three\n");
  EXPECT_EQ(wrapped("", "muchtoolongaword here", 5), "muchtoolongaword\nhere\n");
  EXPECT_EQ(wrapped("x ", "", 5), "x \n");
}

TEST(TextTable, AlignsColumnsAndLeavesOutEmptyOnes) {
  TextTable table({"name", "note", "rate"});
  table.add({"a", "", "1 Mbit/s"});
  table.add({"longer", "", "2 Gbit/s"});
  EXPECT_EQ(table.text(2),
            "  name    rate\n"
            "  a       1 Mbit/s\n"
            "  longer  2 Gbit/s\n");
}

TEST(TextTable, WrapsTheLastColumnUnderItself) {
  TextTable table({});
  const std::string word(30, 'w');
  table.add({"key", word + " " + word + " " + word + " " + word});
  EXPECT_EQ(table.text(0), "key  " + word + " " + word + " " + word + "\n     " + word + "\n");
}

TEST(TextTable, LeavesNoSpacesAtTheEndOfARow) {
  TextTable table({});
  table.add({"a", "b"});
  table.add({"c"});
  EXPECT_EQ(table.text(0), "a  b\nc\n");
}

}  // namespace
}  // namespace violin
