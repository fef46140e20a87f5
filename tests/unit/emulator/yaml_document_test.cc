#include "emulator/scenario/yaml_document.hh"

#include <gtest/gtest.h>

#include <string>

#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/yaml_scalar.hh"

namespace violin {
namespace {

std::string error_of(const std::string& text) {
  try {
    parse_yaml(text, "f.yaml");
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(YamlDocument, KnowsThePlaceOfEveryKeyAndValue) {
  const YamlPointer root = parse_yaml("a: 1\nb:\n  - x\n  - {c: y}\n", "f.yaml");
  EXPECT_EQ(to_string(root->find("a")->place), "f.yaml:1:4");
  EXPECT_EQ(to_string(root->entries[1].key_place), "f.yaml:2:1");
  const YamlValue& map = *root->find("b")->items[1];
  EXPECT_EQ(to_string(map.find("c")->place), "f.yaml:4:9");
}

TEST(YamlDocument, RefusesAKeyThatStandsTwice) {
  EXPECT_EQ(error_of("a: 1\nb: 2\na: 3\n"), "f.yaml:3:1: the key stands twice in this map: a");
}

TEST(YamlDocument, MergesMapsWithTheOwnKeysFirst) {
  const YamlPointer root = parse_yaml(
      "x-a: &a {k: 1, m: 1}\nx-b: &b {k: 2, n: 2}\nv: {<<: [*a, *b], m: 3}\nw: {<<: *b}\n", "f");
  const YamlValue& v = *root->find("v");
  EXPECT_EQ(v.find("k")->text, "1");
  EXPECT_EQ(v.find("m")->text, "3");
  EXPECT_EQ(v.find("n")->text, "2");
  EXPECT_EQ(v.find("<<"), nullptr);
  EXPECT_EQ(v.entries.size(), 3U) << "each key once";
  EXPECT_EQ(root->find("w")->find("k")->text, "2");
}

TEST(YamlDocument, RefusesToMergeWhatIsNoMap) {
  EXPECT_EQ(error_of("a: {<<: 5}\n"), "f.yaml:1:5: << takes a map or a list of maps");
}

TEST(YamlDocument, LeavesOutKeysForExtensions) {
  const YamlPointer root = parse_yaml("x-note: {a: 1}\nb: {x-c: 1, d: 2}\n", "f");
  EXPECT_EQ(root->entries.size(), 1U);
  EXPECT_EQ(root->find("b")->entries.size(), 1U);
}

TEST(YamlDocument, SaysWhereTextIsNotYaml) {
  EXPECT_EQ(error_of("a: [1, 2\n").substr(0, 9), "f.yaml:2:");
  EXPECT_EQ(error_of(""), "f.yaml:1:1: the file is empty");
  EXPECT_EQ(error_of("a: 1\n---\nb: 1\n"),
            "f.yaml:1:1: the file holds more than one YAML document");
  EXPECT_EQ(error_of("[a]: 1\n"), "f.yaml:1:1: a key must be plain text, not a list or a map");
}

TEST(YamlDocument, RefusesDeepNesting) {
  EXPECT_NE(error_of("a: " + std::string(65, '[') + std::string(65, ']') + "\n")
                .find("more than 64 levels"),
            std::string::npos);
  EXPECT_EQ(error_of("a: " + std::string(60, '[') + std::string(60, ']') + "\n"), "no error");
}

TEST(YamlDocument, RefusesAliasesThatExpandWithoutBound) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string name = "a" + std::to_string(i), below = "*a" + std::to_string(i - 1);
    text += name + ": &" + name + " [" + below;
    for (int j = 0; j < 9; ++j) text += ", " + below;
    text += "]\n";
  }
  EXPECT_NE(error_of(text).find("aliases expand"), std::string::npos) << error_of(text);
}

TEST(YamlDocument, RefusesAnAliasOfTheValueAroundIt) {
  EXPECT_NE(error_of("a: &a [*a]\n").find("inside the value"), std::string::npos);
}

TEST(YamlDocument, WritesScalarsThatReadBackTheSame) {
  for (const std::string text :
       {"plain", "two words", "",           " ",           "null",        "~",     "true",
        "No",    "a: b",      "a #b",       "- x",         "*a",          "&a",    "[x",
        "{x}",   "\"q\"",     "'q'",        "back\\slash", "line\nbreak", "tab\t", "10 ms",
        "x ",    "\x7f",      "v1/h1:eth0", "a->b",        "100 %",       "%x",    "@x",
        "`x",    "|",         ">",          "!x",          "?",           "<<",    "é",
        "=",     "a,b",       "---",        "...",         "x-y",         "-5 ms", "$x"}) {
    const YamlPointer root = parse_yaml("k: " + yaml_scalar(text) + "\n", "f");
    const YamlPointer in_list = parse_yaml("[" + yaml_scalar(text) + ", 1]\n", "f");
    ASSERT_TRUE(root->find("k")->is_scalar()) << text;
    EXPECT_EQ(root->find("k")->text, text);
    ASSERT_EQ(in_list->items.size(), 2U) << text;
    EXPECT_EQ(in_list->items[0]->text, text);
  }
}

}  // namespace
}  // namespace violin
