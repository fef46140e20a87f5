#include "emulator/scenario/tunnel_cost.hh"

#include <gtest/gtest.h>

#include "emulator/network/network_plan.hh"
#include "emulator/scenario/calibration.hh"
#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

using namespace literals;
using test::error_of;
using test::read;
using test::with_head;
using test::written;

// A violin over two overlay hosts whose keys these are, from line 11 on.
std::string tunnelled(const std::string& keys, const std::string& head = "") {
  return with_head(head + "underlay:\n  nodes: {a: {kind: host}, b: {kind: host}}\n" +
                   "  links: [{endpoints: [a, b]}]\nviolins:\n  v1:\n" +
                   "    nodes: {h1: {kind: host, place: a}, h2: {kind: host, place: b}}\n" + keys +
                   "    links: [{endpoints: [h1, h2]}]\n");
}

const PlaneSpec& violin_of(const Scenario& scenario) { return scenario.plane("v1"); }

ScenarioOptions with_calibration(const std::string& text) {
  ScenarioOptions options;
  options.overrides.calibration = parse_calibration(text, "cal.yaml");
  return options;
}

TEST(TunnelCost, IsReadWithUnitsAndWhatIsLeftOutIsZero) {
  const Scenario scenario = read(tunnelled(
      "    tunnel_cost: {per_frame: 3 us, per_kibibyte: 0.4 us, latency: 20 us, origin: 'a b'}\n"));
  const TunnelCost& cost = violin_of(scenario).tunnel_cost;
  EXPECT_EQ(cost.cost, (ProcessingCost{3_us, 400_ns, 20_us}));
  EXPECT_EQ(cost.origin, "a b");
  const Scenario partly = read(tunnelled("    tunnel_cost: {latency: 7 us}\n"));
  EXPECT_EQ(violin_of(partly).tunnel_cost, (TunnelCost{{.latency = 7_us}, ""}));
  const Scenario free = read(tunnelled("    tunnel_cost: {}\n"));
  EXPECT_EQ(violin_of(free).tunnel_cost, TunnelCost());
}

TEST(TunnelCost, IsThatOfEveryTunnelEndOfItsViolin) {
  const Scenario scenario = read(tunnelled("    tunnel_cost: {per_frame: 3 us, latency: 1 ms}\n"));
  const NetworkPlan plan(scenario);
  ASSERT_EQ(plan.tunnels().size(), 1u);
  EXPECT_EQ(plan.tunnels()[0].end_a.cost, (ProcessingCost{.per_frame = 3_us, .latency = 1_ms}));
  EXPECT_EQ(plan.tunnels()[0].end_b.cost, plan.tunnels()[0].end_a.cost);
}

TEST(TunnelCost, IsWrittenIntoTheResolvedScenarioWhereverItIsFrom) {
  const std::string own = "{per_frame: 3 us, per_kibibyte: 0 s, latency: 1.5 ms, origin: \"$$x\"}";
  for (const std::string& keys : {"    tunnel_cost: " + own + "\n", std::string(),
                                  std::string("    encryption: chacha20-poly1305\n")}) {
    const Scenario scenario = read(tunnelled(keys));
    const std::string text = written(scenario);
    const Scenario again = read(text);
    EXPECT_EQ(violin_of(again).tunnel_cost, violin_of(scenario).tunnel_cost) << text;
    EXPECT_EQ(written(again), text);
  }
  EXPECT_EQ(violin_of(read(tunnelled("    tunnel_cost: " + own + "\n"))).tunnel_cost.origin, "$x");
}

TEST(TunnelCost, HasADefaultForEachCipherThatSaysWhereItIsFrom) {
  for (const std::string& cipher : encryption_names()) {
    const Scenario scenario = read(tunnelled("    encryption: " + cipher + "\n"));
    const PlaneSpec& violin = violin_of(scenario);
    EXPECT_EQ(name_of(violin.encryption), cipher);
    EXPECT_EQ(violin.tunnel_cost, default_tunnel_cost(violin.encryption));
    EXPECT_GT(violin.tunnel_cost.cost.of(1500), Duration());
    EXPECT_FALSE(violin.tunnel_cost.origin.empty());
  }
}

