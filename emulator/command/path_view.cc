#include "emulator/command/path_view.hh"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "core/ethernet.hh"
#include "models/link/serialiser.hh"

namespace violin {
namespace {

const std::string& name_of_node(const NetworkPlan& plan, int node) {
  return plan.scenario().nodes[static_cast<size_t>(node)].name;
}

// Without the space between number and unit, so that lines are not broken there.
std::string compact(Duration duration) {
  std::string text = to_string(duration);
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  return text;
}

class PathText {
 public:
  explicit PathText(const NetworkPlan& plan) : plan_(plan) {}

  std::string text(const std::vector<LinkStep>& steps) {
    for (size_t i = 0; i < steps.size(); ++i) {
      const LinkStep step = steps[i];
      if (i == 0) text_ = name_of_node(plan_, plan_.topology().source(step));
      arrow(step);
      if (is_tunnel(step)) i = append_carriers(steps, i + 1);
      text_ += " " + name_of_node(plan_, plan_.topology().target(step));
    }
    return text_;
  }

 private:
  const LinkSpec& link_of(LinkStep step) const {
    return plan_.scenario().links[static_cast<size_t>(step.link)];
  }
  bool is_tunnel(LinkStep step) const {
    const LinkSpec& link = link_of(step);
    return plan_.overlay_host_of(link.a.node) != plan_.overlay_host_of(link.b.node);
  }
  void arrow(LinkStep step) {
    // The link's own delay: what carries it stands in the brackets.
    text_ += " ─" + compact(wire_of(plan_.scenario(), step).delay) + "→";
  }

  // Appends the underlay's steps from number `i` on; returns the number of the last one.
  size_t append_carriers(const std::vector<LinkStep>& steps, size_t i) {
    if (i >= steps.size() || link_of(steps[i]).plane != kUnderlayPlane) return i - 1;
    text_ += " [" + name_of_node(plan_, plan_.topology().source(steps[i]));
    for (; i < steps.size() && link_of(steps[i]).plane == kUnderlayPlane; ++i) {
      arrow(steps[i]);
      text_ += " " + name_of_node(plan_, plan_.topology().target(steps[i]));
    }
    text_ += "]";
    return i - 1;
  }

  const NetworkPlan& plan_;
  std::string text_;
};

// a x b / c without overflow, for values far below 2^63 each.
int64_t multiply_divide(int64_t a, int64_t b, int64_t c) {
  const auto result = static_cast<__int128>(a) * b / c;
  return static_cast<int64_t>(std::min<__int128>(result, std::numeric_limits<int64_t>::max()));
}

}  // namespace

std::string path_text(const NetworkPlan& plan, const std::vector<LinkStep>& steps) {
  return PathText(plan).text(steps);
}

bool is_way_back(const std::vector<LinkStep>& there, const std::vector<LinkStep>& back) {
  // Virtual links stand before what carries them in both, so compare without the order.
  const auto sorted = [](std::vector<LinkStep> steps, bool turned) {
    for (LinkStep& step : steps) step.a_to_b = step.a_to_b != turned;
    std::sort(steps.begin(), steps.end(), [](const LinkStep& a, const LinkStep& b) {
      return a.link != b.link ? a.link < b.link : a.a_to_b < b.a_to_b;
    });
    return steps;
  };
  return sorted(there, false) == sorted(back, true);
}

const WireSpec& wire_of(const Scenario& scenario, LinkStep step) {
  const LinkSpec& link = scenario.links[static_cast<size_t>(step.link)];
  return step.a_to_b ? link.a_to_b : link.b_to_a;
}

BitRate rate_of(const WireSpec& wire) {
  return wire.trace != nullptr ? mean_rate(*wire.trace) : wire.rate;
}

std::optional<Bottleneck> bottleneck_of(const NetworkPlan& plan,
                                        const std::vector<LinkStep>& steps) {
  std::optional<Bottleneck> slowest;
  for (const LinkStep step : steps) {
    const BitRate rate = rate_of(wire_of(plan.scenario(), step));
    if (rate.unlimited() || (slowest && rate >= slowest->rate)) continue;
    slowest = Bottleneck{step, rate};
  }
  return slowest;
}

std::optional<Bytes> queue_capacity(const WireSpec& wire) {
  const BitRate rate = rate_of(wire);
  if (rate.unlimited()) return std::nullopt;
  if (const auto* packets = std::get_if<PacketLimit>(&wire.queue.limit)) {
    return Bytes(packets->packets * (wire.mtu + EthernetHeader::kSize));
  }
  if (const auto* bytes = std::get_if<ByteLimit>(&wire.queue.limit)) return bytes->bytes;
  return bandwidth_delay_product(rate, std::get<TimeLimit>(wire.queue.limit).span);
}

Bytes bandwidth_delay_product(BitRate rate, Duration round_trip) {
  return Bytes(multiply_divide(rate.bps(), round_trip.ns(), 8'000'000'000));
}

Bytes probe_frame(const NetworkPlan& plan, const WorkloadSpec& workload) {
  const std::optional<IpAddress> target = plan.target_of(workload);
  // IP and then ICMP or UDP, whose headers are 8 bytes both.
  const int64_t headers = EthernetHeader::kSize + (target && target->is_v6() ? 40 : 20) + 8;
  if (const auto* ping = std::get_if<PingWorkload>(&workload.kind)) {
    return Bytes(headers) + ping->size;
  }
  if (const auto* udp = std::get_if<UdpWorkload>(&workload.kind)) {
    return Bytes(headers) + udp->size;
  }
  return Bytes(headers) + PingWorkload().size;
}

}  // namespace violin
