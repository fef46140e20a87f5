#pragma once

#include <string>

#include "models/link/wire_spec.hh"

namespace violin {

// "fq_codel 100 ms, ecn, target 5 ms, …": kind, limit and parameters of a queue.
std::string queue_words(const QueueSpec& queue);

// What one direction of a link does, cell by cell of a table.
struct WireWords {
  std::string delay, rate, queue, more;
  bool operator==(const WireWords&) const = default;
};
WireWords words_of(const WireSpec& wire);

}  // namespace violin
