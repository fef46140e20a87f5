#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "emulator/scenario/calibration.hh"
#include "emulator/scenario/scenario_reader.hh"
#include "tests/realtime/run_fixture.hh"

// violin calibrate, and what its file does to a run in virtual time.

namespace violin::testing {
namespace {

// Two virtual machines that are nothing but a tunnel apart.
constexpr const char* kTunnel = R"(violin: 1
name: tunnel
duration: 2 s
underlay:
  nodes: { a: { kind: host }, b: { kind: host } }
  links: [ { endpoints: [a, b], delay: 1 ms } ]
violins:
  v:
    encryption: aes-256-gcm
    tunnel_cost: $cost
    nodes: { h1: { kind: host, place: a }, h2: { kind: host, place: b } }
    links: [ { endpoints: [h1, h2] } ]
workloads:
  - { name: rtt, ping: { from: v/h1, to: v/h2, count: 10, interval: 100 ms } }
)";

std::string tunnel_with(const std::string& cost) {
  std::string text = kTunnel;
  const std::string key = "    tunnel_cost: $cost\n";
  return text.replace(text.find(key), key.size(),
                      cost.empty() ? "" : "    tunnel_cost: " + cost + "\n");
}

class Calibrate : public RunTest {
 protected:
  // The median round trip in virtual time.
  Duration round_trip(const std::string& scenario, const std::vector<std::string>& options) const {
    write("virtual.yaml", scenario);
    std::vector<std::string> words{"run", "--force", "--quiet", "--out", "out", "virtual.yaml"};
    words.insert(words.end(), options.begin(), options.end());
    const Outcome ran = violin(words);
    EXPECT_EQ(ran.status, 0) << ran.error;
    std::vector<Duration> round_trips;
    for (const PingProbe& probe : outcome_of<PingResult>("rtt").probes) {
      round_trips.push_back(probe.rtt.value_or(Duration()));
    }
    std::sort(round_trips.begin(), round_trips.end());
    return round_trips.at(round_trips.size() / 2);
  }
};

TEST_F(Calibrate, MeasuresCostsThatMakeRoundTripsInVirtualTimeLonger) {
  Violin calibration({"calibrate", "--rounds", "1", "--out", "cal.yaml"}, here());
  ASSERT_TRUE(eventually([&] { return calibration.has_ended(); }, 200));
  const Outcome calibrated = calibration.wait();
  ASSERT_EQ(calibrated.status, 0) << calibrated.output << calibrated.error;
  EXPECT_NE(calibrated.output.find("latency"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(folder() / "runs/calibrate/001/runs.csv"));
  const Calibration file = load_calibration(folder() / "cal.yaml");
  ASSERT_EQ(file.costs.size(), 3u);
  for (const auto& [encryption, cost] : file.costs) {
    EXPECT_GT(cost.cost.of(1514), Duration()) << name_of(encryption);
    EXPECT_GT(cost.cost.latency, Duration()) << name_of(encryption);
  }

  const Duration free = round_trip(tunnel_with("{}"), {});
  const Duration with = round_trip(tunnel_with(""), {"--calibration", "cal.yaml"});
  const TunnelCost& cost = file.costs.at(Encryption::kAes256Gcm);
  EXPECT_GE(with, free + cost.cost.latency * 4);
  const Scenario resolved = read_scenario(load_scenario_source(folder() / "out/scenario.yaml"), {});
  EXPECT_EQ(resolved.plane("v").tunnel_cost, cost)
      << "the results say which cost it was, and whose";
  EXPECT_EQ(round_trip(tunnel_with("{}"), {"--calibration", "cal.yaml"}), free)
      << "a violin's own cost goes first";

  // The folder of a sweep keeps which program it is from.
  EXPECT_TRUE(std::filesystem::remove(folder() / "runs/calibrate/001/.program"));

  const Outcome again = violin({"calibrate", "--rounds", "1", "--out", "cal.yaml"});
  EXPECT_EQ(again.status, 3) << "what is there is not replaced unasked";
}

TEST_F(Calibrate, IsForVirtualTimeOnly) {
  write("cal.yaml", "none: {tunnel_cost: {}}\n");
  write("real.yaml", tunnel_with(""));
  const Outcome ran = violin({"run", "--clock", "real", "--calibration", "cal.yaml", "real.yaml"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.error.find("--calibration: under the real clock tunnels cost what they cost"),
            std::string::npos)
      << ran.error;
}

}  // namespace
}  // namespace violin::testing
