#pragma once

#include <string>
#include <vector>

#include "emulator/scenario/plane_builder.hh"
#include "emulator/scenario/plane_context.hh"
#include "emulator/scenario/scenario_endpoint.hh"

namespace violin {

// Reads the links that a plane's file spells out, `links:` and the nodes' `attach:`, and adds them
// to it. The wire's keys of each are laid over those of the plane's defaults, and the keys under
// "h1->s1", or "a->b", over those for one direction.
class PlaneLinks {
 public:
  PlaneLinks(const PlaneContext& context, PlaneBuilder& builder, const BaseLink& base)
      : context_(context), builder_(builder), base_(base) {}

  // One `attach:` of the node (or range of nodes) `node`, whose key stands at `at`.
  void read_attach(const std::string& node, const Place& at, const YamlValue& value);
  // One item of `links:`.
  void read_link(const YamlValue& value);

 private:
  void add(const YamlValue& value, const Endpoint& first, const Endpoint& second);
  void add_each(const YamlValue& value, const Endpoint& first, const Endpoint& second,
                const LinkRequest& request);
  void apply_direction(const YamlEntry& entry, const Endpoint& first, const Endpoint& second,
                       LinkRequest& request);

  const PlaneContext& context_;
  PlaneBuilder& builder_;
  const BaseLink& base_;
};

// The keys of a link beside the wire's and the directions.
std::vector<std::string> link_only_keys();

}  // namespace violin
