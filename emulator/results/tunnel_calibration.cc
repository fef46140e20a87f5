#include "emulator/results/tunnel_calibration.hh"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/check.hh"
#include "models/tunnel/tunnel_header.hh"

namespace violin {
namespace {

using Frames = CalibrationFrames;

constexpr double kSmallPing = Frames::kSmallPingFrame;
constexpr double kLargePing = Frames::kLargePingFrame;
constexpr double kSmall = Frames::kSmallFrame;
constexpr double kFull = Frames::kFullFrame;
constexpr double kFullDatagrams = 2;

double tunnel_header(bool encrypted) {
  return TunnelHeader::kSize + (encrypted ? TunnelHeader::kTagSize : 0);
}

struct Occupancy {
  double per_frame = 0;
  double per_byte = 0;
  // Of a passage: the mean of a frame sent and of its one datagram received.
  double of_passage(double frame, double header) const {
    return per_frame + per_byte * (frame + header / 2);
  }
};

// Two unknowns from two rates at the receiver. Kernels hand bulk over as super-frames, which share
// the cost of a frame: then a full frame takes less than two small ones, and no cost of the model's
// form explains both. The bulk is explained in that case, by a cost per frame alone, because that
// is what scenarios ask about; small frames then cost less than was measured.
Occupancy occupancy_of(double full_interval, double small_interval, double header) {
  const double per_byte =
      (full_interval - kFullDatagrams * small_interval) / (kFull - kFullDatagrams * kSmall);
  if (per_byte <= 0) return {full_interval / kFullDatagrams, 0};
  const double per_frame = small_interval - per_byte * (kSmall + header);
  if (per_frame >= 0) return {per_frame, per_byte};
  return {0, full_interval / (kFull + kFullDatagrams * header)};
}

double added(Duration host, Duration vm) { return static_cast<double>((vm - host).ns()) / 4; }

// Every figure of a TunnelFigures, to go over two of them together.
template <typename Value>
std::vector<Value*> all_of(TunnelFigures<Value>& f) {
  return {&f.per_frame,          &f.per_kibibyte,  &f.latency,
          &f.added_small,        &f.added_large,   &f.added_constant,
          &f.added_per_kibibyte, &f.full_interval, &f.small_interval};
}

}  // namespace

TunnelFigures<double> figures_of(const CalibrationRound& round, bool encrypted) {
  CHECK(round.tcp_bps > 0 && round.small_per_second > 0);
  const double header = tunnel_header(encrypted);
  TunnelFigures<double> figures;
  figures.full_interval = Frames::kFullPayload * 8 * 1e9 / round.tcp_bps;
  figures.small_interval = 1e9 / round.small_per_second;
  const Occupancy busy = occupancy_of(figures.full_interval, figures.small_interval, header);
  figures.per_frame = busy.per_frame;
  figures.per_kibibyte = busy.per_byte * 1024;

  figures.added_small = added(round.host_small, round.vm_small);
  figures.added_large = added(round.host_large, round.vm_large);
  const double slope = (figures.added_large - figures.added_small) / (kLargePing - kSmallPing);
  figures.added_per_kibibyte = slope * 1024;
  figures.added_constant = figures.added_small - slope * kSmallPing;
  // The model's latency is one number, so that it is right between the two sizes.
  const double rest = (figures.added_small - busy.of_passage(kSmallPing, header) +
                       figures.added_large - busy.of_passage(kLargePing, header)) /
                      2;
  figures.latency = std::max(0.0, rest);
  return figures;
}

TunnelFigures<MedianEstimate> figures_of(std::span<const CalibrationRound> rounds, bool encrypted) {
  CHECK(!rounds.empty());
  TunnelFigures<MedianEstimate> medians;
  const std::vector<MedianEstimate*> to = all_of(medians);
  std::vector<std::vector<double>> samples(to.size());
  for (const CalibrationRound& round : rounds) {
    TunnelFigures<double> figures = figures_of(round, encrypted);
    const std::vector<double*> from = all_of(figures);
    for (size_t i = 0; i < from.size(); ++i) samples[i].push_back(*from[i]);
  }
  for (size_t i = 0; i < to.size(); ++i) *to[i] = median_estimate(std::move(samples[i]));
  return medians;
}

ProcessingCost cost_of(const TunnelFigures<MedianEstimate>& figures) {
  const auto whole = [](const MedianEstimate& figure) {
    return Duration::nanoseconds(std::llround(figure.median));
  };
  return {whole(figures.per_frame), whole(figures.per_kibibyte), whole(figures.latency)};
}

Duration small_interval_of(const ProcessingCost& cost, bool encrypted) {
  return cost.of(static_cast<uint32_t>(kSmall + tunnel_header(encrypted)));
}

}  // namespace violin
