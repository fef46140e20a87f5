#include "tests/simulation/random_scenario.hh"

#include <utility>

namespace violin::testing {

RandomScenario::RandomScenario(uint64_t seed, const RandomScenarioLimits& limits)
    : random_(substream(seed, "random scenario", "draw")), limits_(limits) {
  text_ = "violin: 1\nname: random\nduration: 150 s\n";
  if (limits_.sliceable || !one_in(4)) draw_underlay();
  text_ += "violins:\n";
  draw_violin("v1");
  if (one_in(2)) draw_violin("v2");
  draw_workloads();
  if (limits_.events) draw_events();
}

void RandomScenario::draw_underlay() {
  Plane plane{.name = "underlay"};
  const uint64_t routers = 1 + random_.below(4);
  const uint64_t hosts = 2 + random_.below(3);
  text_ += "underlay:\n  nodes:\n";
  for (uint64_t i = 0; i < routers; ++i) {
    text_ += "    r" + std::to_string(i) + ": { kind: router }\n";
  }
  for (uint64_t i = 0; i < hosts; ++i) {
    overlay_hosts_.push_back("o" + std::to_string(i));
    text_ += "    " + overlay_hosts_.back() + ": { kind: host }\n";
  }
  plane.hosts = overlay_hosts_;
  text_ += "  links:\n";
  const auto add = [&](const std::string& a, const std::string& b, bool of_host = false) {
    text_ += "    - " +
             draw_named_link(plane, a, b,
                             {.routed = true, .of_host = of_host, .cuttable = limits_.sliceable});
  };
  for (uint64_t i = 1; i < routers; ++i) {
    add("r" + std::to_string(random_.below(i)), "r" + std::to_string(i));
  }
  if (routers > 2 && one_in(2)) add("r0", "r" + std::to_string(routers - 1));
  for (const std::string& host : overlay_hosts_) add("r" + number(0, routers - 1), host, true);
  planes_.push_back(std::move(plane));
}

void RandomScenario::draw_violin(const std::string& name) {
  Plane plane{.name = name};
  const uint64_t routers = random_.below(4);
  const uint64_t hosts = 2 + random_.below(4);
  const bool lan = routers == 0 || one_in(2);
  text_ += "  " + name +
           ":\n    encryption: " + pick({"none", "aes-256-gcm", "chacha20-poly1305"}) +
           "\n    nodes:\n";
  const auto add_node = [&](const std::string& node, const std::string& kind) {
    text_ += "      " + node + ": { kind: " + kind;
    if (!overlay_hosts_.empty()) text_ += ", place: " + pick(overlay_hosts_);
    text_ += " }\n";
  };
  for (uint64_t i = 0; i < routers; ++i) add_node("r" + std::to_string(i), "router");
  if (lan) add_node("s0", "switch");
  for (uint64_t i = 0; i < hosts; ++i) {
    plane.hosts.push_back("h" + std::to_string(i));
    add_node(plane.hosts.back(), "host");
  }
  text_ += "    links:\n";
  const auto add = [&](const std::string& a, const std::string& b, const LinkPlace& place) {
    text_ += "      - " + draw_named_link(plane, a, b, place);
  };
  for (uint64_t i = 1; i < routers; ++i) {
    add("r" + std::to_string(random_.below(i)), "r" + std::to_string(i), {.routed = true});
  }
  if (lan && routers > 0) add("r0", "s0", {});
  for (const std::string& host : plane.hosts) {
    const bool on_lan = lan && (routers == 0 || one_in(2));
    if (on_lan) add(host, "s0", {.of_host = true});
    if (!on_lan) add(host, "r" + number(0, routers - 1), {.routed = true, .of_host = true});
  }
  planes_.push_back(std::move(plane));
}

std::string RandomScenario::draw_named_link(Plane& plane, const std::string& a,
                                            const std::string& b, const LinkPlace& place) {
  const std::string name = "l" + std::to_string(plane.links.size());
  const std::string keys = draw_link_keys(place);
  plane.links.push_back(name);
  if (keys.find("trace:") != std::string::npos) plane.traced.insert(name);
  return "{ name: " + name + ", endpoints: [" + a + ", " + b + "]" + keys + " }\n";
}

std::string RandomScenario::draw_link_keys(const LinkPlace& place) {
  std::string keys;
  const bool paced = place.of_host || !one_in(4);
  if (paced) keys += ", rate: " + pick({"2 Mbit/s", "3333333 bit/s", "10 Mbit/s", "100 Mbit/s"});
  if (paced && one_in(12) && limits_.traces) keys = ", trace: [1, 3, 4, 9, 12]";
  if (one_in(3)) keys += ", overhead: 24 B";
  if (place.cuttable) keys += ", delay: " + number(2, 20) + " ms";
  if (!place.cuttable && !one_in(3)) keys += ", delay: " + number(0, 20'000) + " us";
  if (place.routed && one_in(4) && limits_.small_mtus)
    keys += ", mtu: " + pick({"1400", "1000", "600"});
  if (paced && one_in(2)) keys += ", queue: " + draw_queue();
  if (limits_.impairments && !place.cuttable) keys += draw_impairments();
  if (limits_.impairments && place.cuttable && one_in(2)) keys += ", loss: " + draw_loss();
  if (one_in(6)) keys += ", \"a->b\": { delay: " + number(2, 30) + " ms }";
  return keys;
}

std::string RandomScenario::draw_impairments() {
  std::string keys;
  if (one_in(4)) {
    keys += ", jitter: { stddev: " + number(1, 3000) +
            " us, distribution: " + pick({"uniform", "normal", "pareto", "paretonormal"}) +
            ", correlation: " + number(0, 50) + " % }";
  }
  if (one_in(3)) keys += ", loss: " + draw_loss();
  if (one_in(5)) keys += ", duplicate: 1 %";
  // Rare: two flips may undo each other in a 16-bit checksum, and then the bytes are wrong.
  if (one_in(5)) keys += ", corrupt: 0.1 %";
  if (one_in(6)) keys += ", reorder: { percent: 5 %, gap: " + number(1, 5) + " }";
  return keys;
}

std::string RandomScenario::draw_loss() {
  return pick({"0.5 %", "{ random: 1 %, correlation: 25 % }",
               "{ gemodel: { p: 0.5 %, r: 80 %, loss_bad: 100 % } }",
               "{ state: { p13: 0.4 %, p31: 80 %, p32: 20 %, p23: 10 %, p14: 0.1 % } }"});
}

std::string RandomScenario::draw_queue() {
  const std::string limit =
      pick({"20 packets", "250 packets", "40000 B", "200 ms", "1000 packets"});
  const std::string kind = pick({"droptail", "red", "codel", "fq_codel", "pie"});
  const std::string ecn = kind != "droptail" && one_in(2) ? ", ecn: true" : "";
  return "{ kind: " + kind + ", limit: " + limit + ecn + " }";
}

void RandomScenario::draw_workloads() {
  text_ += "workloads:\n";
  for (const Plane& plane : planes_) {
    const uint64_t count = 2 + random_.below(3);
    for (uint64_t i = 0; i < count; ++i) {
      text_ += "  - " + draw_workload(plane.name + ".w" + std::to_string(i), plane) + "\n";
    }
  }
}

std::string RandomScenario::draw_workload(const std::string& name, const Plane& plane) {
  const uint64_t from = random_.below(plane.hosts.size());
  const uint64_t to = (from + 1 + random_.below(plane.hosts.size() - 1)) % plane.hosts.size();
  const std::string ends = "from: " + plane.name + "/" + plane.hosts[from] + ", to: " + plane.name +
                           "/" + plane.hosts[to] + ", at: " + number(0, 3000) + " ms";
  const std::string tcp = ends + ", congestion: " + pick({"cubic", "newreno"}) +
                          (one_in(3) ? ", ecn: true" : "") + (one_in(5) ? ", sack: false" : "") +
                          (one_in(5) ? ", timestamps: false" : "");
  std::string kind;
  switch (random_.below(7)) {
    case 0:
      kind = "ping: { " + ends + ", count: 30, interval: 70 ms, size: " + number(0, 4000) + " B }";
      break;
    case 1:
      kind = "udp: { " + ends + ", rate: 200 kbit/s, size: " + number(16, 2500) +
             " B, duration: 4 s, poisson: " + pick({"true", "false"}) + " }";
      break;
    case 2:
      kind = "traceroute: { " + ends + " }";
      break;
    case 3:
      kind = "tcp: { " + tcp + ", duration: 4 s }";
      break;
    case 4:
      kind = "tcp: { " + tcp + ", size: 20 kB, arrivals: { poisson: 4 /s }, duration: 3 s }";
      break;
    default:
      kind = "tcp: { " + tcp + ", size: " + number(8, 300'000) + " B }";
  }
  return "{ name: " + name + ", " + kind + " }";
}

void RandomScenario::draw_events() {
  const uint64_t count = random_.below(4);
  if (count == 0) return;
  text_ += "events:\n";
  for (uint64_t i = 0; i < count; ++i) {
    const Plane& plane = planes_[random_.below(planes_.size())];
    const std::string at = "{ at: " + number(100, 6000) + " ms, ";
    const std::string link = plane.name + "/" + pick(plane.links);
    // A trace is not a rate that could be set.
    const bool traced = plane.traced.contains(link.substr(plane.name.size() + 1));
    switch (random_.below(traced ? 2 : 4)) {
      case 0:
        text_ += "  - " + at + "down: " + link + ", for: " + number(1, 900) +
                 " ms, mode: " + pick({"carrier", "silent"}) + " }\n";
        break;
      case 1:
        text_ += "  - " + at + "down: " + plane.name + "/" + pick(plane.hosts) +
                 ", for: " + number(1, 900) + " ms }\n";
        break;
      case 2:
        text_ += "  - " + at + "set: { link: " + link +
                 ", rate: " + pick({"3 Mbit/s", "20 Mbit/s", "200 Mbit/s"}) + " } }\n";
        break;
      default:
        // Not below any delay that draw_link() gives to a wire that may be cut.
        text_ += "  - " + at + "set: { link: " + link + ", delay: " + number(20, 30) + " ms" +
                 (limits_.impairments ? ", loss: 0.5 %" : "") + " } }\n";
    }
  }
}

}  // namespace violin::testing
