#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/units.hh"

namespace violin {

// A named value of a node or an edge, as GraphML and GML have it.
struct GraphAttribute {
  std::string key;
  std::string value;
  int line = 0;
};

// `text` without white space at its ends.
std::string_view trimmed(std::string_view text);

// The first attribute of that name, in any case, which is not blank; null when there is none.
const GraphAttribute* find_attribute(const std::vector<GraphAttribute>& attributes,
                                     std::string_view key);

// The value as a number; nothing when there is none, or it is no finite number.
std::optional<double> number_of(const GraphAttribute* attribute);

// The rate of an edge after the Topology Zoo: LinkSpeedRaw in bit/s, or LinkSpeed in
// LinkSpeedUnits; nothing when neither is a rate from 1 bit/s to 10^15.
std::optional<BitRate> link_speed_of(const std::vector<GraphAttribute>& attributes);

}  // namespace violin
