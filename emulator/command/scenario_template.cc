#include "emulator/command/scenario_template.hh"

#include <algorithm>
#include <stdexcept>

#include "core/check.hh"

namespace violin {
namespace {

// In these texts @name@ is replaced by a number.

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

constexpr std::string_view kOverlay =
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

struct TemplateText {
  ScenarioTemplate description;
  std::string_view text;
};

const std::vector<TemplateText>& texts() {
  static const std::vector<TemplateText> kTexts = {
      {{"star", "hosts around one switch", {{"hosts", 4, 2, 1000, "hosts"}}}, kStar},
      {{"line",
        "routers in a row, a host at each, and a link that fails",
        {{"routers", 4, 2, 60, "routers"}}},
       kLine},
      {{"tree",
        "routers as a tree, hosts as its leaves",
        {{"depth", 3, 1, 6, "levels below the top"}, {"fanout", 2, 2, 10, "children of each"}}},
       kTree},
      {{"grid",
        "routers in rows and columns, a host at each",
        {{"rows", 4, 2, 30, "rows"}, {"columns", 4, 2, 30, "columns"}}},
       kGrid},
      {{"dumbbell",
        "TCP flows through one bottleneck",
        {{"pairs", 4, 2, 100, "senders, and as many receivers"}}},
       kDumbbell},
      {{"clos",
        "a data centre of spines and leaves",
        {{"spines", 2, 1, 16, "routers on top"},
         {"leaves", 4, 2, 32, "routers below"},
         {"hosts", 4, 2, 16, "hosts at each leaf"}}},
       kClos},
      {{"random",
        "a random connected network of routers and hosts",
        {{"routers", 20, 3, 1000, "routers"},
         {"degree", 3, 1, 20, "links of a router, on average"},
         {"hosts", 1, 1, 100, "hosts at each router"}}},
       kRandom},
      {{"overlay", "a virtual network over two machines, with a tunnel between them", {}},
       kOverlay},
  };
  return kTexts;
}

int64_t power(int64_t base, int64_t exponent) {
  int64_t result = 1;
  for (int64_t i = 0; i < exponent; ++i) result *= base;
  return result;
}

// Numbers of the text that follow from its sizes.
void add_derived(std::string_view kind, TemplateSizes& values) {
  if (kind == "line") values["hops"] = values["routers"] + 1;
  if (kind == "tree") {
    values["hosts"] = power(values["fanout"], values["depth"]);
    // Up through every level of routers, down again, and the host.
    values["hops"] = 2 * values["depth"];
    constexpr int64_t kMostHosts = 5'000;  // every leaf is a subnet, and each router knows all
    if (values["hosts"] > kMostHosts) {
      throw std::invalid_argument("a tree of " + std::to_string(values["hosts"]) +
                                  " hosts; allowed: at most " + std::to_string(kMostHosts));
    }
  }
  if (kind == "grid") {
    values["hosts"] = values["rows"] * values["columns"];
    values["hops"] = values["rows"] + values["columns"];
  }
  // Flows start within the first second.
  if (kind == "dumbbell") values["stagger"] = 1000 / values["pairs"];
  if (kind == "clos") {
    values["all"] = values["leaves"] * values["hosts"];
    values["half"] = values["all"] / 2;
    values["middle"] = values["half"] + 1;
    values["last"] = 2 * values["half"];
  }
  if (kind == "random") {
    if (values["degree"] >= values["routers"]) {
      throw std::invalid_argument("degree " + std::to_string(values["degree"]) +
                                  "; allowed: less than the number of routers");
    }
    values["all"] = values["routers"] * values["hosts"];
    values["targets"] = std::min<int64_t>(values["all"], 10);
  }
}

std::string filled_in(std::string_view text, const TemplateSizes& values) {
  std::string result;
  while (true) {
    const size_t open = text.find('@');
    result += text.substr(0, open);
    if (open == std::string_view::npos) return result;
    const size_t close = text.find('@', open + 1);
    CHECK(close != std::string_view::npos);
    const auto value = values.find(std::string(text.substr(open + 1, close - open - 1)));
    CHECK(value != values.end());
    result += std::to_string(value->second);
    text.remove_prefix(close + 1);
  }
}

}  // namespace

const std::vector<ScenarioTemplate>& scenario_templates() {
  static const std::vector<ScenarioTemplate> kTemplates = [] {
    std::vector<ScenarioTemplate> list;
    for (const TemplateText& text : texts()) list.push_back(text.description);
    return list;
  }();
  return kTemplates;
}

std::string scenario_text(std::string_view kind, const TemplateSizes& sizes) {
  const auto found = std::find_if(texts().begin(), texts().end(), [kind](const TemplateText& text) {
    return text.description.kind == kind;
  });
  CHECK(found != texts().end());
  TemplateSizes values;
  for (const TemplateSize& size : found->description.sizes) values[size.name] = size.usual;
  for (const auto& [name, value] : sizes) {
    CHECK_MESSAGE(values.count(name) == 1, name);
    values[name] = value;
  }
  for (const TemplateSize& size : found->description.sizes) {
    CHECK(values[size.name] >= size.least && values[size.name] <= size.most);
  }
  add_derived(kind, values);
  return filled_in(found->text, values);
}

}  // namespace violin
