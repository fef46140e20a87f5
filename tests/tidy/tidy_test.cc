#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

// The house rules that a machine can see, checked over the source tree. A rule that old code breaks
// is a ratchet: tests/tidy/oversized.txt lists what is longer than it should be, and nothing may
// grow beyond what stands there. `UPDATE=1 tidy_test` rewrites that list.

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = VIOLIN_SOURCE_DIR;

struct Source {
  std::string path;  // from the root
  std::vector<std::string> lines;
  std::string text() const {
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    return all;
  }
  std::string folder() const { return path.substr(0, path.find('/')); }
  bool is_header() const { return path.ends_with(".hh"); }
};

std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<Source> sources_in(const std::vector<std::string>& folders) {
  std::vector<Source> sources;
  for (const std::string& folder : folders) {
    if (!fs::exists(kRoot / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      const std::string extension = entry.path().extension();
      if (extension != ".hh" && extension != ".cc") continue;
      sources.push_back({fs::relative(entry.path(), kRoot).string(), lines_of(entry.path())});
    }
  }
  std::sort(sources.begin(), sources.end(),
            [](const Source& left, const Source& right) { return left.path < right.path; });
  return sources;
}

std::vector<Source> all_sources() {
  return sources_in({"core", "models", "emulator", "tests", "bench"});
}

// The line without strings and without what is behind "//".
std::string code_of(const std::string& line) {
  static const std::regex string_literal("\"([^\"\\\\]|\\\\.)*\"");
  std::string code = std::regex_replace(line, string_literal, "\"\"");
  return code.substr(0, code.find("//"));
}

// Every line of code that matches, as "path:number: line".
std::string matches(const std::vector<Source>& sources, const std::regex& banned) {
  std::string found;
  for (const Source& source : sources) {
    for (size_t i = 0; i < source.lines.size(); ++i) {
      if (!std::regex_search(code_of(source.lines[i]), banned)) continue;
      found += source.path + ":" + std::to_string(i + 1) + ": " + source.lines[i] + "\n";
    }
  }
  return found;
}

std::string includes_of_others(const std::string& folder, const std::set<std::string>& allowed) {
  static const std::regex include("^#include \"([a-z_]+)/");
  std::string found;
  for (const Source& source : sources_in({folder})) {
    for (const std::string& line : source.lines) {
      std::smatch match;
      if (!std::regex_search(line, match, include) || allowed.contains(match[1])) continue;
      found += source.path + ": " + line + "\n";
    }
  }
  return found;
}

TEST(Tidy, DependenciesPointFromEmulatorToModelsToCore) {
  ASSERT_GT(sources_in({"core"}).size(), 30u) << "the tree is not at " << kRoot;
  EXPECT_EQ(includes_of_others("core", {"core"}), "");
  EXPECT_EQ(includes_of_others("models", {"core", "models"}), "");
  EXPECT_EQ(includes_of_others("emulator", {"core", "models", "emulator"}), "");
}

TEST(Tidy, InsideTheEmulatorTheCommandIsOnTopAndNetworkAboveResults) {
  const std::vector<std::pair<std::string, std::string>> may_include = {
      {"os", "os"},
      {"scenario", "scenario"},
      {"graph", "graph|scenario|os"},
      {"results", "results|scenario|os"},
      {"network", "network|guest_init|results|scenario|os"},
      {"virtio", "virtio|os"},
      {"realtime", "realtime|virtio|os"},
      {"tunnel", "tunnel|realtime|scenario|os"},
      {"program", "program|network|results|scenario"},
      {"routing", "routing|program|network|results|scenario"},
      {"traffic", "traffic|results|scenario|os"},
      {"agent", "agent|tunnel|realtime|virtio|uml|kernel|guest_init|network|results|scenario|os"},
      {"timetravel",
       "timetravel|uml|guest_init|virtio|routing|program|network|results|scenario|os"},
      {"kernel", "kernel|os"},
      {"guest_init", "guest_init|os"},
      {"cell", "cell|guest_init|os"},
      {"uml", "uml|kernel|cell|guest_init|os"},
      {"deployment",
       "deployment|agent|routing|program|kernel|realtime|network|results|scenario|os"},
  };
  for (const auto& [folder, allowed] : may_include) {
    const std::regex include("^#include \"emulator/(?!(" + allowed + ")/)");
    for (const Source& source : sources_in({"emulator/" + folder})) {
      for (const std::string& line : source.lines) {
        EXPECT_FALSE(std::regex_search(line, include)) << source.path << ": " << line;
      }
    }
  }
}

TEST(Tidy, CoreAndModelsTouchNoFileClockThreadOrEnvironment) {
  const std::vector<Source> sources = sources_in({"core", "models"});
  EXPECT_EQ(matches(sources,
                    std::regex("#include <(fstream|iostream|filesystem|thread|mutex|atomic|future|"
                               "chrono|random|ctime|time\\.h|unistd\\.h|sys/.*|spdlog/.*)>")),
            "");
  EXPECT_EQ(matches(sources, std::regex("\\b(getenv|system_clock|steady_clock|high_resolution_clock"
                                        "|gettimeofday|clock_gettime|getpid)\\b")),
            "");
  // The one way to end a program that has a bug.
  std::string found = matches(sources, std::regex("\\b(printf|fprintf|puts|cout|cerr|clog)\\b"));
  EXPECT_TRUE(std::regex_replace(found, std::regex("core/check\\.cc:[^\\n]*\\n"), "").empty())
      << found;
}

TEST(Tidy, RandomnessComesFromOurOwnGeneratorEverywhere) {
  EXPECT_EQ(matches(sources_in({"core", "models", "emulator"}),
                    std::regex("\\b(s?rand|random)\\(\\)|std::(uniform_|normal_|exponential_|"
                               "poisson_|bernoulli_|mt19937|minstd|random_device|shuffle|hash<)")),
            "");
}

TEST(Tidy, WallTimeIsLookedAtOnlyWhereARunIsTimedOrRealTimePasses) {
  const std::string found =
      matches(sources_in({"core", "models", "emulator"}),
              std::regex("\\b(system_clock|steady_clock|sleep_for|sleep)\\b"));
  static const std::regex allowed(
      "emulator/(network/(run|progress|sweep_run)|command/(command_[a-z]+|main)|tunnel/"
      "control_port|"
      "timetravel/uml_(node_service|machines)|"
      "(os|realtime|agent|deployment|kernel)/[a-z_]+)\\.(cc|hh):[^\\n]*\\n");
  EXPECT_EQ(std::regex_replace(found, allowed, ""), "");
  EXPECT_EQ(matches(sources_in({"tests"}), std::regex("\\b(sleep_for|usleep|nanosleep)\\b")), "");
}

// Its order is not ours to know.
TEST(Tidy, NoUnorderedContainerIsIteratedOver) {
  static const std::regex declared("unordered_(?:map|set|multimap|multiset)<.*>\\s*&?\\s*(\\w+)");
  std::map<std::string, std::set<std::string>> names;  // by path without extension
  const std::vector<Source> sources = sources_in({"core", "models", "emulator"});
  const auto stem = [](const Source& source) {
    return source.path.substr(0, source.path.rfind('.'));
  };
  for (const Source& source : sources) {
    for (const std::string& line : source.lines) {
      std::smatch match;
      const std::string code = code_of(line);
      if (std::regex_search(code, match, declared)) names[stem(source)].insert(match[1]);
    }
  }
  ASSERT_FALSE(names.empty()) << "the check finds no such container, so it finds nothing";
  std::string found;
  for (const Source& source : sources) {
    for (const std::string& name : names[stem(source)]) {
      found += matches(
          {source}, std::regex("for \\(.*: " + name + "\\)|\\b" + name + "\\.(begin|cbegin)\\("));
    }
  }
  EXPECT_EQ(found, "");
}

TEST(Tidy, NothingIsLeftForLater) {
  static const std::regex later(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X|HA"
      "CK)\\b");
  std::string found;
  for (const Source& source : all_sources()) {
    for (const std::string& line : source.lines) {
      if (std::regex_search(line, later)) found += source.path + ": " + line + "\n";
    }
  }
  EXPECT_EQ(found, "");
}

TEST(Tidy, HeadersAreGuardedAndSourcesIncludeTheirOwnHeaderFirst) {
  std::string found;
  for (const Source& source : all_sources()) {
    const auto first = [&](const std::string& prefix) {
      for (const std::string& line : source.lines) {
        if (line.starts_with(prefix)) return line;
      }
      return std::string();
    };
    if (source.is_header()) {
      if (first("#").find("#pragma once") != 0) found += source.path + " has no #pragma once\n";
      continue;
    }
    const std::string own = source.path.substr(0, source.path.rfind('.')) + ".hh";
    if (!fs::exists(kRoot / own)) continue;
    if (first("#include") != "#include \"" + own + "\"") {
      found += source.path + " does not begin with its own header\n";
    }
  }
  EXPECT_EQ(found, "");
}

TEST(Tidy, GoldenFilesAreShortEnoughToBeRead) {
  for (const auto& entry : fs::directory_iterator(kRoot / "tests" / "golden")) {
    EXPECT_LT(lines_of(entry.path()).size(), 60u) << entry.path();
  }
}

// ---- sizes, with a ratchet ----------------------------------------------------------------------

constexpr size_t kHeaderLines = 120;
constexpr size_t kSourceLines = 250;
constexpr size_t kFunctionLines = 70;

// The longest stretch between a line that opens a body and the line that closes it at the same
// indentation: with our formatting, the longest function.
size_t longest_function(const Source& source) {
  static const std::regex opens(
      "^( {0,4})[^ #}/:].*\\) (const |noexcept |override |final |mutable )*\\{$");
  size_t longest = 0;
  for (size_t i = 0; i < source.lines.size(); ++i) {
    std::smatch match;
    if (!std::regex_match(source.lines[i], match, opens)) continue;
    const std::string end = match[1].str() + "}";
    for (size_t j = i + 1; j < source.lines.size(); ++j) {
      if (source.lines[j] != end) continue;
      longest = std::max(longest, j - i + 1);
      break;
    }
  }
  return longest;
}

// "lines path" or "function path" to the largest size allowed.
using Sizes = std::map<std::string, size_t>;

Sizes oversized() {
  Sizes sizes;
  for (const Source& source : sources_in({"core", "models", "emulator"})) {
    const size_t limit = source.is_header() ? kHeaderLines : kSourceLines;
    if (source.lines.size() > limit) sizes["lines " + source.path] = source.lines.size();
    const size_t function = longest_function(source);
    if (function > kFunctionLines) sizes["function " + source.path] = function;
  }
  return sizes;
}

TEST(Tidy, FilesAndFunctionsAreShortAndThoseThatAreNotDoNotGrow) {
  const fs::path file = kRoot / "tests" / "tidy" / "oversized.txt";
  const Sizes actual = oversized();
  if (std::getenv("UPDATE") != nullptr) {
    std::ofstream out(file);
    // A little room, so that a comment more is not a failure.
    for (const auto& [what, size] : actual) out << (size + 36) / 25 * 25 << " " << what << "\n";
  }
  Sizes allowed;
  for (const std::string& line : lines_of(file)) {
    std::istringstream words(line);
    size_t size = 0;
    std::string kind, path;
    words >> size >> kind >> path;
    allowed[kind + " " + path] = size;
  }
  for (const auto& [what, size] : actual) {
    if (!allowed.contains(what)) {
      ADD_FAILURE() << what << " is too long: " << size;
    } else {
      EXPECT_LE(size, allowed[what]) << what << " has grown";
    }
  }
  for (const auto& [what, size] : allowed) {
    EXPECT_TRUE(actual.contains(what)) << what << " is short enough now: take it off the list";
  }
}

}  // namespace
}  // namespace violin::testing
