#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emulator/scenario/place.hh"

// Names of nodes, links, interfaces, workloads, and ranges of them.
//   name   [A-Za-z][A-Za-z0-9_.-]* without "--" (joins the ends of a link) or ".." (makes a range)
//   range  h1..h8 is h1, h2 … h8; h01..h12 keeps the zeros. Both ends have the same letters before
//          the number; the second number is not below the first; at most a million names.

namespace violin {

bool is_name(std::string_view text);

// Throws InputError unless `text` is a name. `what` is for the message: "a node's name".
void require_name(const Place& place, std::string_view what, std::string_view text);

// The names that `text` stands for: a name itself, or the names of a range.
std::vector<std::string> expand_names(const Place& place, std::string_view what,
                                      std::string_view text);

bool is_range(std::string_view text);

// Makes pairs of two expansions: equal lengths one by one, a single one with each of the other.
// Returns the number of pairs; throws InputError when the lengths fit neither way.
size_t pair_count(const Place& place, size_t first, size_t second);

}  // namespace violin
