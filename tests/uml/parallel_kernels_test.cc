#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "tests/uml/virtual_kernels.hh"

// Kernels that run in parallel do what they do one after the other.

namespace violin::testing {
namespace {

namespace fs = std::filesystem;
using namespace literals;

// Four kernels, one of which forwards, beside a model, behind links of different delays, one of
// which goes down and another one changes its delay.
constexpr const char* kNetwork = R"(violin: 1
name: parallel
duration: 5 s
uml: { syscall_cost: 5 us, memory: 32 MiB }
violins:
  v1:
    nodes:
      h1..h3: { kind: host, backend: uml }
      r: { kind: router, backend: uml }
      m: { kind: host }
      s: { kind: switch }
    links:
      - { endpoints: [h1, s], rate: 20 Mbit/s }
      - { endpoints: [m, s], rate: 20 Mbit/s }
      - { name: up, endpoints: [s, r], delay: 4 ms, rate: 10 Mbit/s, queue: { kind: droptail, limit: 30 packets } }
      - { endpoints: [r, h2], delay: 2 ms }
      - { name: far, endpoints: [r, h3], delay: 3 ms, rate: 5 Mbit/s, loss: 1 % }
workloads:
  - { name: t, tcp: { from: v1/h1, to: v1/h2, duration: 3 s } }
  - { name: u, udp: { from: v1/h3, to: v1/h1, duration: 3 s, rate: 1 Mbit/s, size: 500 B } }
  - { name: p, ping: { from: v1/h1, to: v1/h3, count: 15, interval: 200 ms } }
  - { name: of_model, ping: { from: v1/m, to: v1/h2, count: 20, interval: 100 ms } }
events:
  - { at: 2 s, down: v1/far, for: 300 ms }
  - { at: 3 s, set: { link: v1/up, delay: 6 ms } }
capture: [ v1/h1:eth0, v1/h3:eth0, v1/r:eth1 ]
)";

struct Seen {
  RunResult result;
  std::map<std::string, std::string> files;  // captures and recording
};

class ParallelKernels : public VirtualKernels {
 protected:
  Seen see(const Scenario& scenario, int parts_max) {
    const TemporaryFolder folder;
    Seen seen{run(scenario, {.folder = folder.path(), .record = true, .quiet = true}, parts_max),
              {}};
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      seen.files[fs::relative(entry.path(), folder.path())] = {std::istreambuf_iterator<char>(in),
                                                               {}};
    }
    return seen;
  }
};

TEST_F(ParallelKernels, GiveTheDigestAndTheCapturesOfThoseThatTakeTurns) {
  const Scenario scenario = test::read(kNetwork);
  const Seen serial = see(scenario, 1);
  EXPECT_EQ(serial.result.failures, std::vector<std::string>());
  EXPECT_FALSE(serial.result.cut.has_value());
  EXPECT_GT(serial.result.frame_hops, 5'000u);
  ASSERT_EQ(serial.files.size(), 4u);
  for (const int parts : {2, 3}) {
    const Seen parallel = see(scenario, parts);
    ASSERT_TRUE(parallel.result.cut.has_value());
    EXPECT_EQ(parallel.result.cut->parts, parts);
    EXPECT_EQ(parallel.result.cut->lookahead, 3_ms);
    EXPECT_EQ(parallel.result.digest, serial.result.digest);
    EXPECT_EQ(parallel.result.frame_hops, serial.result.frame_hops);
    ASSERT_EQ(parallel.files.size(), serial.files.size());
    for (const auto& [name, bytes] : serial.files) {
      EXPECT_TRUE(parallel.files.at(name) == bytes) << name << " in " << parts << " parts";
    }
    EXPECT_EQ(outcome_of<TcpResult>(parallel.result, "t").bytes,
              outcome_of<TcpResult>(serial.result, "t").bytes);
    EXPECT_EQ(outcome_of<PingResult>(parallel.result, "p").received,
              outcome_of<PingResult>(serial.result, "p").received);
  }
}

TEST_F(ParallelKernels, AreWaitedForAndNamedWhenOneIsBusyForEver) {
  options_.patience = std::chrono::milliseconds(2'000);
  Scenario scenario = test::read(
      "violin: 1\nname: busy\nduration: 5 s\n"
      "violins: { v1: { backend: uml, nodes: { h1..h2: { kind: host } },\n"
      "  links: [ { endpoints: [h1, h2], delay: 5 ms } ] } }\n"
      "workloads:\n"
      "  - { name: loop, exec: { node: v1/h2, command: [sh, -c, 'while :; do :; done'] } }\n");
  cpu_set_t before, after;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  try {
    see(scenario, 2);
    FAIL() << "it ended";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("v1/h2"), std::string::npos) << error.what();
  }
  ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

}  // namespace
}  // namespace violin::testing
