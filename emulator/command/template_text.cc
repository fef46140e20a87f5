#include "emulator/command/template_text.hh"

#include <string>
#include <utility>

#include "core/check.hh"
#include "emulator/command/overlay_template.hh"

namespace violin {
namespace {

constexpr std::string_view kStar = R"(# @hosts@ hosts around one switch: a LAN.
#   violin check star.yaml     what it stands for
#   violin run star.yaml       run it; results in runs/star/001, with report.html
violin: 1
name: star
duration: 10 s

violins:
  v1:
    topology:
      kind: star                  # hosts h1 … h@hosts@ and the switch s1
      hosts: @hosts@
      host_link: { rate: 100 Mbit/s, delay: 1 ms }

workloads:
  - { name: rtt,  ping: { from: v1/h1, to: v1/h@hosts@, count: 20, interval: 100 ms } }
  - { name: bulk, tcp:  { from: v1/h1, to: v1/h@hosts@, at: 3 s, duration: 5 s } }

expect:                           # violin metrics star.yaml lists what may stand here
  - rtt.loss <= 0 %
  - rtt.rtt.p50 <= 5 ms           # two links there and two back, 1 ms each
  - { check: bulk.goodput >= 85 Mbit/s, fail: the LAN is slower than its links }
)";

constexpr std::string_view kLine =
    R"(# @routers@ routers in a row with one host each; a link fails and comes back.
#   violin run line.yaml
violin: 1
name: line
duration: 30 s

violins:
  v1:
    topology:
      kind: line                  # r1 - r2 - … - r@routers@, and a host h1 … h@routers@ at each
      routers: @routers@
      link: { rate: 100 Mbit/s, delay: 2 ms }
      host_link: { rate: 100 Mbit/s, delay: 0.1 ms }

workloads:
  - { name: path, traceroute: { from: v1/h1, to: v1/h@routers@, max_hops: 255 } }
  - { name: file, tcp:  { from: v1/h1, to: v1/h@routers@, at: 2 s, size: 5 MB } }
  - { name: rtt,  ping: { from: v1/h1, to: v1/h@routers@, count: 250, interval: 100 ms } }

events:
  - { at: 20 s, down: v1/r1--r2, for: 2 s }

capture: [ "v1/h1:eth0" ]         # runs/line/001/pcap/v1.h1.eth0.pcap, for wireshark
snaplen: 96 B

expect:
  - path.hops == @hops@               # every router, then the host
  - file.flows_finished == 1
  - rtt.longest_gap >= 2 s        # as long as the link was down …
  - rtt.longest_gap <= 3 s        # … and not much longer
)";

constexpr std::string_view kTree =
    R"(# A tree of routers with hosts as its leaves: depth @depth@, fanout @fanout@, @hosts@ hosts.
#   violin run tree.yaml
violin: 1
name: tree
duration: 20 s

violins:
  v1:
    topology:
      kind: tree                  # r1 on top, hosts h1 … h@hosts@ below
      depth: @depth@
      fanout: @fanout@
      link: { rate: 1 Gbit/s, delay: 1 ms }
      host_link: { rate: 100 Mbit/s, delay: 0.1 ms }

workloads:                        # from the first leaf to the last: up to the top and down again
  - { name: path, traceroute: { from: v1/h1, to: v1/h@hosts@ } }
  - { name: rtt,  ping: { from: v1/h1, to: v1/h@hosts@, count: 10 } }
  - { name: file, tcp:  { from: v1/h1, to: v1/h@hosts@, at: 11 s, size: 10 MB } }

expect:
  - path.hops == @hops@
  - rtt.loss <= 0 %
  - file.flows_finished == 1
  - file.fct.max <= 3 s           # 10 MB at 100 Mbit/s take 0.84 s
)";

constexpr std::string_view kGrid =
    R"(# Routers in @rows@ rows and @columns@ columns, a host at each; frames take the shortest way.
#   violin run grid.yaml
violin: 1
name: grid
duration: 20 s

violins:
  v1:
    topology:
      kind: grid                  # routers r1_1 (row, column) …, hosts h1 … h@hosts@ in that order
      rows: @rows@
      columns: @columns@
      link: { rate: 100 Mbit/s, delay: 1 ms }
      host_link: { rate: 100 Mbit/s }

