#pragma once

#include <sstream>
#include <string>

#include "emulator/scenario/scenario_reader.hh"
#include "emulator/scenario/scenario_writer.hh"

// Scenarios as text in tests: what they read as, and what is said of them when they are wrong.

namespace violin::test {

inline ScenarioSource source_of(const std::string& text) {
  return {text, "test.yaml", std::string(VIOLIN_SOURCE_DIR) + "/tests/support/data"};
}

inline Scenario read(const std::string& text, const ScenarioOptions& options = {}) {
  return read_scenario(source_of(text), options);
}

// The message of the InputError that reading ends with, or "no error".
inline std::string error_of(const std::string& text, const ScenarioOptions& options = {}) {
  try {
    read(text, options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

// The top of every scenario; four lines, so that what a test adds begins at line 5.
inline std::string with_head(const std::string& rest) {
  return "violin: 1\nname: test\nduration: 10 s\n\n" + rest;
}

// One violin v1 with the hosts h1 and h2 at the ends of a link "l", then `rest` from line 9 on.
inline std::string two_hosts(const std::string& rest, const std::string& link_keys = "") {
  return with_head(
             "violins:\n  v1:\n    nodes: {h1..h2: {kind: host}}\n"
             "    links: [{name: l, endpoints: [h1, h2]" +
             link_keys + "}]\n") +
         rest;
}

// The wire from h1 to h2 when the link has these keys.
inline WireSpec wire_of(const std::string& link_keys) {
  return read(two_hosts("", ", " + link_keys)).links.at(0).a_to_b;
}

inline std::string wire_error(const std::string& link_keys) {
  return error_of(two_hosts("", ", " + link_keys));
}

inline std::string written(const Scenario& scenario) {
  std::ostringstream text;
  write_scenario(scenario, text);
  return text.str();
}

// Does `text` contain `part`? Prints both when it does not.
inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace violin::test

#define EXPECT_CONTAINS(text, part) \
  EXPECT_PRED2(::violin::test::contains, std::string(text), std::string(part))
