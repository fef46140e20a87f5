#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "core/drop_reason.hh"
#include "emulator/results/workload_result.hh"

// What the links and nodes of a run leave behind (run_result.hh), as plain data.

namespace violin {

using DropCounts = std::array<uint64_t, kDropReasonCount>;  // indexed by DropReason
DropCounts to_counts(const DropCounters& counters);
uint64_t total(const DropCounts& counts);

// One direction of a link, over all the run except where it says window.
struct LinkDirectionResult {
  std::string from, to;  // node names within the plane
  uint64_t frames = 0;   // that left the far end
  uint64_t bytes = 0;
  uint64_t marks = 0;  // ECN marks set
  uint64_t duplicated = 0;
  uint64_t corrupted = 0;
  int64_t rate_bps = 0;  // at the end of the run; 0 = unlimited
  // Busy part of the measure window, 0 to 1; nothing on a link without a rate.
  std::optional<double> utilisation;
  DurationSummary sojourn;  // time in the queue, per frame sent within the window
  int64_t queue_packets_max = 0;
  int64_t queue_bytes_max = 0;
  DropCounts drops{};
};
struct LinkResult {
  std::string name;  // "v1/h1--s1"
  LinkDirectionResult a_to_b, b_to_a;
};

// Was the link never used, so that every counter of it is 0?
bool is_idle(const LinkResult& link);

struct NodeResult {
  std::string name;  // "v1/h1"
  DropCounts drops{};
};

// "v1/h1--s1.h1->s1": what series, digests and metrics call one direction of a link.
std::string direction_name(const std::string& link, const std::string& from, const std::string& to);
std::string direction_name(const LinkResult& link, bool a_to_b);

}  // namespace violin
