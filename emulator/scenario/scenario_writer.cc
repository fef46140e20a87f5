#include "emulator/scenario/scenario_writer.hh"

#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "emulator/scenario/scenario_event.hh"
#include "emulator/scenario/scenario_filter.hh"
#include "emulator/scenario/scenario_routing.hh"
#include "emulator/scenario/wire_text.hh"
#include "emulator/scenario/workload_text.hh"
#include "emulator/scenario/yaml_scalar.hh"

namespace violin {
namespace {

// The shortest text that reads back to the same number.
std::string decimal(double value) {
  std::array<char, 40> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::string(text.data(), end) : "0";
}

class ScenarioWriter {
 public:
  ScenarioWriter(const Scenario& scenario, std::ostream& output)
      : scenario_(scenario), out_(output) {}

  void write();

 private:
  void write_head();
  void write_traces();
  void write_plane(const PlaneSpec& plane, const std::string& indent);
  void write_node(const NodeSpec& node, const std::string& indent);
  void write_link(const LinkSpec& link, const std::string& indent);
  void write_workload(const WorkloadSpec& workload);
  void write_event(const EventSpec& event);
  void write_tail();

  const NodeSpec& node(int index) const { return scenario_.nodes[static_cast<size_t>(index)]; }
  std::string end_text(const LinkEnd& end) const;
  bool names_itself(const LinkSpec& link) const;

