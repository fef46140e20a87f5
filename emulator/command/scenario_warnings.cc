#include "emulator/command/scenario_warnings.hh"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/units.hh"
#include "emulator/command/path_view.hh"
#include "emulator/results/quantity.hh"
#include "emulator/scenario/node_backend.hh"
#include "emulator/scenario/scenario_workload.hh"

namespace violin {
namespace {

// Of each sort; what follows is counted.
constexpr size_t kMostOfASort = 5;
// A full frame takes more than 12 ms below this.
constexpr BitRate kSlow = BitRate::bits_per_second(1'000'000);
// Looking for ways between every pair of many workloads takes long.
constexpr size_t kWorkloadsLookedAt = 1'000;

std::string rounded(Bytes bytes) {
  return to_text(static_cast<double>(bytes.count()), Unit::kBytes, 3);
}
std::string rounded(Duration span) {
  return to_text(static_cast<double>(span.ns()), Unit::kDuration, 3);
}
std::string rounded(BitRate rate) {
  return to_text(static_cast<double>(rate.bps()), Unit::kBitRate, 3);
}

// What a loss-based sender needs as queue so that halving (or, CUBIC, taking 0.7 of) its window
// leaves the link busy: 1 and 0.43 of the bandwidth-delay product.
Bytes queue_needed(const TcpWorkload& tcp, Bytes product) {
  return tcp.congestion == "cubic" ? Bytes(product.count() / 100 * 43) : product;
}

// Warnings of one sort.
class Sort {
 public:
  void add(std::string text) {
    if (texts_.size() < kMostOfASort) texts_.push_back(std::move(text));
    ++count_;
  }
  void append_to(std::vector<std::string>& all) {
    if (count_ > texts_.size()) {
      texts_.back() += " (and " + std::to_string(count_ - texts_.size()) + " more like this)";
    }
    std::move(texts_.begin(), texts_.end(), std::back_inserter(all));
  }

 private:
  std::vector<std::string> texts_;
  size_t count_ = 0;
};

class Warnings {
 public:
  explicit Warnings(const NetworkPlan& plan) : plan_(plan), scenario_(plan.scenario()) {}

  std::vector<std::string> collect() {
    find_islands();
    find_slow_links();
    find_mixed_mtus();
    find_restless_daemons();
    size_t looked_at = 0;
    for (const WorkloadSpec& workload : scenario_.workloads) {
      if (++looked_at > kWorkloadsLookedAt) break;
      look_at(workload);
    }
    std::vector<std::string> all;
    for (Sort* sort : {&islands_, &slow_, &mtus_, &restless_, &window_, &path_})
      sort->append_to(all);
    return all;
  }

 private:
  // FRR looks at its clock without rest for the last millisecond before a timer.
  void find_restless_daemons() {
    if (scenario_.uml.syscall_cost != Duration()) return;
    for (const NodeSpec& node : scenario_.nodes) {
      if (node.kind != NodeKind::kRouter || !is_protocol(node.routing.kind)) continue;
      if (backend_under(ClockKind::kVirtual, node) != Backend::kUml) continue;
      restless_.add(
          "routing daemons wait without rest where system calls take no time, which makes runs "
          "under the virtual clock many times slower; uml: { syscall_cost: 5 us } helps");
      return;
    }
  }

  void find_islands() {
    for (const PlaneSpec& plane : scenario_.planes) {
      const std::vector<std::vector<int>> islands = plan_.topology().components(plane.name);
      if (islands.size() < 2) continue;
      std::string text = plane.name + " falls into " + std::to_string(islands.size()) +
                         " islands that no link joins:";
      for (size_t i = 0; i < islands.size() && i < 4; ++i) {
        text += (i == 0 ? " " : " | ") + names_of(islands[i]);
      }
      islands_.add(text + (islands.size() > 4 ? " | …" : ""));
    }
  }

  std::string names_of(const std::vector<int>& island) const {
    std::string text;
    for (size_t i = 0; i < island.size() && i < 4; ++i) {
      text += (i == 0 ? "" : ", ") + scenario_.nodes[static_cast<size_t>(island[i])].name;
    }
    if (island.size() > 4) text += " … (" + std::to_string(island.size()) + " nodes)";
    return text;
  }

