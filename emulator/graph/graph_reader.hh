#pragma once

#include <cstddef>

#include "emulator/scenario/imported_graph.hh"

// Readers of topologies that other tools wrote: read_graphml, read_gml and read_rtt_matrix,
// declared with their result in imported_graph.hh. Whatever the bytes are, they return or throw
// InputError with file and line; what they cannot use but can do without becomes a note.
//
// GraphML (Brandes et al. 2002), by pugixml: keys with attr.name and default, the first <graph>,
// its <node> and <edge>. Hyperedges, ports and graphs inside nodes are left out with a note.
// GML (Himsolt 1997), by emulator/gml.hh. Which attributes mean what: emulator/graph_import.hh.
//
// RTT matrix: N lines of N numbers in milliseconds, separated by blanks or tabs, 0 on the diagonal;
// blank lines and lines that begin with # are skipped. The delay of an edge is half the RTT, in
// whole nanoseconds; where the two directions differ, half their mean, with a note. A number is
// taken to the nearest nanosecond, halves up, and half of an odd one is rounded down.

namespace violin {

inline constexpr size_t kMaximumGraphBytes = size_t{64} << 20;
inline constexpr size_t kMaximumMatrixNodes = 2'000;  // 1 999 000 edges

}  // namespace violin
