#include "emulator/command/plane_view.hh"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "core/units.hh"
#include "emulator/command/path_view.hh"
#include "emulator/command/route_view.hh"
#include "emulator/command/text_layout.hh"
#include "emulator/command/wire_words.hh"
#include "models/tunnel/tunnel_header.hh"

namespace violin {
namespace {

// Links in a row that are the same in everything but their ends become one line from this many on.
constexpr size_t kAlikeLinks = 4;

std::string count_of(size_t count, std::string_view noun) {
  std::string text = std::to_string(count) + " " + std::string(noun);
  if (count == 1) return text;
  return text + (noun.ends_with("ch") ? "es" : "s");
}

std::string_view word_of(NodeKind kind) {
  constexpr std::array<std::string_view, 3> kWords = {"host", "switch", "router"};
  return kWords[static_cast<size_t>(kind)];
}

std::string_view word_of(Backend backend) {
  constexpr std::array<std::string_view, 5> kWords = {"", "model", "uml", "netns", "linux"};
  return kWords[static_cast<size_t>(backend)];
}

class PlaneView {
 public:
  PlaneView(const NetworkPlan& plan, const PlaneSpec& plane, const ViewOptions& options)
      : plan_(plan), scenario_(plan.scenario()), plane_(plane), options_(options) {
    for (size_t i = 0; i < scenario_.nodes.size(); ++i) {
      if (scenario_.nodes[i].plane == plane.name) nodes_.push_back(static_cast<int>(i));
    }
    for (size_t i = 0; i < scenario_.links.size(); ++i) {
      if (scenario_.links[i].plane == plane.name) links_.push_back(static_cast<int>(i));
    }
  }

  std::string text() const {
    std::string text = heading();
    text += nodes() + "\n" + links();
    if (const std::string tunnelled = tunnels(); !tunnelled.empty()) text += "\n" + tunnelled;
    if (!nodes_.empty() && plan_.routing_of(nodes_.front()) != nullptr) {
      if (const std::string routed = route_view(plan_, nodes_, options_); !routed.empty()) {
        text += "\n" + routed;
      }
    }
    return text;
  }

 private:
  const NodeSpec& node(int index) const { return scenario_.nodes[static_cast<size_t>(index)]; }
  const LinkSpec& link(int index) const { return scenario_.links[static_cast<size_t>(index)]; }
  size_t row_limit() const { return options_.all ? SIZE_MAX : kViewRows; }

  std::string heading() const {
    std::array<size_t, 3> counts{};
    for (const int index : nodes_) ++counts[static_cast<size_t>(node(index).kind)];
    std::vector<std::string> parts;
    for (const NodeKind kind : {NodeKind::kHost, NodeKind::kSwitch, NodeKind::kRouter}) {
      const size_t count = counts[static_cast<size_t>(kind)];
      if (count > 0) parts.push_back(count_of(count, word_of(kind)));
    }
    parts.push_back(count_of(links_.size(), "link"));
    parts.push_back(routing_words());
    if (!plane_.is_underlay && scenario_.has_underlay()) {
      parts.push_back("encryption " + name_of(plane_.encryption));
    }
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return plane_.name + ": " + text + "\n";
  }

  std::string routing_words() const {
    if (plane_.routing == RoutingKind::kNone) return "no routing";
    if (plane_.is_matrix) return "every pair by its own link";
    if (plane_.routing == RoutingKind::kStatic) return "static routes";
    return "routes by " + routing_names()[static_cast<size_t>(plane_.routing)];
  }

  // ---- nodes ------------------------------------------------------------------------------------

  std::string nodes() const {
    TextTable table({"node", "kind", "place", "backend", "interface", "address", "MAC"});
    size_t shown = 0;
    size_t rows = 0;
    for (const int index : nodes_) {
      if (rows >= row_limit()) break;
      rows += add_node(node(index), table);
      ++shown;
    }
    return table.text(2) + more_line(nodes_.size() - shown, 2);
  }

  // One row for each interface and address; returns their number.
  static size_t add_node(const NodeSpec& node, TextTable& table) {
    std::vector<std::string> head = {node.name, std::string(word_of(node.kind)), node.place,
                                     std::string(word_of(node.backend))};
    const bool is_switch = node.kind == NodeKind::kSwitch;
    if (node.interfaces.empty() || is_switch) {
      head.push_back(node.interfaces.empty() ? "none" : count_of(node.interfaces.size(), "port"));
      table.add(head);
      return 1;
    }
    size_t rows = 0;
    for (const InterfaceSpec& interface : node.interfaces) {
      for (size_t i = 0; i < std::max<size_t>(1, interface.addresses.size()); ++i) {
        const bool first = i == 0;
        head.push_back(first ? interface.name : "");
        head.push_back(interface.addresses.empty() ? "none" : to_string(interface.addresses[i]));
        head.push_back(first ? to_string(mac_address_of(node, interface)) : "");
        table.add(head);
        head.assign(4, "");
        ++rows;
      }
    }
    return rows;
  }

  // ---- links ------------------------------------------------------------------------------------

