#include "emulator/network/sweep_run.hh"

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <deque>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <thread>

#include "emulator/os/child_process.hh"
#include "emulator/os/interrupt.hh"
#include "emulator/results/result_folder.hh"
#include "emulator/results/result_reader.hh"
#include "emulator/scenario/scenario_reader.hh"
#include "emulator/scenario/scenario_writer.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// This very program, whatever version it says it is: results of another one are not mixed in.
std::string program_fingerprint() {
  const std::string bytes = text_of("/proc/self/exe");
  return fmt::format("{:016x}\n", XXH3_64bits(bytes.data(), bytes.size()));
}

std::string folder_name(size_t point) { return fmt::format("{:03}", point + 1); }

std::string resolved_text(const SweepRunOptions& options, const SweepPoint& point) {
  const ScenarioSource source = load_scenario_source(options.scenario_file);
  std::ostringstream text;
  write_scenario(read_scenario(source, {options.overrides, point}), text);
  return text.str();
}

bool is_there(const SweepRunOptions& options, const fs::path& folder, const SweepPoint& point) {
  if (!fs::exists(folder / "summary.json")) return false;
  if (text_of(folder / "scenario.yaml") != resolved_text(options, point)) return false;
  try {
    const RunResult result = read_result(folder);
    const bool on_hosts = result.identity.underlay == "real";
    return !result.interrupted && result.identity.clock == options.clock &&
           on_hosts == !options.hosts.empty();
  } catch (const InputError&) {
    return false;  // what is left of it cannot be read: it is made again
  }
}

std::vector<std::string> command_for(const SweepRunOptions& options, const SweepPoint& point,
                                     const fs::path& folder) {
  std::vector<std::string> words{"/proc/self/exe", "run",         options.scenario_file.string(),
                                 "--single",       "--quiet",     "--force",
                                 "--clock",        options.clock, "--out",
                                 folder.string(),  "--seed",      std::to_string(point.seed)};
  std::map<std::string, std::string> params = options.overrides.params;
  for (const auto& [name, value] : point.params) params[name] = value;
  for (const auto& [name, value] : params) {
    words.push_back("--set");
    words.push_back(name + "=" + value);
  }
  if (const auto& calibration = options.overrides.calibration) {
    words.insert(words.end(), {"--calibration", calibration->file.string()});
  }
  // Points at a time keep the processors busy by themselves.
  const std::optional<unsigned> parts =
      options.parallel || options.jobs == 1 ? options.parallel : std::optional(1u);
  if (parts && options.clock == "virtual") {
    words.insert(words.end(), {"--parallel", std::to_string(*parts)});
  }
  if (options.record) words.push_back("--record");
  if (!options.hosts.empty()) words.insert(words.end(), {"--hosts", options.hosts.string()});
  return words;
}

struct RunningPoint {
  size_t number;
  ChildProcess process;
};

// Runs what is missing, `jobs` points at a time.
class PointRunner {
 public:
  PointRunner(const std::vector<SweepPoint>& points, const SweepRunOptions& options,
              std::deque<size_t> missing, SweepRunOutcome& outcome)
      : points_(points), options_(options), missing_(std::move(missing)), outcome_(outcome) {}

  void run_all() {
    const size_t total = missing_.size();
    while (!running_.empty() || !missing_.empty()) {
      if (InterruptGuard::requested()) stop();
      while (!missing_.empty() && running_.size() < options_.jobs) start_next();
      collect();
      show_progress(total);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (shown_) fmt::print(stderr, "\r\033[K");
  }

 private:
  void start_next() {
    const size_t number = missing_.front();
    missing_.pop_front();
    running_.push_back({number, ChildProcess(command_for(options_, points_[number],
                                                         options_.folder / folder_name(number)))});
  }

  void collect() {
    for (size_t i = 0; i < running_.size();) {
      const std::optional<int> status = running_[i].process.finished();
      if (!status) {
        ++i;
        continue;
      }
      ++outcome_.run;
      // A point whose own expectations fail is a result like any other.
      if (*status > 1) {
        outcome_.failed.push_back(
            fmt::format("{}: exit status {}", folder_name(running_[i].number), *status));
      }
      running_.erase(running_.begin() + static_cast<ptrdiff_t>(i));
    }
  }

  void stop() {
    missing_.clear();
    if (outcome_.interrupted) return;
    outcome_.interrupted = true;
    for (RunningPoint& point : running_) point.process.interrupt();
  }

  void show_progress(size_t total) {
    if (options_.quiet || isatty(STDERR_FILENO) != 1 || outcome_.run == last_shown_) return;
    last_shown_ = outcome_.run;
    shown_ = true;
    fmt::print(stderr, "\r\033[K{} of {} points", outcome_.run, total);
    std::fflush(stderr);
  }

  const std::vector<SweepPoint>& points_;
  const SweepRunOptions& options_;
  std::deque<size_t> missing_;
  SweepRunOutcome& outcome_;
  std::vector<RunningPoint> running_;
  size_t last_shown_ = ~size_t{0};
  bool shown_ = false;
};

}  // namespace

SweepRunOutcome run_sweep(const std::vector<SweepPoint>& points, const SweepRunOptions& options) {
  SweepRunOutcome outcome;
  const fs::path fingerprint_file = options.folder / ".program";
  const bool same_program = text_of(fingerprint_file) == program_fingerprint();
  std::deque<size_t> missing;
  for (size_t i = 0; i < points.size(); ++i) {
    const fs::path folder = options.folder / folder_name(i);
    if (same_program && is_there(options, folder, points[i])) {
      ++outcome.kept;
    } else {
      fs::remove_all(folder);
      missing.push_back(i);
    }
  }
  write_file_atomically(fingerprint_file, program_fingerprint());
  PointRunner(points, options, std::move(missing), outcome).run_all();
  return outcome;
}

}  // namespace violin