workloads:                        # from corner to corner
  - { name: path, traceroute: { from: v1/h1, to: v1/h@hosts@, max_hops: 255 } }
  - { name: rtt,  ping: { from: v1/h1, to: v1/h@hosts@, count: 10 } }
  - { name: file, tcp:  { from: v1/h1, to: v1/h@hosts@, at: 11 s, size: 2 MB } }

expect:
  - path.hops == @hops@               # @columns@ to the right and @rows@ down, less one, and the host
  - rtt.loss <= 0 %
  - file.flows_finished == 1
)";

constexpr std::string_view kDumbbell =
    R"(# @pairs@ TCP flows share one bottleneck link, the classic of congestion control.
#   violin run dumbbell.yaml
#   violin run dumbbell.yaml --set queue=fq_codel
violin: 1
name: dumbbell
duration: 30 s
measure: 10 s..25 s               # after slow start, while all flows are active
params: { congestion: cubic, queue: droptail }
# sweep: { queue: [droptail, codel, fq_codel, pie], seed: 1..5 }   # run makes all 20, then compare

violins:
  v1:
    topology:
      kind: dumbbell              # left1 … - r1 - r2 - right1 …
      pairs: @pairs@
      link: { rate: 100 Mbit/s, delay: 10 ms, queue: { kind: $queue, limit: 250 packets } }
      host_link: { rate: 1 Gbit/s, delay: 1 ms }

workloads:                        # named flow.1, flow.2 …, one second apart at most
  - name: flow
    tcp: { from: v1/left1..left@pairs@, to: v1/right1..right@pairs@, duration: 25 s,
           stagger: @stagger@ ms, congestion: $congestion }

expect:
  - sum(flow.*.goodput) >= 85 Mbit/s
  - sum(flow.*.goodput) <= 100 Mbit/s          # data are 1448 bytes of each 1514
  - { check: jain(flow.*.goodput) >= 0.5, fail: some flows starve }
)";

constexpr std::string_view kClos =
    R"(# A small data centre: @spines@ spines, @leaves@ leaves, @hosts@ hosts at each leaf.
#   violin run clos.yaml
violin: 1
name: clos
duration: 30 s

violins:
  v1:
    topology:
      kind: clos                  # every leaf is linked to every spine; hosts h1 … h@all@
      spines: @spines@
      leaves: @leaves@
      hosts: @hosts@
      link: { rate: 1 Gbit/s, delay: 0.01 ms }
      host_link: { rate: 100 Mbit/s, delay: 0.01 ms }

workloads:                        # the first half of the hosts sends to the second
  - { name: shuffle, tcp: { from: v1/h1..h@half@, to: v1/h@middle@..h@last@, size: 1 MB } }

expect:
  - sum(shuffle.*.flows_finished) == @half@
  - max(shuffle.*.fct.max) <= 25 s
)";

constexpr std::string_view kRandom =
    R"(# A random network of @routers@ routers with @degree@ links each on average, @hosts@ hosts at each router.
#   violin run random.yaml
#   violin run random.yaml --seed 2      another network
violin: 1
name: random
duration: 15 s
seed: 1

violins:
  v1:
    topology:
      kind: random                # routers r1 …, hosts h1 … h@all@; connected
      routers: @routers@
      degree: @degree@
      hosts: @hosts@
      link: { rate: 100 Mbit/s, delay: 5 ms }
      host_link: { rate: 100 Mbit/s, delay: 0.1 ms }

workloads:
  - { name: rtt,  ping: { from: v1/h1, to: v1/h2..h@targets@, count: 10 } }
  - { name: file, tcp:  { from: v1/h1, to: v1/h@all@, at: 1 s, size: 1 MB } }

expect:
  - max(rtt.*.loss) <= 0 %
  - file.flows_finished == 1
)";

constexpr std::pair<std::string_view, std::string_view> kTexts[] = {
    {"star", kStar},         {"line", kLine}, {"tree", kTree},     {"grid", kGrid},
    {"dumbbell", kDumbbell}, {"clos", kClos}, {"random", kRandom}, {"overlay", kOverlayTemplate},
};

}  // namespace

std::string_view template_text(std::string_view kind) {
  for (const auto& [name, text] : kTexts) {
    if (name == kind) return text;
  }
  CHECK_MESSAGE(false, std::string(kind));
}

}  // namespace violin
