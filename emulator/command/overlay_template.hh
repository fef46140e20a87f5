#pragma once

#include <string_view>

namespace violin {

// The template of a violin over an underlay: the one that is spelt out node by node, where the
// others have a `topology:`.
inline constexpr std::string_view kOverlayTemplate =
    R"(# One virtual network over two machines of an emulated Internet: what VIOLIN is for.
# The virtual link s1--h2 is a tunnel between west and east; h1 and h2 see nothing of it.
#   violin run overlay.yaml
#   violin run overlay.yaml --set crypt=aes-256-gcm
violin: 1
name: overlay
duration: 30 s
params: { crypt: none }           # none | aes-256-gcm | chacha20-poly1305
# sweep: { crypt: [none, aes-256-gcm], seed: 1..5 }

underlay:
  nodes:
    core: { kind: router }
    west: { kind: host, attach: { to: core, rate: 100 Mbit/s, delay: 10 ms } }
    east: { kind: host, attach: { to: core, rate: 100 Mbit/s, delay: 15 ms } }

violins:
  v1:
    encryption: $crypt
    # tunnel_cost: { per_frame: 3 us, per_kibibyte: 0.4 us, latency: 20 us }   # or --calibration
    nodes:
      h1: { kind: host,   place: west }
      s1: { kind: switch, place: west }
      h2: { kind: host,   place: east }
    links:
      - { endpoints: [h1, s1], rate: 1 Gbit/s }
      - { endpoints: [s1, h2], rate: 1 Gbit/s }

workloads:                        # one after the other: they share the underlay
  - { name: hops, traceroute: { from: v1/h1, to: v1/h2 } }
  - { name: rtt,  ping: { from: v1/h1, to: v1/h2, count: 20, interval: 100 ms, at: 1 s } }
  - { name: host, tcp:  { from: underlay/west, to: underlay/east, at: 5 s, duration: 10 s } }
  - { name: vm,   tcp:  { from: v1/h1, to: v1/h2, at: 18 s, duration: 10 s } }

compare:
  - { name: degradation, host: host.goodput, violin: vm.goodput }

expect:
  - hops.hops == 1                # the underlay does not show
  - rtt.loss <= 0 %
  - vm.goodput >= 60 Mbit/s
  - { check: degradation <= 20 %, fail: the tunnel costs more than its headers }
)";

}  // namespace violin
