#pragma once

#include <string>

// A ring of four routers that find their routes by a protocol, with a host at each end of a
// diagonal: h1 - r1 - r2 - r3 - h3, and r1 - r4 - r3. The way over r2 is the shorter one. The cable
// r2 - r3 is cut at 30 s.

namespace violin::test {

inline std::string routed_ring(const std::string& protocol, const std::string& backend,
                               const std::string& more = "") {
  return R"(violin: 1
name: ring
duration: 60 s
bootstrap: 5 s
uml: { syscall_cost: 5 us }
violins:
  v:
    backend: )" +
         backend + R"(
    routing: )" +
         protocol + R"(
    ospf: { hello: 1 s, dead: 4 s }
    nodes: { h1: { kind: host }, h3: { kind: host }, r1..r4: { kind: router } }
    links:
      - { endpoints: [h1, r1] }
      - { endpoints: [r1, r2], delay: 1 ms }
      - { name: cut, endpoints: [r2, r3], delay: 1 ms }
      - { endpoints: [r1, r4], delay: 2 ms }
      - { endpoints: [r4, r3], delay: 2 ms }
      - { endpoints: [h3, r3] }
workloads:
  - { name: rtt, ping: { from: v/h1, to: v/h3, at: 20 s, count: 390, interval: 100 ms } }
events: [ { at: 30 s, down: v/cut } ]
)" + more;
}

}  // namespace violin::test
