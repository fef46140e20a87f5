#pragma once

#include <string>

// A host in a private network behind a router that translates addresses, and a server outside:
// in - gw - out. `rest` stands behind the workloads.

namespace violin::test {

inline std::string translated(const std::string& backend, const std::string& gateway,
                              const std::string& rest = "") {
  return R"yaml(violin: 1
name: translated
duration: 9 s
uml: { syscall_cost: 5 us }
violins:
  v:
    backend: )yaml" +
         backend + R"yaml(
    nodes: { in: { kind: host }, out: { kind: host }, gw: { kind: router)yaml" +
         gateway + R"yaml( } }
    links:
      - { endpoints: [ { node: in, address: 192.168.1.2/24 }, { node: gw, address: 192.168.1.1/24 } ], delay: 1 ms }
      - { endpoints: [ { node: gw, address: 10.0.0.1/24 }, { node: out, address: 10.0.0.2/24 } ], delay: 1 ms }
workloads:
  - { name: inwards, tcp: { from: v/out, to: v/in, address: "10.0.0.1:8080", port: 5001, at: 1 s, duration: 1 s } }
  - { name: echo, ping: { from: v/in, to: 10.0.0.2, at: 1 s, count: 3, interval: 200 ms } }
  - { name: log, exec: { node: v/out, at: 4 s, command: [timeout, "3", python3, -u, -m, http.server, "8000", --directory, /usr] } }
  - { name: get, exec: { node: v/in, at: 5500 ms, command: [python3, -c,
      "import urllib.request as u; print(u.urlopen('http://10.0.0.2:8000/').status)"] } }
)yaml" + rest;
}

// Addresses are translated on the way out, and a port of the gateway stands for the host inside.
inline constexpr const char* kTranslating =
    ", nat: { out: eth1, forward: [ { port: 8080, to: \"192.168.1.2:5001\" } ] }";

}  // namespace violin::test