  const Scenario& scenario_;
  std::ostream& out_;
  TraceNames trace_names_;
};

void ScenarioWriter::write_head() {
  out_ << "violin: 1\nname: " << scenario_.name << "\n";
  out_ << "duration: " << to_string(scenario_.duration) << "\n";
  out_ << "measure: " << to_string(scenario_.measure_from) << ".."
       << to_string(scenario_.measure_to) << "\n";
  if (scenario_.uml != UmlSpec()) {
    out_ << "uml: {memory: " << to_string(scenario_.uml.memory)
         << ", syscall_cost: " << to_string(scenario_.uml.syscall_cost) << "}\n";
  }
  if (scenario_.bootstrap != Duration()) {
    out_ << "bootstrap: " << to_string(scenario_.bootstrap) << "\n";
  }
  out_ << "seed: " << scenario_.seed << "\n";
  if (!scenario_.params.empty()) out_ << "params:\n";
  for (const auto& [name, value] : scenario_.params) {
    out_ << "  " << name << ": " << written_value(value) << "\n";
  }
}

// Every trace once, in order of first use; the links refer to it.
void ScenarioWriter::write_traces() {
  for (const LinkSpec& link : scenario_.links) {
    for (const WireSpec* wire : {&link.a_to_b, &link.b_to_a}) {
      if (wire->trace == nullptr || trace_names_.count(wire->trace.get()) > 0) continue;
      const std::string name = "trace" + std::to_string(trace_names_.size() + 1);
      trace_names_[wire->trace.get()] = name;
      out_ << "x-" << name << ": &" << name << " [" << trace_text(*wire->trace) << "]\n";
    }
  }
}

void ScenarioWriter::write_node(const NodeSpec& node, const std::string& indent) {
  constexpr std::array<std::string_view, 3> kKinds = {"host", "switch", "router"};
  constexpr std::array<std::string_view, 5> kBackends = {"", "model", "uml", "netns", "linux"};
  out_ << indent << yaml_scalar(node.name) << ": {kind: " << kKinds[static_cast<size_t>(node.kind)];
  if (!node.place.empty()) out_ << ", place: " << yaml_scalar(node.place);
  if (node.backend != Backend::kDefault && node.kind != NodeKind::kSwitch) {
    out_ << ", backend: " << kBackends[static_cast<size_t>(node.backend)];
  }
  if (node.kind == NodeKind::kRouter &&
      node.routing != RoutingSpec{scenario_.plane(node.plane).routing, ""}) {
    out_ << ", routing: " << routing_text(node.routing);
  }
  if (!node.filter.firewall.empty()) {
    out_ << ", firewall: {text: " << yaml_scalar(node.filter.firewall) << "}";
  }
  if (!node.filter.nat.out.empty()) out_ << ", nat: " << nat_text(node.filter.nat);
  if (node.coordinates) {
    out_ << ", coordinates: [" << decimal(node.coordinates->first) << ", "
         << decimal(node.coordinates->second) << "]";
  }
  out_ << "}\n";
}

std::string ScenarioWriter::end_text(const LinkEnd& end) const {
  const InterfaceSpec& interface = node(end.node).interfaces[static_cast<size_t>(end.interface)];
  std::string text =
      "{node: " + yaml_scalar(node(end.node).name) + ", interface: " + yaml_scalar(interface.name);
  for (size_t i = 0; i < interface.addresses.size(); ++i) {
    text += i == 0 ? ", address: [" : ", ";
    text += yaml_scalar(to_string(interface.addresses[i]));
  }
  return text + (interface.addresses.empty() ? "}" : "]}");
}

// Links that were named by their ends are so again when they are read in the same order.
bool ScenarioWriter::names_itself(const LinkSpec& link) const {
  return link.name.find("--") != std::string::npos;
}

void ScenarioWriter::write_link(const LinkSpec& link, const std::string& indent) {
  out_ << indent << "- {";
  if (!names_itself(link)) out_ << "name: " << yaml_scalar(link.name) << ", ";
  out_ << "endpoints: [" << end_text(link.a) << ", " << end_text(link.b) << "]";
  if (link.ospf != OspfSpec()) out_ << ", ospf: {" << ospf_text(link.ospf) << "}";
  const std::string forward = wire_text(link.a_to_b, trace_names_);
  const std::string backward = wire_text(link.b_to_a, trace_names_);
  if (forward == backward) {
    if (!forward.empty()) out_ << ", " << forward;
  } else {
    const std::string& a = node(link.a.node).name;
    const std::string& b = node(link.b.node).name;
    out_ << ", \"" << a << "->" << b << "\": {" << forward << "}";
    out_ << ", \"" << b << "->" << a << "\": {" << backward << "}";
  }
  out_ << "}\n";
}

void ScenarioWriter::write_plane(const PlaneSpec& plane, const std::string& indent) {
  if (!plane.is_underlay) {
    out_ << indent << "encryption: " << name_of(plane.encryption) << "\n";
    out_ << indent << "tunnel_cost: " << tunnel_cost_text(plane.tunnel_cost) << "\n";
  }
  out_ << indent << "routing: " << routing_names()[static_cast<size_t>(plane.routing)] << "\n";
  if (plane.is_matrix) out_ << indent << "paths: direct\n";
  out_ << indent << "nodes:\n";
  for (const NodeSpec& node : scenario_.nodes) {
    if (node.plane == plane.name) write_node(node, indent + "  ");
  }
  out_ << indent << "links:\n";
  for (const LinkSpec& link : scenario_.links) {
    if (link.plane == plane.name) write_link(link, indent + "  ");
  }
}

void ScenarioWriter::write_workload(const WorkloadSpec& workload) {
  constexpr std::array<std::string_view, 5> kNames = {"ping", "traceroute", "tcp", "udp", "exec"};
  out_ << "  - {name: " << yaml_scalar(workload.name) << ", " << kNames[workload.kind.index()]
       << ": {";
  if (std::holds_alternative<ExecWorkload>(workload.kind)) {
    out_ << "node: " << node(workload.from).full_name();
  } else {
    out_ << "from: " << node(workload.from).full_name()
         << ", to: " << node(workload.to).full_name();
  }
  if (workload.called) {
    out_ << ", address: "
         << yaml_scalar(to_string(AddressAndPort{*workload.called, workload.called_port}));
  }
  out_ << ", at: " << to_string(workload.start) << ", " << workload_kind_text(workload.kind)
       << "}}\n";
}

void ScenarioWriter::write_event(const EventSpec& event) {
  const auto target = [this](const std::vector<LinkTarget>& links, int index) {
    return index >= 0 ? node(index).full_name() : to_string(links.front(), scenario_);
  };
  out_ << "  - {at: " << to_string(event.when);
  if (const auto* set = std::get_if<SetEvent>(&event.what)) {
    out_ << ", set: {link: " << yaml_scalar(to_string(set->target, scenario_)) << ", "
         << wire_patch_text(set->patch) << "}";
  } else if (const auto* down = std::get_if<DownEvent>(&event.what)) {
    out_ << ", down: " << yaml_scalar(target(down->targets, down->node));
    if (down->lasting) out_ << ", for: " << to_string(*down->lasting);
    if (down->silent) out_ << ", mode: silent";
  } else if (const auto* up = std::get_if<UpEvent>(&event.what)) {
    out_ << ", up: " << yaml_scalar(target(up->targets, up->node));
  }
  out_ << "}\n";
}

void ScenarioWriter::write_tail() {
  if (!scenario_.workloads.empty()) out_ << "workloads:\n";
  for (const WorkloadSpec& workload : scenario_.workloads) write_workload(workload);
  if (!scenario_.events.empty()) out_ << "events:\n";
  for (const EventSpec& event : scenario_.events) write_event(event);
  if (!scenario_.captures.empty()) out_ << "capture:\n";
  for (const CaptureSpec& capture : scenario_.captures) {
    const NodeSpec& captured = node(capture.node);
    out_ << "  - "
         << yaml_scalar(captured.full_name() + ":" +
                        captured.interfaces[static_cast<size_t>(capture.interface)].name)
         << "\n";
  }
  if (scenario_.snaplen) out_ << "snaplen: " << to_string(*scenario_.snaplen) << "\n";
  if (!scenario_.compares.empty()) out_ << "compare:\n";
  for (const CompareSpec& compare : scenario_.compares) {
    out_ << "  - {name: " << yaml_scalar(compare.name) << ", host: " << written_value(compare.host)
         << ", violin: " << written_value(compare.violin) << "}\n";
  }
  if (!scenario_.expects.empty()) out_ << "expect:\n";
  for (const ExpectSpec& expect : scenario_.expects) {
    out_ << "  - {check: " << written_value(expect.check);
    if (!expect.fail.empty()) out_ << ", fail: " << written_value(expect.fail);
    out_ << "}\n";
  }
}

void ScenarioWriter::write() {
  write_head();
  write_traces();
  bool in_violins = false;
  for (const PlaneSpec& plane : scenario_.planes) {
    if (plane.is_underlay) {
      out_ << "underlay:\n";
      write_plane(plane, "  ");
      continue;
    }
    if (!in_violins) out_ << "violins:\n";
    in_violins = true;
    out_ << "  " << yaml_scalar(plane.name) << ":\n";
    write_plane(plane, "    ");
  }
  write_tail();
}

}  // namespace

void write_scenario(const Scenario& scenario, std::ostream& output) {
  ScenarioWriter(scenario, output).write();
}

}  // namespace violin
