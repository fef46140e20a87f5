#include "emulator/agent/slice_tunnels.hh"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "emulator/results/quantity.hh"

namespace violin {
namespace {

// Of a real underlay nothing is known beforehand; what is smaller is found on the way.
constexpr int64_t kRealPathMtu = 1500;

}  // namespace

SliceTunnels::SliceTunnels(const NetworkPlan& plan, Realtime& realtime, Options options)
    : plan_(plan), scenario_(plan.scenario()), realtime_(realtime), options_(std::move(options)) {
  if (!options_.underlay.empty()) plan_leads();
}

void SliceTunnels::plan_leads() {
  for (const TunnelPlan& tunnel : plan_.tunnels()) {
    const LinkSpec& link = scenario_.links[static_cast<size_t>(tunnel.link)];
    for (const bool a_to_b : {true, false}) {
      const WireSpec& wire = a_to_b ? link.a_to_b : link.b_to_a;
      const bool varies = wire.jitter.stddev > Duration() || !wire.reorder.probability.is_never();
      if (!varies) leads_[{tunnel.link, a_to_b}] = wire.delay;
    }
  }
  for (const EventSpec& event : scenario_.events) {
    const auto* set = std::get_if<SetEvent>(&event.what);
    if (set == nullptr) continue;
    for (const bool a_to_b : {true, false}) {
      const auto lead = leads_.find(std::pair(set->target.link, a_to_b));
      const bool is_meant = a_to_b ? set->target.a_to_b : set->target.b_to_a;
      if (lead == leads_.end() || !is_meant) continue;
      if (set->patch.jitter || set->patch.reorder) lead->second = Duration();
      if (set->patch.delay) lead->second = std::min(lead->second, *set->patch.delay);
    }
  }
}

Duration SliceTunnels::lead(int link, bool a_to_b) const {
  const auto found = leads_.find(std::pair(link, a_to_b));
  return found == leads_.end() ? Duration() : found->second;
}

std::vector<Entity*> SliceTunnels::entities() {
  std::vector<Entity*> entities;
  for (const std::unique_ptr<FrameHold>& hold : holds_) entities.push_back(&hold->entity());
  return entities;
}

const std::string& SliceTunnels::name_of(int overlay_host) const {
  return scenario_.nodes[static_cast<size_t>(overlay_host)].name;
}

TunnelCarrier& SliceTunnels::carrier(bool v6) {
  std::unique_ptr<TunnelCarrier>& carrier = v6 ? carrier_v6_ : carrier_v4_;
  if (!carrier) carrier = std::make_unique<TunnelCarrier>(realtime_, TunnelCarrier::Options{v6});
  return *carrier;
}

ControlPort& SliceTunnels::control(bool v6) {
  std::unique_ptr<ControlPort>& control = v6 ? control_v6_ : control_v4_;
  if (control) return *control;
  ControlPort::Options options;
  options.v6 = v6;
  options.own = options_.secrets.own;
  control = std::make_unique<ControlPort>(realtime_, options);
  for (const auto& [violin, key] : options_.secrets.violins) control->add_violin(violin, key);
  return *control;
}

std::vector<const ControlPort*> SliceTunnels::controls() const {
  std::vector<const ControlPort*> controls;
  for (const ControlPort* control : {control_v4_.get(), control_v6_.get()}) {
    if (control != nullptr) controls.push_back(control);
  }
  return controls;
}

IpAddress SliceTunnels::underlay_address_of(const std::string& overlay_host) const {
  const auto found = options_.underlay.find(overlay_host);
  if (found != options_.underlay.end()) return found->second;
  throw std::runtime_error("the overlay host " + overlay_host +
                           " has no address in the real underlay");
}

// Whether nothing on the way could tell the datagrams of one super-frame apart.
bool SliceTunnels::carries_whole(const TunnelPlan& tunnel, bool at_a) const {
  const NodePair hosts =
      at_a ? NodePair{tunnel.host_a, tunnel.host_b} : NodePair{tunnel.host_b, tunnel.host_a};
  for (const LinkStep step : plan_.path(hosts)) {
    const LinkSpec& link = scenario_.links[static_cast<size_t>(step.link)];
    if (!is_plain(step.a_to_b ? link.a_to_b : link.b_to_a)) return false;
  }
  return true;
}

void SliceTunnels::place_in_underlay(const TunnelPlan& plan, bool at_a,
                                     UdpTunnel::Options& options) const {
  if (options_.underlay.empty()) {
    options.whole = carries_whole(plan, at_a);
    return;
  }
  options.spec.local = underlay_address_of(name_of(at_a ? plan.host_a : plan.host_b));
  options.spec.remote = underlay_address_of(name_of(at_a ? plan.host_b : plan.host_a));
  options.spec.path_mtu = kRealPathMtu;
  options.whole = true;
}

FrameSink& SliceTunnels::open(const TunnelPlan& plan, bool at_a, const NodeContext& context,
                              FrameSink& inside) {
  const LinkSpec& link = scenario_.links[static_cast<size_t>(plan.link)];
  UdpTunnel::Options options;
  options.spec = at_a ? plan.end_a : plan.end_b;
  options.encryption = scenario_.plane(link.plane).encryption;
  place_in_underlay(plan, at_a, options);
  options.lead = lead(plan.link, at_a);
  if (lead(plan.link, !at_a) > Duration()) {
    holds_.push_back(
        std::make_unique<FrameHold>(context.scheduler, wire_name(scenario_, link, !at_a), inside));
    options.hold = holds_.back().get();
  }
  tunnels_.push_back(std::make_unique<UdpTunnel>(wire_name(scenario_, link, at_a) + ".tunnel",
                                                 options, carrier(options.spec.remote.is_v6()),
                                                 context.pools, inside));
  join_or_admit(plan, at_a, *tunnels_.back());
  return *tunnels_.back();
}

// The end that stands first in the link asks, the other answers.
void SliceTunnels::join_or_admit(const TunnelPlan& plan, bool at_a, UdpTunnel& tunnel) {
  const LinkSpec& spec = scenario_.links[static_cast<size_t>(plan.link)];
  ControlPort::Link link;
  link.violin = spec.plane;
  link.name = spec.name;
  link.encryption = scenario_.plane(spec.plane).encryption;
  link.peer = options_.secrets.hosts.at(name_of(at_a ? plan.host_b : plan.host_a));
  link.peer_address = tunnel.spec().remote;
  ControlPort& port = control(link.peer_address.is_v6());
  if (at_a) {
    port.join(link, tunnel);
  } else {
    port.admit(link, tunnel);
  }
}

void SliceTunnels::start() {
  for (ControlPort* control : {control_v4_.get(), control_v6_.get()}) {
    if (control != nullptr) control->start();
  }
}

bool SliceTunnels::are_joined() const {
  const std::vector<const ControlPort*> all = controls();
  return std::all_of(all.begin(), all.end(),
                     [](const ControlPort* control) { return control->is_ready(); });
}

std::string SliceTunnels::what_is_missing() const {
  for (const ControlPort* control : controls()) {
    if (!control->is_ready()) return control->what_is_missing();
  }
  return "";
}

void SliceTunnels::end() {
  for (ControlPort* control : {control_v4_.get(), control_v6_.get()}) {
    if (control != nullptr) control->leave();
  }
  control_v4_.reset();
  control_v6_.reset();
  tunnels_.clear();
  carrier_v4_.reset();
  carrier_v6_.reset();
  holds_.clear();
}

// A link that asks for less than the underlay has.
void SliceTunnels::add_late_frames(RunResult& result) const {
  for (const std::unique_ptr<FrameHold>& hold : holds_) {
    const LogHistogram& late = hold->too_late();
    if (late.count() == 0) continue;
    result.event_log.push_back(
        {Time::zero(), "note",
         fmt::format(
             "{}: {} of {} frames came after the link's delay was over, half of those by {} "
             "or more: the underlay takes longer than the link asks for",
             hold->name(), late.count(), hold->frames(),
             to_text(static_cast<double>(late.percentile(500).ns()), Unit::kDuration, 3))});
  }
}

void SliceTunnels::add_results(const std::string& host, RunResult& result) const {
  add_late_frames(result);
  const auto add = [&](const std::string& name, const DropCounters& drops) {
    if (drops.total() > 0) result.nodes.push_back({name, to_counts(drops)});
  };
  for (const std::unique_ptr<UdpTunnel>& tunnel : tunnels_) {
    add(tunnel->name(), tunnel->counters().drops);
  }
  add(host + ".tunnels", drops());
  DropCounters joins;
  for (const ControlPort* control : controls()) joins.add(control->counters().drops());
  add(host + ".joins", joins);
}

DropCounters SliceTunnels::drops() const {
  DropCounters drops;
  for (const TunnelCarrier* carrier : {carrier_v4_.get(), carrier_v6_.get()}) {
    if (carrier != nullptr) drops.add(carrier->drops());
  }
  return drops;
}

uint64_t SliceTunnels::overruns() const {
  uint64_t sum = 0;
  for (const TunnelCarrier* carrier : {carrier_v4_.get(), carrier_v6_.get()}) {
    if (carrier != nullptr) sum += carrier->overruns();
  }
  return sum;
}

}  // namespace violin
