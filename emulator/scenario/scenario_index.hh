#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "emulator/scenario/scenario.hh"

// What the names in a scenario file refer to:
//   v1/h1  underlay/mit      a node;  v1/h1..h8 is a range of them
//   v1/h1:eth0               an interface
//   v1/last  v1/r1--h3       a link, by its name or by its ends in either order: both directions
//   v1/r1->h3                the direction from r1 to h3
// Between two nodes with several links, ends need their interface: v1/r1:eth1--h3:eth0. Look-ups
// are hashed; unknown names are InputErrors with the nearest known name.

namespace violin {

class ScenarioIndex {
 public:
  explicit ScenarioIndex(const Scenario& scenario) : scenario_(scenario) {}
  ScenarioIndex(const ScenarioIndex&) = delete;
  ScenarioIndex& operator=(const ScenarioIndex&) = delete;

  // Makes what was appended to the scenario since the last call known.
  void update();

  int find_node(std::string_view plane, std::string_view name) const;  // -1 when there is none
  int node(const Place& place, std::string_view plane, std::string_view name) const;

  // "v1/h1..h8" to indices.
  std::vector<int> nodes(const Place& place, std::string_view text) const;
  // "v1/h1:eth0"; the interface "" means every one. Ranges of nodes are allowed.
  std::vector<CaptureSpec> interfaces(const Place& place, std::string_view text) const;

  // True when `text` names a link rather than a node.
  bool is_link(std::string_view text) const;
  LinkTarget link(const Place& place, std::string_view text) const;

 private:
  struct End;

  std::string_view plane_of(const Place& place, std::string_view text) const;
  End end(const Place& place, std::string_view plane, std::string_view text) const;
  LinkTarget link_between(const Place& place, std::string_view text, const End& a,
                          const End& b) const;
  int find_link(std::string_view full_name) const;

  const Scenario& scenario_;
  std::unordered_map<std::string, int> nodes_;  // by full name; looked up, never iterated
  std::unordered_map<std::string, int> links_;
  size_t nodes_known_ = 0;
  size_t links_known_ = 0;
};

}  // namespace violin
