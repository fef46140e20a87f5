#include "emulator/command/arguments.hh"

#include <gtest/gtest.h>

#include <sstream>

#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

CommandSpec spec() {
  CommandSpec spec;
  spec.purpose = "Does something.";
  spec.usage = "FILE [options]";
  spec.operands = {{"FILE", 1, 1}, {"N", 0, 1}};
  spec.options = scenario_options();
  spec.options.push_back({.name = "jobs,j", .value = "N", .explanation = "at a time"});
  spec.options.push_back({.name = "format", .value = "FORMAT", .explanation = "table or csv"});
  spec.options.push_back({.name = "single", .explanation = "no sweep"});
  spec.options.push_back({.name = "quiet", .explanation = "say nothing"});
  return spec;
}

Arguments parse(const std::vector<std::string>& words) {
  std::ostringstream help;
  const std::optional<Arguments> arguments =
      parse_arguments({"violin", "check", words}, spec(), help);
  EXPECT_EQ(help.str(), "");
  return arguments.value();
}

std::string error_of(const std::vector<std::string>& words) {
  try {
    parse(words);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Arguments, ReadsOptionsInEveryFormAndOperandsBetweenThem) {
  const Arguments arguments =
      parse({"--format=csv", "a.yaml", "-j4", "--quiet", "--set", "a=1", "3", "--set=b=x=y"});
  EXPECT_EQ(arguments.operands(), (std::vector<std::string>{"a.yaml", "3"}));
  EXPECT_EQ(arguments.value("format"), "csv");
  EXPECT_EQ(arguments.number("jobs", {1, 8}), 4u);
  EXPECT_TRUE(arguments.has("quiet"));
  EXPECT_FALSE(arguments.has("seed"));
  EXPECT_EQ(arguments.values("set"), (std::vector<std::string>{"a=1", "b=x=y"}));
}

TEST(Arguments, TakeEverythingBehindTwoDashesAsOperands) {
  EXPECT_EQ(parse({"--", "--quiet"}).operands(), std::vector<std::string>{"--quiet"});
  EXPECT_EQ(parse({"--", "--help"}).operands(), std::vector<std::string>{"--help"});
}

TEST(Arguments, NameTheUnknownOptionAndTheOneThatWasProbablyMeant) {
  EXPECT_EQ(error_of({"a.yaml", "--quite"}),
            "check: no such option: --quite; did you mean --quiet? "
            "(violin check --help says more)");
  EXPECT_EQ(error_of({"a.yaml", "--colour"}),
            "check: no such option: --colour; allowed: --set, --seed, --calibration, --jobs, "
            "--format, --single, "
            "--quiet "
            "(violin check --help says more)");
  EXPECT_NE(error_of({"a.yaml", "-z"}).find("no such option: -z"), std::string::npos);
}

TEST(Arguments, DoNotTakeTheBeginningOfAnOptionForTheOption) {
  EXPECT_NE(error_of({"a.yaml", "--form", "csv"}).find("did you mean --format?"),
            std::string::npos);
}

TEST(Arguments, RefuseMissingAndSuperfluousValues) {
  EXPECT_NE(error_of({"a.yaml", "--format"}).find("--format needs a value: FORMAT"),
            std::string::npos);
  EXPECT_NE(error_of({"a.yaml", "--format="}).find("--format"), std::string::npos);
  EXPECT_NE(error_of({"a.yaml", "--quiet=yes"}).find("--quiet takes no value"), std::string::npos);
  EXPECT_NE(error_of({"a.yaml", "--seed", "1", "--seed", "2"}).find("--seed stands twice"),
            std::string::npos);
}

TEST(Arguments, RefuseTooFewAndTooManyOperands) {
  EXPECT_NE(error_of({}).find("check: FILE is missing"), std::string::npos);
  EXPECT_NE(error_of({"a", "1", "surplus"}).find("one too many: surplus"), std::string::npos);
}

TEST(Arguments, RefuseNumbersAndWordsThatAreNotPossible) {
  EXPECT_THROW(parse({"a", "-j", "0"}).number("jobs", {1, 8}), InputError);
  EXPECT_THROW(parse({"a", "-j", "9"}).number("jobs", {1, 8}), InputError);
  EXPECT_THROW(parse({"a", "-j", "two"}).number("jobs", {1, 8}), InputError);
  EXPECT_THROW(parse({"a", "--format", "cvs"}).word("format", {"table", "csv"}), InputError);
}

TEST(Arguments, PrintTheHelpInsteadWhereverItIsAskedFor) {
  for (const char* help_word : {"-h", "--help"}) {
    std::ostringstream help;
    EXPECT_FALSE(parse_arguments({"violin", "check", {"--wrong", help_word}}, spec(), help));
    EXPECT_NE(help.str().find("violin check FILE [options]"), std::string::npos);
    EXPECT_NE(help.str().find("-j, --jobs N "), std::string::npos);
    EXPECT_NE(help.str().find("    --quiet  "), std::string::npos);
  }
}

TEST(Arguments, ReadSettingsAndTheSeed) {
  const Overrides overrides =
      read_overrides(parse({"a", "--set", "crypt=none", "--set", "empty=", "--seed", "7"}));
  EXPECT_EQ(overrides.params,
            (std::map<std::string, std::string>{{"crypt", "none"}, {"empty", ""}}));
  EXPECT_EQ(overrides.seed, 7u);
  EXPECT_FALSE(read_overrides(parse({"a"})).seed);
  EXPECT_FALSE(read_overrides(parse({"a"})).is_single);
  EXPECT_TRUE(read_overrides(parse({"a", "--single"})).is_single);
}

TEST(Arguments, RefuseSettingsWithoutNameAndTheSameTwice) {
  EXPECT_THROW(read_overrides(parse({"a", "--set", "crypt"})), InputError);
  EXPECT_THROW(read_overrides(parse({"a", "--set", "=1"})), InputError);
  EXPECT_THROW(read_overrides(parse({"a", "--set", "a b=1"})), InputError);
  EXPECT_THROW(read_overrides(parse({"a", "--set", "a=1", "--set", "a=2"})), InputError);
  EXPECT_THROW(read_overrides(parse({"a", "--seed", "-1"})), InputError);
}

}  // namespace
}  // namespace violin
