#include <gtest/gtest.h>

#include <cmath>
#include <iterator>

#include "tests/support/simulation.hh"

// The congestion window of the model's CUBIC beside that of Linux 6.12, on the same path: 100
// Mbit/s, 12 ms each way, a queue of 1000 packets, 1448 bytes in a segment, no offloads. Linux's
// windows are what iperf3 showed (in KiB, or hundredths of a MiB) in a User-Mode Linux with
// time-travel=inf-cpu, three namespaces joined by veth, netem between the last two; nstat said that
// HyStart ended slow start by an ACK train at 265 segments, and netem dropped 67 packets within
// 7 s, all at 2.6 s. Its clock starts a round trip before the model's, which has to connect first.

namespace violin::testing {
namespace {

struct Point {
  double at_s = 0;
  double kib = 0;
};

constexpr Point kLinux[] = {{0.5, 585},   {0.9, 819},   {1.3, 1'055}, {1.7, 1'290},
                            {2.1, 1'516}, {2.5, 1'751}, {3.3, 1'311}, {4.1, 1'423},
                            {4.9, 1'516}, {5.7, 1'587}, {6.5, 1'649}};

TEST(LinuxWindow, IsTheModelsInSlowStartUpToTheFirstLossAndAfterIt) {
  Simulation simulation(
      "violin: 1\nname: window\nduration: 9 s\nviolins:\n  v1:\n"
      "    nodes: { h1..h2: { kind: host } }\n"
      "    links: [ { endpoints: [h1, h2], rate: 100 Mbit/s, delay: 12 ms,\n"
      "               queue: { limit: 1000 packets } } ]\n"
      "workloads:\n"
      "  - { name: warm, ping: { from: v1/h1, to: v1/h2, count: 1 } }\n"
      "  - { name: flow, tcp: { from: v1/h1, to: v1/h2, at: 1 s, congestion: cubic,\n"
      "      send_buffer: 8 MiB, receive_buffer: 8 MiB } }\n");
  simulation.run_to(Time::zero() + Duration::seconds(8));
  EXPECT_NEAR(static_cast<double>(simulation.outcome<TcpResult>("flow").retransmits), 67, 7);
  size_t compared = 0;
  for (const Series& series : simulation.series()) {
    if (series.metric != "cwnd_bytes") continue;
    for (const Point& point : kLinux) {
      for (const auto& [at, bytes] : series.points) {
        if (std::abs(at.to_seconds() - 1 - point.at_s) > 1e-6) continue;
        EXPECT_NEAR(bytes / 1024, point.kib, point.kib * 0.03) << point.at_s << " s";
        ++compared;
      }
    }
  }
  EXPECT_EQ(compared, std::size(kLinux));
}

}  // namespace
}  // namespace violin::testing
