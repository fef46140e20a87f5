#include "emulator/results/sweep_result.hh"

#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>

#include "emulator/results/result_folder.hh"
#include "emulator/results/result_reader.hh"
#include "emulator/results/result_tables.hh"
#include "emulator/results/summary.hh"
#include "emulator/scenario/input_error.hh"

// The files of a sweep (sweep_result.hh).

namespace violin {
namespace {

namespace fs = std::filesystem;

using TableWriter = void (*)(std::ostream&, const RunResult&, const TableOptions&);

// Streams into a hidden file and renames it: merged series may be larger than the memory.
void write_merged(const fs::path& file, const SweepResult& sweep, TableWriter write) {
  const std::vector<std::string> params = swept_params(sweep.runs);
  const fs::path fresh = file.parent_path() / ("." + file.filename().string() + ".new");
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  TableOptions options;
  options.prefix.columns = {"run", "seed"};
  options.prefix.columns.insert(options.prefix.columns.end(), params.begin(), params.end());
  for (const SweepRun& run : sweep.runs) {
    options.prefix.values = {run.run, std::to_string(run.result.identity.seed)};
    for (const std::string& name : params) {
      const auto param = run.result.identity.params.find(name);
      options.prefix.values.push_back(param == run.result.identity.params.end() ? ""
                                                                                : param->second);
    }
    write(out, run.result, options);
    options.with_header = false;
  }
  out.close();
  if (!out) throw std::runtime_error("cannot write " + file.string());
  fs::rename(fresh, file);
}

std::string text_of(const std::function<void(std::ostream&)>& write) {
  std::ostringstream out;
  write(out);
  return out.str();
}

}  // namespace

void write_sweep(const SweepResult& sweep, const fs::path& folder) {
  if (sweep.runs.empty()) return;
  write_merged(folder / "series.csv", sweep, write_series);
  write_merged(folder / "flows.csv", sweep, write_flows);
  write_merged(folder / "links.csv", sweep, write_links);
  write_merged(folder / "pings.csv", sweep, write_pings);
  write_file_atomically(folder / "sweep_summary.csv",
                        text_of([&](std::ostream& out) { write_sweep_summary(out, sweep); }));
  write_file_atomically(folder / "sweep.json", expectations_text(sweep.expectations));
  write_file_atomically(folder / "runs.csv",
                        text_of([&](std::ostream& out) { write_runs_table(out, sweep); }));
}

SweepResult read_sweep(const fs::path& folder) {
  SweepResult sweep;
  for (const fs::path& run : run_folders(folder)) {
    sweep.runs.push_back({run.filename().string(), read_result(run)});
  }
  const fs::path expectations = folder / "sweep.json";
  if (fs::exists(expectations)) {
    std::ostringstream text;
    text << std::ifstream(expectations, std::ios::binary).rdbuf();
    sweep.expectations = parse_expectations(text.str(), expectations.string());
  }
  return sweep;
}

}  // namespace violin
