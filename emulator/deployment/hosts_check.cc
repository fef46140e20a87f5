#include <variant>

#include "core/topology.hh"
#include "emulator/deployment/hosts_file.hh"
#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/node_backend.hh"

// Whether a hosts file and a scenario go together.

namespace violin {
namespace {

class HostsCheck {
 public:
  HostsCheck(const HostsFile& hosts, const Scenario& scenario)
      : hosts_(hosts), scenario_(scenario) {}

  void check() const {
    if (!scenario_.has_underlay()) {
      throw InputError(hosts_.at, "the scenario " + scenario_.name +
                                      " has no underlay: there is nothing that hosts could be");
    }
    for (const auto& [name, entry] : hosts_.hosts) check_is_overlay_host(name, entry);
    for (const NodeSpec& node : scenario_.nodes) check_place(node);
    for (const WorkloadSpec& workload : scenario_.workloads) {
      check_end(workload, workload.from);
      if (workload.to >= 0) check_end(workload, workload.to);
    }
    for (const EventSpec& event : scenario_.events) check_event(event);
    for (const CaptureSpec& capture : scenario_.captures) check_capture(node(capture.node));
  }

 private:
  const NodeSpec& node(int index) const { return scenario_.nodes[static_cast<size_t>(index)]; }
  static bool is_in_underlay(const NodeSpec& node) { return node.plane == kUnderlayPlane; }

  void check_is_overlay_host(const std::string& name, const HostEntry& entry) const {
    std::vector<std::string> overlay_hosts;
    for (const NodeSpec& node : scenario_.nodes) {
      if (!is_in_underlay(node) || node.kind != NodeKind::kHost) continue;
      if (node.name == name) {
        if (backend_under(ClockKind::kReal, node) != Backend::kModel) return;
        throw InputError(entry.at, "the scenario wants a model for " + node.full_name() +
                                       ", and this is a host");
      }
      overlay_hosts.push_back(node.name);
    }
    refuse_word(entry.at, "no host of the scenario's underlay", name, overlay_hosts);
  }

  void check_place(const NodeSpec& placed) const {
    if (is_in_underlay(placed) || hosts_.hosts.contains(placed.place)) return;
    throw InputError(hosts_.at, "the host " + placed.place + " is missing: " + placed.full_name() +
                                    " is placed on it (" + to_string(placed.at) + ")");
  }

  void check_end(const WorkloadSpec& workload, int end) const {
    if (!is_in_underlay(node(end)) || hosts_.hosts.contains(node(end).name)) return;
    throw InputError(workload.at, "the workload " + workload.name + " needs " +
                                      node(end).full_name() +
                                      ", which is not in the hosts file: of a real underlay only "
                                      "the hosts there can be used");
  }

  void check_target(const EventSpec& event, const std::string& plane) const {
    if (plane != kUnderlayPlane) return;
    throw InputError(event.at,
                     "the underlay is real (a hosts file), and cannot be changed: " + event.text);
  }
  void check_target(const EventSpec& event, const LinkTarget& target) const {
    check_target(event, scenario_.links[static_cast<size_t>(target.link)].plane);
  }
  void check_event(const EventSpec& event) const {
    if (const auto* set = std::get_if<SetEvent>(&event.what)) {
      check_target(event, set->target);
      return;
    }
    const auto check_all = [&](const auto& change) {
      for (const LinkTarget& target : change.targets) check_target(event, target);
      if (change.node >= 0) check_target(event, node(change.node).plane);
    };
    if (const auto* down = std::get_if<DownEvent>(&event.what)) check_all(*down);
    if (const auto* up = std::get_if<UpEvent>(&event.what)) check_all(*up);
  }

  void check_capture(const NodeSpec& captured) const {
    if (!is_in_underlay(captured)) return;
    throw InputError(captured.at,
                     "capture: the underlay is real (a hosts file), and what passes "
                     "at " +
                         captured.full_name() + " is not ours to keep");
  }

  const HostsFile& hosts_;
  const Scenario& scenario_;
};

}  // namespace

void check_hosts(const HostsFile& hosts, const Scenario& scenario) {
  HostsCheck(hosts, scenario).check();
}

}  // namespace violin
