#pragma once

#include <cstdint>
#include <span>

#include "core/time.hh"
#include "emulator/results/statistics.hh"
#include "models/tunnel/processing_cost.hh"

// What a tunnel's ends cost, from what was measured over one: arithmetic without a clock. The model
// is ProcessingCost at four places of a round trip, and two assumptions:
//   - bulk TCP and small datagrams go as fast as the slower end lets them, which is the receiver;
//     a full frame is two datagrams to it, a small one is one;
//   - what an idle round trip takes longer between virtual machines than between their hosts is
//     shared equally by the four passages of a tunnel end.

namespace violin {

// Frames of the measurements, with their Ethernet headers: pings of two sizes that fit into one
// datagram each, a datagram of iperf3, and a full frame of TCP with the time stamps option.
struct CalibrationFrames {
  static constexpr int64_t kSmallPing = 56;  // ICMP payload, bytes
  static constexpr int64_t kLargePing = 1200;
  static constexpr int64_t kSmallPingFrame = kSmallPing + 14 + 20 + 8;
  static constexpr int64_t kLargePingFrame = kLargePing + 14 + 20 + 8;
  static constexpr int64_t kSmallPayload = 64;  // of UDP
  static constexpr int64_t kSmallFrame = kSmallPayload + 14 + 20 + 8;
  static constexpr int64_t kFullPayload = 1448;  // of TCP
  static constexpr int64_t kFullFrame = kFullPayload + 14 + 20 + 32;
};

// What one round measured of one cipher.
struct CalibrationRound {
  Duration host_small, host_large;  // median round trips between the hosts
  Duration vm_small, vm_large;      // and between their virtual machines
  double tcp_bps = 0;               // goodput between virtual machines, above zero
  double small_per_second = 0;      // small datagrams received, above zero
};

// What follows from one round, or the medians over rounds; nanoseconds.
template <typename Value>
struct TunnelFigures {
  Value per_frame{}, per_kibibyte{}, latency{};  // the cost
  Value added_small{}, added_large{};  // measured: time per passage of an end, by the pings
  Value added_constant{}, added_per_kibibyte{};  // the same as a constant and a slope
  Value full_interval{}, small_interval{};       // measured: time per full, per small frame
};

TunnelFigures<double> figures_of(const CalibrationRound& round, bool encrypted);

// Each figure's median over the rounds, which are not none, with its interval.
TunnelFigures<MedianEstimate> figures_of(std::span<const CalibrationRound> rounds, bool encrypted);
// The three medians, in whole nanoseconds.
ProcessingCost cost_of(const TunnelFigures<MedianEstimate>& figures);

// How far apart small frames come out of a receiver of this cost that is never idle: to be held
// against `small_interval`, which the cost need not explain (see occupancy in the source).
Duration small_interval_of(const ProcessingCost& cost, bool encrypted);

}  // namespace violin
