#include "emulator/command/calibration_text.hh"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <vector>

#include "emulator/command/calibration_scenario.hh"
#include "emulator/command/text_layout.hh"
#include "emulator/results/quantity.hh"

namespace violin {
namespace {

std::string time_text(double ns) { return to_text(ns, Unit::kDuration); }

// "2.91 us [2.80 us, 3.05 us]".
std::string interval_text(const MedianEstimate& figure) {
  std::string text = time_text(figure.median);
  if (figure.ci95) {
    text += " [" + time_text(figure.ci95->low) + ", " + time_text(figure.ci95->high) + "]";
  }
  return text;
}

std::string frame_of(int64_t bytes) { return std::to_string(bytes) + " B frame"; }

bool is_encrypted(Encryption encryption) { return encryption != Encryption::kNone; }

Encryption encryption_of(const RunResult& result) {
  const std::vector<std::string>& names = encryption_names();
  const auto crypt = result.identity.params.find("crypt");
  const auto found = crypt == result.identity.params.end()
                         ? names.end()
                         : std::find(names.begin(), names.end(), crypt->second);
  if (found == names.end()) throw std::runtime_error("a run of the calibration has no cipher");
  return static_cast<Encryption>(found - names.begin());
}

std::string program_text(const RunIdentity& identity) {
  return "violin calibrate " + identity.version +
         (identity.commit.empty() ? "" : " (" + identity.commit + ")");
}

std::string day_text(int64_t epoch_ns) {
  const std::chrono::sys_days day{std::chrono::days(epoch_ns / 86'400'000'000'000)};
  const std::chrono::year_month_day date(day);
  return fmt::format("{}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string circumstances(const CalibrationOutcome& outcome) {
  return fmt::format(
      "rounds: {}, {} of {} runs VALID, at most {:.2f} % of a run's processor time "
      "stolen",
      outcome.rounds, outcome.valid, outcome.runs, 100 * outcome.steal);
}

}  // namespace

CalibrationOutcome calibration_outcome(const SweepResult& sweep) {
  std::map<Encryption, std::vector<CalibrationRound>> rounds;
  CalibrationOutcome outcome;
  for (const SweepRun& run : sweep.runs) {
    rounds[encryption_of(run.result)].push_back(calibration_round(run.result));
    if (outcome.runs++ == 0) outcome.identity = run.result.identity;
    if (!run.result.fidelity) continue;
    outcome.steal = std::max(outcome.steal, run.result.fidelity->worst_steal());
    outcome.valid += run.result.fidelity->verdict == FidelityVerdict::kValid ? 1 : 0;
  }
  for (const auto& [encryption, measured] : rounds) {
    outcome.rounds = measured.size();
    outcome.figures[encryption] = figures_of(measured, is_encrypted(encryption));
  }
  return outcome;
}

std::string calibration_table(const CalibrationOutcome& outcome) {
  TextTable costs({"cost of a tunnel end", "per_frame", "per_kibibyte", "latency"});
  using Frames = CalibrationFrames;
  TextTable added({"time per passage", frame_of(Frames::kSmallPingFrame),
                   frame_of(Frames::kLargePingFrame), "constant", "per KiB"});
  TextTable rates({"time per frame", "bulk TCP, " + frame_of(Frames::kFullFrame),
                   "UDP, " + frame_of(Frames::kSmallFrame), "with the cost"});
  for (const auto& [encryption, figures] : outcome.figures) {
    const std::string name = name_of(encryption);
    costs.add({name, interval_text(figures.per_frame), interval_text(figures.per_kibibyte),
               interval_text(figures.latency)});
    added.add({name, time_text(figures.added_small.median), time_text(figures.added_large.median),
               time_text(figures.added_constant.median),
               time_text(figures.added_per_kibibyte.median)});
    const Duration modelled = small_interval_of(cost_of(figures), is_encrypted(encryption));
    rates.add({name, interval_text(figures.full_interval), interval_text(figures.small_interval),
               time_text(static_cast<double>(modelled.ns()))});
  }
  return circumstances(outcome) + "; median [95 % interval]\n\n" + costs.text(2) +
         "\nfrom (medians; what follows for UDP from the cost beside what was measured)\n\n" +
         added.text(2) + "\n" + rates.text(2);
}

std::string calibration_file_text(const CalibrationOutcome& outcome) {
  const RunIdentity& identity = outcome.identity;
  const std::string origin = program_text(identity) + " on " + identity.machine;
  std::string text =
      "# What each end of a tunnel costs, for violin run --calibration FILE; or put the\n"
      "# tunnel_cost of a cipher among the keys of a violin. Measured by\n# " +
      origin + ",\n# " + day_text(identity.epoch_ns) + ": " + circumstances(outcome) +
      ".\n# Median and 95 % interval over the rounds stand above each.\n";
  for (const auto& [encryption, figures] : outcome.figures) {
    text += name_of(encryption) + ":\n  # per_frame " + interval_text(figures.per_frame) +
            "\n  # per_kibibyte " + interval_text(figures.per_kibibyte) + "\n  # latency " +
            interval_text(figures.latency) +
            "\n  tunnel_cost: " + tunnel_cost_text({cost_of(figures), origin}) + "\n";
  }
  return text;
}

}  // namespace violin
