#pragma once

#include <cstdint>
#include <vector>

#include "core/time.hh"

namespace violin {

class AgentClient;

// How far the CLOCK_MONOTONIC of an agent's machine is ahead of ours.
struct ClockOffset {
  Duration ahead;  // negative = behind
  Duration error;  // ahead is off by at most this; zero = it is the same clock
};

// A question and its answer: our clock when it was asked, theirs in between, ours when it was
// heard.
struct ClockSample {
  int64_t asked_ns = 0;
  int64_t theirs_ns = 0;
  int64_t heard_ns = 0;
};

// From the sample with the shortest round trip, as NTP does it (RFC 5905, section 10): the answer
// was given in the middle of it, give or take half of it. There is at least one sample.
ClockOffset best_offset(const std::vector<ClockSample>& samples);

// Asks an agent a few times. An agent of our own machine (of the same boot) reads our clock, unless
// its time namespace says otherwise (time_namespaces(7)). Throws AgentError.
ClockOffset measure_clock(const AgentClient& agent);

// By how much a clock can have been off that was taken to be `assumed` ahead, from when it was
// measured so until it was measured again: what it drifted away, too.
Duration largest_error(const ClockOffset& assumed, const ClockOffset& later);

}  // namespace violin
