#include "emulator/cell/cell_options.hh"

#include <charconv>

namespace violin {
namespace {

bool read_number(const std::string& text, uint64_t& number) {
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  return result.ec == std::errc() && result.ptr == end;
}

}  // namespace

std::vector<std::string> CellOptions::words() const {
  std::vector<std::string> all = {"--kernel",  kernel,
                                  "--init",    init,
                                  "--memory",  std::to_string(memory_bytes),
                                  "--results", std::to_string(results_bytes)};
  for (const std::string& path : exposed) all.insert(all.end(), {"--expose", path});
  for (const std::string& name : sockets) all.insert(all.end(), {"--socket", name});
  if (processor) all.insert(all.end(), {"--processor", std::to_string(*processor)});
  all.push_back("--");
  all.insert(all.end(), kernel_arguments.begin(), kernel_arguments.end());
  return all;
}

std::optional<CellOptions> CellOptions::parse(const std::vector<std::string>& words) {
  CellOptions options;
  size_t i = 0;
  for (; i < words.size() && words[i] != "--"; i += 2) {
    if (i + 1 == words.size()) return std::nullopt;
    const std::string& name = words[i];
    const std::string& value = words[i + 1];
    if (name == "--kernel") {
      options.kernel = value;
    } else if (name == "--init") {
      options.init = value;
    } else if (name == "--memory") {
      if (!read_number(value, options.memory_bytes)) return std::nullopt;
    } else if (name == "--results") {
      if (!read_number(value, options.results_bytes)) return std::nullopt;
    } else if (name == "--expose") {
      options.exposed.push_back(value);
    } else if (name == "--socket") {
      options.sockets.push_back(value);
    } else if (name == "--processor") {
      uint64_t number = 0;
      if (!read_number(value, number) || number > INT32_MAX) return std::nullopt;
      options.processor = static_cast<int>(number);
    } else {
      return std::nullopt;
    }
  }
  if (i == words.size() || options.kernel.empty() || options.init.empty()) return std::nullopt;
  options.kernel_arguments.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
  return options;
}

}  // namespace violin
