#include "emulator/scenario/scenario_source.hh"

#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/rate_trace_reader.hh"

namespace violin {
namespace {

constexpr uintmax_t kMaxFileBytes = uintmax_t{256} << 20;

std::string read_whole(const Place& place, const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    throw InputError(place, "no such file: " + path.string());
  }
  if (std::filesystem::file_size(path, error) > kMaxFileBytes || error) {
    throw InputError(place, "the file is larger than 256 MiB: " + path.string());
  }
  std::ifstream input(path, std::ios::binary);
  std::ostringstream text;
  if (input.peek() != std::ifstream::traits_type::eof()) text << input.rdbuf();
  if (input.bad() || !input.is_open()) {
    throw InputError(place, "the file cannot be read: " + path.string());
  }
  return std::move(text).str();
}

}  // namespace

ScenarioSource load_scenario_source(const std::filesystem::path& path) {
  return {read_whole({path.string(), 0, 0}, path), path.string(), path.parent_path()};
}

ScenarioFiles::ScenarioFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}

std::string ScenarioFiles::text(const Place& place, const std::string& name) const {
  if (name.empty() || name.find('\0') != std::string::npos) {
    throw InputError(place, "not a file's name: \"" + name + "\"");
  }
  return read_whole(place, directory_ / name);
}

std::shared_ptr<const RateTrace> ScenarioFiles::trace(const Place& place, const std::string& name) {
  std::shared_ptr<const RateTrace>& trace = traces_[name];
  if (!trace) {
    std::istringstream input(text(place, name));
    trace = read_rate_trace(input, (directory_ / name).string());
  }
  return trace;
}

std::shared_ptr<const RateTrace> ScenarioFiles::shared_trace(RateTrace trace) {
  std::shared_ptr<const RateTrace>& shared = inline_traces_[trace.opportunities_ms];
  if (!shared) shared = std::make_shared<const RateTrace>(std::move(trace));
  return shared;
}

}  // namespace violin