  void find_slow_links() {
    for (const LinkSpec& link : scenario_.links) {
      for (const bool a_to_b : {true, false}) {
        const BitRate rate = rate_of(a_to_b ? link.a_to_b : link.b_to_a);
        if (rate.unlimited() || rate >= kSlow) continue;
        slow_.add(wire_name(scenario_, link, a_to_b) + " carries " + to_string(rate) +
                  ": a full frame of 1514 B takes " +
                  rounded(Duration::nanoseconds(int64_t{1514} * 8 * 1'000'000'000 / rate.bps())));
      }
    }
  }

  // A switch passes frames on that the next link drops as too long.
  void find_mixed_mtus() {
    for (const NodeSpec& node : scenario_.nodes) {
      if (node.kind != NodeKind::kSwitch) continue;
      std::pair<int64_t, int64_t> range{INT64_MAX, 0};
      for (const InterfaceSpec& interface : node.interfaces) {
        if (interface.link < 0) continue;
        const LinkSpec& link = scenario_.links[static_cast<size_t>(interface.link)];
        for (const WireSpec* wire : {&link.a_to_b, &link.b_to_a}) {
          range = {std::min(range.first, wire->mtu), std::max(range.second, wire->mtu)};
        }
      }
      if (range.first >= range.second) continue;
      mtus_.add("links of the switch " + node.full_name() + " have MTUs from " +
                std::to_string(range.first) + " to " + std::to_string(range.second) +
                ": longer packets are lost in it without an ICMP error");
    }
  }

  void look_at(const WorkloadSpec& workload) {
    const std::optional<Duration> end = workload_end(workload);
    // A single request is there at its instant only.
    const Duration from = scenario_.measure_from - Time::zero();
    const bool before = end && (*end == workload.start ? *end < from : *end <= from);
    if (Time::zero() + workload.start >= scenario_.measure_to || before) {
      window_.add(workload.name + " is not active within the measure window (" +
                  to_string(scenario_.measure_from) + ".." + to_string(scenario_.measure_to) + ")");
    }
    if (workload.to < 0) return;
    const NodePair ends{workload.from, workload.to};
    const std::optional<Bottleneck> slowest = bottleneck_of(plan_, plan_.path(ends));
    if (!slowest) return;
    if (const auto* tcp = std::get_if<TcpWorkload>(&workload.kind)) {
      const std::optional<Duration> round_trip =
          plan_.unloaded_round_trip(ends, probe_frame(plan_, workload));
      if (round_trip) look_at_tcp(workload.name, *tcp, *slowest, *round_trip);
    }
    if (const auto* udp = std::get_if<UdpWorkload>(&workload.kind);
        udp && udp->rate > slowest->rate) {
      path_.add(workload.name + " offers " + to_string(udp->rate) + ", but " + name_of(*slowest) +
                " carries " + to_string(slowest->rate));
    }
  }

  void look_at_tcp(const std::string& name, const TcpWorkload& tcp, const Bottleneck& slowest,
                   Duration round_trip) {
    const Bytes product = bandwidth_delay_product(slowest.rate, round_trip);
    const std::string path_words =
        rounded(slowest.rate) + " x " + rounded(round_trip) + " = " + rounded(product);
    const Bytes buffer = std::min(tcp.send_buffer, tcp.receive_buffer);
    if (buffer < product) {
      path_.add(name + ": its buffers (" + to_string(buffer) + ") hold less than the path does (" +
                path_words + "), so it will not fill it");
      return;
    }
    const WireSpec& wire = wire_of(scenario_, slowest.step);
    const std::optional<Bytes> queue = queue_capacity(wire);
    const bool is_short_flow = tcp.size && *tcp.size < product;
    if (wire.queue.kind != QueueSpec::Kind::kDropTail || is_short_flow || !queue ||
        *queue >= queue_needed(tcp, product)) {
      return;
    }
    path_.add(name + ": the queue of " + name_of(slowest) + " (" + rounded(*queue) +
              ") is shorter than " + tcp.congestion + " needs to keep it busy (" +
              rounded(queue_needed(tcp, product)) + "; the path holds " + path_words + ")");
  }

  std::string name_of(const Bottleneck& slowest) const {
    return wire_name(scenario_, scenario_.links[static_cast<size_t>(slowest.step.link)],
                     slowest.step.a_to_b);
  }

  const NetworkPlan& plan_;
  const Scenario& scenario_;
  Sort islands_, slow_, mtus_, restless_, window_, path_;
};

}  // namespace

std::vector<std::string> warnings_of(const NetworkPlan& plan) { return Warnings(plan).collect(); }

}  // namespace violin
