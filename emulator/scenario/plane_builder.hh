#pragma once

#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "emulator/scenario/scenario.hh"
#include "emulator/scenario/scenario_index.hh"

// Appends the nodes and links of one plane to a scenario and gives names to what the file left
// unnamed:
//   interfaces  eth0, eth1 … in the order the links are added, leaving out numbers that the file
//               gives to another link of the node itself
//   links       "a--b" by the ends in the order written; further ones "a--b.2", "a--b.3" …

namespace violin {

// One end of a link before its interface exists.
struct EndRequest {
  int node = -1;
  std::string interface;  // empty: the next ethN
  std::vector<InterfaceAddress> addresses;
  Place at;
};

struct LinkRequest {
  std::string name;  // empty: by its ends
  std::array<EndRequest, 2> ends;
  WireSpec forward;  // from ends[0] to ends[1]
  WireSpec backward;
  OspfSpec ospf;
  Place at;
};

// What a link of a plane is without keys of its own: by the `defaults:` of the file, then those of
// the plane.
struct BaseLink {
  WireSpec wire;
  OspfSpec ospf;
  bool has_delay = false;  // whether the file says so
};

class PlaneBuilder {
 public:
  PlaneBuilder(Scenario& scenario, ScenarioIndex& index, std::string plane);

  const std::string& plane() const { return plane_; }
  // Appends the node and returns its index. Throws InputError when the name is taken.
  int add_node(NodeSpec node);
  // Throws InputError when both ends are one node or a name is taken.
  void add_link(LinkRequest request);
  // Names interfaces and links; to be called once, after the last link.
  void finish();

 private:
  std::string name_link(size_t link, std::unordered_map<std::string, int>& repeats);
  int add_interface(const EndRequest& end, int link);

  Scenario& scenario_;
  ScenarioIndex& index_;
  std::string plane_;
  size_t first_link_;
  std::vector<std::array<EndRequest, 2>> ends_;       // of scenario_.links from first_link_ on
  std::unordered_set<std::string> named_interfaces_;  // "node:interface" as the file gives them
  std::unordered_set<std::string> link_names_;
  std::unordered_map<int, int> next_number_;  // by node, of the next ethN
};

}  // namespace violin
