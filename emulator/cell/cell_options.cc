#include "emulator/cell/cell_options.hh"

#include <algorithm>
#include <charconv>
#include <climits>

namespace violin {
namespace {

bool read_number(const std::string& text, uint64_t& number) {
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  return result.ec == std::errc() && result.ptr == end;
}

// What is about the devices and the clock of the guest; false when it makes no sense.
bool take_device_option(CellOptions& options, const std::string& name, const std::string& value) {
  if (name == "--socket") {
    options.sockets.push_back(value);
    return CellOptions::is_socket_name(value) && options.sockets.size() <= CellOptions::kSocketsMax;
  }
  if (name == "--channel") return value == "yes" && (options.channel = true);
  uint64_t processor = 0;
  if (name != "--processor" || !read_number(value, processor) || processor > INT_MAX) return false;
  options.processor = static_cast<int>(processor);
  return true;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

bool CellOptions::is_socket_name(const std::string& name) {
  return !name.empty() && name.size() <= 64 &&
         std::all_of(name.begin(), name.end(), is_letter_or_digit);
}

std::vector<std::string> CellOptions::words() const {
  std::vector<std::string> all = {"--kernel",  kernel,
                                  "--init",    init,
                                  "--memory",  std::to_string(memory_bytes),
                                  "--results", std::to_string(results_bytes)};
  for (const std::string& path : exposed) all.insert(all.end(), {"--expose", path});
  for (const std::string& name : sockets) all.insert(all.end(), {"--socket", name});
  if (channel) all.insert(all.end(), {"--channel", "yes"});
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
    } else if (!take_device_option(options, name, value)) {
      return std::nullopt;
    }
  }
  if (i == words.size() || options.kernel.empty() || options.init.empty()) return std::nullopt;
  options.kernel_arguments.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
  return options;
}

}  // namespace violin
