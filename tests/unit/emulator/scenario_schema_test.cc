#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "emulator/scenario/plane_links.hh"
#include "emulator/scenario/scenario_link.hh"
#include "emulator/scenario/scenario_reader.hh"
#include "emulator/scenario/scenario_topology.hh"

// scenario.schema.json is written by hand for editors; here it is held against the reader.

namespace violin {
namespace {

nlohmann::json schema() {
  std::ifstream input(std::string(VIOLIN_SOURCE_DIR) + "/emulator/scenario/scenario.schema.json");
  return nlohmann::json::parse(input);
}

std::vector<std::string> properties(const nlohmann::json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.at("properties").items()) keys.push_back(key);
  return keys;  // nlohmann sorts them
}

std::vector<std::string> sorted(std::vector<std::string> keys) {
  std::sort(keys.begin(), keys.end());
  return keys;
}

TEST(ScenarioSchema, HasTheKeysThatTheReaderAccepts) {
  const nlohmann::json all = schema();
  EXPECT_EQ(properties(all), sorted(scenario_keys()));
  const nlohmann::json& parts = all.at("definitions");
  EXPECT_EQ(properties(parts.at("underlay")), sorted(plane_keys(true)));
  EXPECT_EQ(properties(parts.at("violin")), sorted(plane_keys(false)));
  EXPECT_EQ(properties(parts.at("node")), sorted(node_keys()));
  EXPECT_EQ(properties(parts.at("wire")), sorted(wire_keys()));
  std::vector<std::string> link = wire_keys();
  for (const std::string& key : link_only_keys()) link.push_back(key);
  EXPECT_EQ(properties(parts.at("link")), sorted(link));
}

TEST(ScenarioSchema, RefersOnlyToPartsThatExist) {
  const nlohmann::json all = schema();
  const nlohmann::json flat = all.flatten();
  for (const auto& [path, value] : flat.items()) {
    if (!path.ends_with("/$ref")) continue;
    const std::string target = value.get<std::string>().substr(1);
    EXPECT_TRUE(all.contains(nlohmann::json::json_pointer(target))) << path << " to " << target;
  }
}

}  // namespace
}  // namespace violin