TEST(TunnelCost, TakesParametersSoThatItCanBeSwept) {
  const std::string text = tunnelled("    tunnel_cost: {per_frame: $x}\n", "params: {x: 1 us}\n");
  EXPECT_EQ(violin_of(read(text)).tunnel_cost.cost.per_frame, 1_us);
  ScenarioOptions options;
  options.overrides.params["x"] = "9 us";
  EXPECT_EQ(violin_of(read(text, options)).tunnel_cost.cost.per_frame, 9_us);
}

TEST(TunnelCost, RefusesWhatItIsNotByPlaceAndReason) {
  const auto error = [](const std::string& value) {
    return error_of(tunnelled("    tunnel_cost: " + value + "\n"));
  };
  EXPECT_CONTAINS(error("3 us"),
                  "test.yaml:11:18: a tunnel_cost must be a map: 3 us; allowed: "
                  "per_frame, per_kibibyte, latency, origin");
  EXPECT_CONTAINS(error("{per_frame: 3}"), "test.yaml:11:30: per_frame: ");
  EXPECT_CONTAINS(error("{per_frame: -1 us}"), "a duration that is not negative");
  EXPECT_CONTAINS(error("{latency: 2 s}"), "test.yaml:11:28: latency: 2 s; allowed: 0 s to 1 s");
  EXPECT_CONTAINS(error("{per_kib: 1 us}"), "unknown key in a tunnel_cost: per_kib");
  EXPECT_CONTAINS(error("{origin: [a]}"), "origin");
  EXPECT_CONTAINS(error("{origin: \"a\\nb\"}"), "one line of at most");
  EXPECT_CONTAINS(error("{origin: " + std::string(301, 'x') + "}"), "one line of at most");
  EXPECT_CONTAINS(error_of(with_head("underlay: {tunnel_cost: {}, nodes: {a: {kind: host}}}\n")),
                  "unknown key in the underlay: tunnel_cost");
}

// ---- calibrations
// ---------------------------------------------------------------------------------

constexpr const char* kCalibration =
    "none: {tunnel_cost: {per_frame: 1 us, origin: here}}\n"
    "aes-256-gcm: {tunnel_cost: {per_frame: 2 us, latency: 30 us}}\n";

TEST(Calibration, GivesEveryViolinTheCostOfItsCipher) {
  const ScenarioOptions options = with_calibration(kCalibration);
  EXPECT_EQ(violin_of(read(tunnelled(""), options)).tunnel_cost,
            (TunnelCost{{.per_frame = 1_us}, "here"}));
  EXPECT_EQ(violin_of(read(tunnelled("    encryption: aes-256-gcm\n"), options)).tunnel_cost,
            (TunnelCost{{.per_frame = 2_us, .latency = 30_us}, ""}));
}

TEST(Calibration, LeavesAViolinItsOwnCost) {
  const Scenario scenario =
      read(tunnelled("    tunnel_cost: {latency: 5 us}\n"), with_calibration(kCalibration));
  EXPECT_EQ(violin_of(scenario).tunnel_cost, (TunnelCost{{.latency = 5_us}, ""}));
}

TEST(Calibration, IsRefusedWhereItHasNoCostForAViolin) {
  EXPECT_CONTAINS(
      error_of(tunnelled("    encryption: chacha20-poly1305\n"), with_calibration(kCalibration)),
      "the calibration cal.yaml has no cost for chacha20-poly1305");
}

TEST(Calibration, RefusesOtherFilesByPlaceAndReason) {
  const auto error = [](const std::string& text) {
    try {
      parse_calibration(text, "cal.yaml");
    } catch (const InputError& refusal) {
      return std::string(refusal.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(error(kCalibration), "no error");
  EXPECT_CONTAINS(error(""), "cal.yaml");
  EXPECT_CONTAINS(error("{}"), "a calibration without any cost");
  EXPECT_CONTAINS(error("aes-256: {tunnel_cost: {}}"),
                  "cal.yaml:1:1: unknown key in a calibration: aes-256");
  EXPECT_CONTAINS(error("none: {}"), "needs the key \"tunnel_cost\"");
  EXPECT_CONTAINS(error("none: {tunnel_cost: {latency: 1}}"), "cal.yaml:1:31: latency");
  EXPECT_THROW(load_calibration("/nowhere/cal.yaml"), InputError);
}

}  // namespace
}  // namespace violin
