#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/support/frame_text.hh"
#include "tests/support/simulation.hh"

// Golden traces: what a small scenario puts on its wires, frame by frame, in tests/golden/*.trace.
// A file is a scenario, a line "---", and a line for every frame that left a wire: when (ms), which
// wire, what. `UPDATE=1 simulation_test --gtest_filter=Golden*` rewrites them; read the difference.

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(VIOLIN_SOURCE_DIR) / "tests" / "golden";
constexpr const char* kSeparator = "---\n";

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Writes down what leaves the far end of every wire.
class Trace {
 public:
  explicit Trace(Simulation& simulation) {
    for (size_t link = 0; link < simulation.scenario().links.size(); ++link) {
      for (const bool a_to_b : {true, false}) {
        Flight* flight = simulation.network().flight(static_cast<int>(link), a_to_b);
        taps_.emplace_back(*this, flight->name());
        flight->set_observer(&taps_.back());
      }
    }
  }
  std::string text() const { return text_; }

 private:
  class Tap final : public FrameObserver {
   public:
    Tap(Trace& trace, const std::string& wire) : trace_(trace) {
      // "v1/h1--s1.h1->s1" in short: the direction alone, its plane in front.
      wire_ = wire.substr(0, wire.find('/') + 1) + wire.substr(wire.rfind('.') + 1);
    }
    void observe(const Frame& frame, Time now, bool) override {
      std::ostringstream line;
      line.setf(std::ios::fixed);
      line.precision(6);
      line.width(13);
      line << static_cast<double>(now.ns()) * 1e-6 << "  " << wire_ << "  "
           << trace_.words_.describe(frame) << '\n';
      trace_.text_ += line.str();
    }

   private:
    Trace& trace_;
    std::string wire_;
  };

  std::deque<Tap> taps_;
  FrameText words_;
  std::string text_;
};

class GoldenTrace : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenTrace, IsWhatTheScenarioPutsOnItsWires) {
  const fs::path file = kFolder / GetParam();
  const std::string golden = text_of(file);
  const size_t end = golden.find(std::string("\n") + kSeparator);
  const std::string scenario = golden.substr(0, end == std::string::npos ? end : end + 1);
  Simulation simulation(scenario);
  Trace trace(simulation);
  simulation.run();
  const std::string actual = scenario + kSeparator + trace.text();
  if (std::getenv("UPDATE") != nullptr) {
    std::ofstream(file, std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(actual, golden) << "UPDATE=1 rewrites " << file;
}

std::vector<std::string> traces() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".trace") names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// "ping-through-switch.trace" as gtest allows it in a name.
std::string name_of_file(const ::testing::TestParamInfo<std::string>& file) {
  std::string name = file.param.substr(0, file.param.find('.'));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenTrace, ::testing::ValuesIn(traces()), name_of_file);

}  // namespace
}  // namespace violin::testing
