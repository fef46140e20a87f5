#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hh"
#include "core/units.hh"
#include "emulator/results/run_result.hh"

namespace violin {

// What the pair of programs was asked to do, and when.
struct Iperf3Reading {
  Time launched;  // of the client
  // Of an empty path, where it is known.
  std::optional<Duration> round_trip;
  // A flow of this size, which the client reads and the server sends (--reverse).
  std::optional<Bytes> size;
  MeasureWindow window;  // of the workload
};

// Reads what the two ends of one `iperf3 -J` (3.12, one stream) printed.
//
// Goodput is what the receiving end has read. Both ends tell times from the start of the test,
// which no clock tells (the JSON has whole seconds). It is taken to be 4.5 round trips after the
// client's launch at the server and 5 at the client: three for the control connection to open and
// agree on parameters, one and a half for the stream's connection and its cookie, and half for the
// word to start. The window is cut to what the intervals cover, and an interval at its edge counts
// in proportion.
//
// An interrupted program is as good as one that ended by itself: iperf3 then says so in "error",
// and gives the intervals that were complete. Throws ProgramFailure when there are none, or when
// the output is not JSON to its end.
class Iperf3Output {
 public:
  Iperf3Output(std::string_view server, std::string_view client, const Iperf3Reading& how);

  // One flow. `timeouts` stays 0: iperf3 does not tell them from other retransmissions.
  TcpResult tcp() const;
  // `delay` and `duplicates` stay empty: the ends share no clock, and a duplicate counts as
  // reordered. `lost` includes what was under way when the receiver stopped.
  UdpResult udp() const;
  // goodput_bps, and of TCP cwnd_bytes and srtt_ns, of the workload `name`.
  std::vector<Series> series(const std::string& name) const;

 private:
  struct Interval {
    Duration from, to;  // since the start of the test at this end
    int64_t bytes = 0;
    int64_t window = 0;  // congestion window in bytes, of the sender
    Duration rtt;        // smoothed, of the sender
  };
  // What both kinds of result need from one end.
  struct End {
    std::vector<Interval> intervals;
    Duration seconds;      // of the whole test
    int64_t sent = 0;      // bytes
    int64_t received = 0;  // bytes
    int64_t packets = 0;   // UDP: the highest number seen, or sent
    int64_t packets_sent = 0;
    int64_t lost = 0;
    int64_t reordered = 0;
    Duration jitter;
    uint64_t retransmits = 0;
    Duration lowest_rtt;  // 0 = not known
    std::string error;
  };

  static End read_end(std::string_view text, const std::string& who);
  const End& sender() const { return how_.size ? server_ : client_; }
  const End& receiver() const { return how_.size ? client_ : server_; }
  Duration round_trip() const;
  Time start_of(const End& end) const;
  MeasureWindow covered_window() const;
  int64_t bytes_in(const MeasureWindow& window) const;

  Iperf3Reading how_;
  End server_, client_;
};

}  // namespace violin
