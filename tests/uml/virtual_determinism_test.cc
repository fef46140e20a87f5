#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "emulator/results/verification.hh"
#include "tests/uml/virtual_kernels.hh"

// A network of kernels is the same every time, to the last byte of the last frame, whatever else
// the machine does; and it is not when the seed is another.

namespace violin::testing {
namespace {

// Everything that could differ is made to show in frames: ports, sequence numbers, time stamps,
// hash seeds, addresses of programs, UUIDs, the wall clock; router solicitations and MLD come by
// themselves.
constexpr const char* kEverything = R"yaml(violin: 1
name: everything
duration: 5 s
uml: { syscall_cost: 5 us }
capture: all
violins:
  v1:
    backend: uml
    nodes:
      h1: { kind: host }
      r:  { kind: router }
      h2: { kind: host }
    links:
      - endpoints: [ { node: h1, address: [10.0.1.1/24, "fd00:1::1/64"] },
                     { node: r, address: [10.0.1.2/24, "fd00:1::2/64"] } ]
        delay: 3 ms
        rate: 20 Mbit/s
        loss: 0.5 %
        queue: { kind: droptail, limit: 30 packets }
      - endpoints: [ { node: r, address: [10.0.2.1/24, "fd00:2::1/64"] },
                     { node: h2, address: [10.0.2.2/24, "fd00:2::2/64"] } ]
        delay: 5 ms
        jitter: 1 ms
        reorder: 1 %
workloads:
  - { name: t, tcp: { from: v1/h1, to: v1/h2, duration: 1 s } }
  - { name: u, udp: { from: v1/h2, to: v1/h1, duration: 2 s, rate: 1 Mbit/s, size: 500 B } }
  - { name: p, ping: { from: v1/h1, to: v1/h2, count: 3, interval: 700 ms } }
  - { name: s, exec: { node: v1/h2, command: [iperf3, -s, "-1", -p, "6000"] } }
  - { name: t6, exec: { node: v1/h1, at: 2 s,
      command: [iperf3, "-6", -c, "fd00:2::2", -p, "6000", -n, 200k, -C, cubic] } }
  - { name: p6, exec: { node: v1/h1, at: 1 s, command: [ping, "-6", -c, "2", "fd00:2::2"] } }
  - { name: seeds, exec: { node: v1/h1, at: 500 ms, command: [python3, -c,
      "import socket, time, uuid; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
       s.sendto(f'{hash(str)} {hash(\"text\")} {id(s)} {uuid.uuid4()} {time.time_ns()}'.encode(),
                ('10.0.2.2', 9))"] } }
)yaml";

// Processes that never rest, as many as the machine has processors, and one more.
class Load {
 public:
  Load() {
    const int64_t count = sysconf(_SC_NPROCESSORS_ONLN) + 1;
    for (int64_t i = 0; i < count; ++i) {
      const pid_t child = fork();
      if (child == 0) {
        for (std::atomic<uint64_t> turns = 0;; ++turns) {
        }
      }
      children_.push_back(child);
    }
  }
  ~Load() {
    for (const pid_t child : children_) {
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
    }
  }

 private:
  std::vector<pid_t> children_;
};

struct Seen {
  RunResult result;
  std::map<std::string, std::string> pcaps;  // bytes, by name
};

class VirtualDeterminism : public VirtualKernels {
 protected:
  Seen see(uint64_t seed = 1) {
    const TemporaryFolder folder;
    Seen seen{run_into(folder.path(), kEverything, seed), {}};
    for (const std::string& name : seen.result.captures) {
      std::ifstream file(folder.path() / name, std::ios::binary);
      seen.pcaps[name] = {std::istreambuf_iterator<char>(file), {}};
    }
    return seen;
  }

  void expect_same(const Seen& one, const Seen& other, const std::string& when) {
    EXPECT_EQ(one.result.digest, other.result.digest) << when;
    EXPECT_EQ(one.result.frame_hops, other.result.frame_hops) << when;
    EXPECT_EQ(one.result.events, other.result.events) << when;
    ASSERT_EQ(one.pcaps.size(), other.pcaps.size());
    for (const auto& [name, bytes] : one.pcaps) {
      EXPECT_TRUE(bytes == other.pcaps.at(name)) << name << ", " << when;
    }
  }
};

TEST_F(VirtualDeterminism, HoldsTenTimesAloneAndBesideBusyProcessesPinnedAndNot) {
  const Seen first = see();
  ASSERT_EQ(first.result.failures, std::vector<std::string>());
  ASSERT_EQ(first.pcaps.size(), 4u);
  EXPECT_GT(first.result.frame_hops, 4'000u);
  for (const char* program : {"s", "t6", "p6", "seeds"}) {
    EXPECT_EQ(outcome_of<ExecResult>(first.result, program).status, 0) << program;
  }
  for (int run = 1; run < 10; ++run) {
    const bool is_loaded = run % 2 == 1, is_pinned = run % 4 < 2;
    options_.on_one_processor = is_pinned;
    std::optional<Load> load;
    if (is_loaded) load.emplace();
    expect_same(first, see(),
                "run " + std::to_string(run) + (is_loaded ? ", under load" : ", alone") +
                    (is_pinned ? ", pinned" : ", not pinned"));
  }
}

TEST_F(VirtualDeterminism, EndsWithTheSeed) {
  EXPECT_NE(see(1).result.digest, see(2).result.digest);
}

}  // namespace
}  // namespace violin::testing