  std::string link_label(const LinkSpec& spec) const {
    const std::string ends = node(spec.a.node).name + "--" + node(spec.b.node).name;
    return spec.name == ends ? spec.name : spec.name + " (" + ends + ")";
  }

  size_t alike_from(size_t first) const {
    if (options_.all) return 1;
    const WireWords forth = words_of(link(links_[first]).a_to_b);
    const WireWords back = words_of(link(links_[first]).b_to_a);
    size_t count = 1;
    while (first + count < links_.size() && words_of(link(links_[first + count]).a_to_b) == forth &&
           words_of(link(links_[first + count]).b_to_a) == back) {
      ++count;
    }
    return count;
  }

  std::string links() const {
    TextTable table({"link", "direction", "delay", "rate", "queue"});
    size_t i = 0;
    for (size_t rows = 0; i < links_.size() && rows < row_limit(); ++rows) {
      size_t alike = alike_from(i);
      if (alike < kAlikeLinks) alike = 1;
      std::string label = link_label(link(links_[i]));
      if (alike > 1) {
        label +=
            " … " + link_label(link(links_[i + alike - 1])) + " (" + std::to_string(alike) + ")";
      }
      add_link(label, link(links_[i]), table);
      i += alike;
    }
    return table.text(2) + more_line(links_.size() - i, 2);
  }

  void add_link(const std::string& label, const LinkSpec& spec, TextTable& table) const {
    const WireWords forth = words_of(spec.a_to_b);
    const WireWords back = words_of(spec.b_to_a);
    const auto add = [&table](const std::string& name, const std::string& direction,
                              const WireWords& cells) {
      table.add({name, direction, cells.delay, cells.rate, cells.queue});
      if (!cells.more.empty()) table.add_note(cells.more);
    };
    if (forth == back) {
      add(label, "", forth);
      return;
    }
    const std::string& a = node(spec.a.node).name;
    const std::string& b = node(spec.b.node).name;
    add(label, a + "->" + b, forth);
    add("", b + "->" + a, back);
  }

  // ---- tunnels ----------------------------------------------------------------------------------

  std::string tunnels() const {
    TextTable table(
        {"tunnel", "between", "underlay delay", "path MTU", "full frame", "cost per frame"});
    size_t count = 0;
    for (const TunnelPlan& tunnel : plan_.tunnels()) {
      if (link(tunnel.link).plane != plane_.name) continue;
      if (++count <= row_limit()) add_tunnel(tunnel, table);
    }
    if (count == 0) return "";
    std::string text = table.text(2) + more_line(count - std::min(count, row_limit()), 2);
    const std::string& origin = plane_.tunnel_cost.origin;
    return text + "  (the cost per frame is that of each end, " +
           (origin.empty() ? "as the scenario says" : origin) + ")\n";
  }

  void add_tunnel(const TunnelPlan& tunnel, TextTable& table) const {
    const LinkSpec& spec = link(tunnel.link);
    const TopologyLink& planned = plan_.topology().links()[static_cast<size_t>(tunnel.link)];
    const Duration forth = planned.a_to_b - spec.a_to_b.delay;
    const Duration back = planned.b_to_a - spec.b_to_a.delay;
    const TunnelSpec& end = tunnel.end_a;
    std::string cost = to_string(end.cost.per_frame);
    if (end.cost.per_kibibyte != Duration()) {
      cost += " + " + to_string(end.cost.per_kibibyte) + " per KiB";
    }
    if (end.cost.latency != Duration()) cost += " + " + to_string(end.cost.latency) + " latency";
    table.add({link_label(spec), node(tunnel.host_a).name + " -- " + node(tunnel.host_b).name,
               forth == back ? to_string(forth) : to_string(forth) + " / " + to_string(back),
               std::to_string(end.path_mtu),
               count_of(datagrams_for(end, spec.a_to_b.mtu + kEthernetHeader), "datagram"), cost});
  }

  static constexpr int64_t kEthernetHeader = 14;

  // How many datagrams a frame is cut into; IP and UDP stand in front of the tunnel's own header.
  static size_t datagrams_for(const TunnelSpec& end, int64_t frame_bytes) {
    const int64_t room = end.path_mtu - (end.remote.is_v6() ? 40 : 20) - 8 - TunnelHeader::kSize -
                         (end.encrypted ? TunnelHeader::kTagSize : 0);
    return static_cast<size_t>((frame_bytes + room - 1) / std::max<int64_t>(1, room));
  }

  const NetworkPlan& plan_;
  const Scenario& scenario_;
  const PlaneSpec& plane_;
  const ViewOptions& options_;
  std::vector<int> nodes_;
  std::vector<int> links_;
};

}  // namespace

std::string plane_view(const NetworkPlan& plan, const PlaneSpec& plane,
                       const ViewOptions& options) {
  return PlaneView(plan, plane, options).text();
}

std::string more_line(size_t left_out, size_t indent) {
  if (left_out == 0) return "";
  return std::string(indent, ' ') + "… and " + std::to_string(left_out) +
         " more (--all shows them)\n";
}

}  // namespace violin
