#pragma once

#include <cstdint>
#include <string_view>

#include "core/time.hh"
#include "emulator/results/workload_result.hh"
#include "models/workload/measurement.hh"

namespace violin {

// What the program was asked to do, and when.
struct PingReading {
  int64_t epoch_ns = 0;  // the wall clock at scenario time 0, nanoseconds since 1970
  int64_t count = 10;
  Duration interval = Duration::seconds(1);
  Duration timeout = Duration::seconds(10);  // a reply later than this is a loss
  Time start;                                // of the program
  Time end = Time::never();                  // of the run
  MeasureWindow window;                      // outstanding requests are counted within it
};

// Reads what `ping -n -D -O` of iputils printed; it may have been interrupted anywhere.
//
// A reply was printed (-D) when it came, so its request left a round trip earlier. "no answer yet
// for icmp_seq=N" (-O) is printed as request N + 1 leaves, and says nothing about N, whose reply
// may still come. Where neither is known, a request is taken to have left an interval after the
// one before. The sequence numbers of the wire, modulo 2^16 from 1, become indices from 0.
//
// queueing is unknown: a program sees only round trips. Throws ProgramFailure when nothing was
// sent. `how.count` bounds what is kept, whatever the text says.
PingResult read_ping_output(std::string_view text, const PingReading& how);

}  // namespace violin
