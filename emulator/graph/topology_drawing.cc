#include "emulator/graph/topology_drawing.hh"

#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "core/topology.hh"
#include "core/units.hh"

namespace violin {

namespace {

struct Colour {
  const char* line;
  const char* fill;
};
constexpr Colour kUnderlayColour{"#5b6770", "#eef1f3"};
constexpr std::array<Colour, 5> kViolinColours{{{"#2b6cb0", "#e8f1fb"},
                                                {"#b7410e", "#fcefe6"},
                                                {"#2f7d4f", "#e8f6ee"},
                                                {"#6b46a3", "#f1ecf9"},
                                                {"#8a6d00", "#faf5e0"}}};

// Names of cities and links fit between the cities of a continent, which becomes a poster.
constexpr double kPointsPerDegree = 40;

// Quoted as DOT wants it; a backslash would begin an escape of its own.
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result.push_back('\\');
    result.push_back(c == '\n' || c == '\r' ? ' ' : c);
  }
  return result + '"';
}

std::string describe(const WireSpec& wire) {
  std::string text;
  if (wire.delay != Duration()) text = to_string(wire.delay);
  const std::string rate = wire.trace ? "trace" : wire.rate.unlimited() ? "" : to_string(wire.rate);
  if (!text.empty() && !rate.empty()) text += ", ";
  return text + rate;
}

class Drawing {
 public:
  Drawing(const Scenario& scenario, const DrawingOptions& options)
      : scenario_(scenario), options_(options) {}

  std::string draw() {
    if (options_.geographic) pin_nodes();
    begin();
    // dot puts what comes first on top: violins over the underlay that carries them.
    for (size_t i = scenario_.planes.size(); i-- > 0;) draw_plane(i);
    if (options_.placements) draw_placements();
    text_ += "}\n";
    return std::move(text_);
  }

 private:
  void line(int depth, const std::string& content) {
    text_.append(static_cast<size_t>(depth) * 2, ' ');
    text_ += content;
    text_ += '\n';
  }

  void begin() {
    line(0, "graph " + quoted(scenario_.name) + " {");
    line(1, "graph [label=" + quoted(scenario_.name) +
                ", labelloc=t, fontname=\"Helvetica\", fontsize=18, compound=true, "
                "nodesep=0.35, ranksep=0.7, overlap=false, splines=true];");
    line(1, "node [fontname=\"Helvetica\", fontsize=11, style=filled, penwidth=1.2];");
    line(1, "edge [fontname=\"Helvetica\", fontsize=9, fontcolor=\"#444444\"];");
  }

  static const Colour& colour_of(const PlaneSpec& plane, size_t number) {
    return plane.is_underlay ? kUnderlayColour : kViolinColours[number % kViolinColours.size()];
  }

  void draw_plane(size_t number) {
    const PlaneSpec& plane = scenario_.planes[number];
    const Colour& colour = colour_of(plane, number);
    // On a map the planes lie over each other, and boxes around them would hide it.
    line(1, "subgraph " + quoted((options_.geographic ? "" : "cluster_") + plane.name) + " {");
    line(2, "label=" + quoted(plane.name) + "; style=\"rounded,filled\"; color=\"" + colour.line +
                "\"; fillcolor=\"" + colour.fill + "\"; fontcolor=\"" + colour.line + "\";");
    line(2, std::string("node [color=\"") + colour.line + "\", fillcolor=\"#ffffff\"];");
    line(2, std::string("edge [color=\"") + colour.line + "\"];");
    for (size_t i = 0; i < scenario_.nodes.size(); ++i) {
      if (scenario_.nodes[i].plane == plane.name) draw_node(i);
    }
    for (const LinkSpec& link : scenario_.links) {
      if (link.plane == plane.name) draw_link(link);
    }
    line(1, "}");
  }

  static const char* shape_of(NodeKind kind) {
    switch (kind) {
      case NodeKind::kHost:
        return "shape=box, style=\"filled,rounded\"";
      case NodeKind::kSwitch:
        return "shape=hexagon, height=0.3, margin=\"0.05,0.02\"";
      case NodeKind::kRouter:
        return "shape=ellipse, style=\"filled,bold\"";
    }
    return "";
  }

  void draw_node(size_t index) {
    const NodeSpec& node = scenario_.nodes[index];
    std::string attributes = "label=" + quoted(node.name) + ", " + shape_of(node.kind);
    std::string tip = node.full_name();
    for (const InterfaceSpec& interface : node.interfaces) {
      for (const InterfaceAddress& address : interface.addresses) {
        tip += ", " + interface.name + " " + to_string(address);
      }
    }
    attributes += ", tooltip=" + quoted(tip);
    if (options_.geographic && pins_[index]) attributes += ", " + position(*pins_[index]);
    line(2, quoted(node.full_name()) + " [" + attributes + "];");
  }

  struct Point {
    double x;
    double y;
  };

  static std::string position(const Point& point) {
    char text[80];
    std::snprintf(text, sizeof text, "pos=\"%.1f,%.1f!\"", point.x, point.y);
    return text;
  }

  // Nodes with coordinates where they belong, the others around what they hang on: the overlay host
  // that carries them, or the first neighbour that has a place. What hangs on nothing floats.
  void pin_nodes() {
    pins_.resize(scenario_.nodes.size());
    around_.resize(scenario_.nodes.size());
    std::map<std::string_view, size_t> overlay_hosts;
    for (size_t i = 0; i < scenario_.nodes.size(); ++i) {
      const NodeSpec& node = scenario_.nodes[i];
      if (node.plane == kUnderlayPlane) overlay_hosts[node.name] = i;
      if (!node.coordinates) continue;
      pins_[i] = {node.coordinates->second * kPointsPerDegree,
                  node.coordinates->first * kPointsPerDegree};
    }
    for (const LinkSpec& link : scenario_.links) {
      pin_beside(static_cast<size_t>(link.a.node), static_cast<size_t>(link.b.node));
      pin_beside(static_cast<size_t>(link.b.node), static_cast<size_t>(link.a.node));
    }
    for (size_t i = 0; i < scenario_.nodes.size(); ++i) {
      const auto host = overlay_hosts.find(scenario_.nodes[i].place);
      if (host != overlay_hosts.end()) pin_beside(i, host->second);
    }
  }

  // Nothing when `node` has a place already, or `anchor` has none.
  void pin_beside(size_t node, size_t anchor) {
    if (pins_[node] || !pins_[anchor]) return;
    constexpr std::array<Point, 8> kAround{
        {{1, -0.6}, {-1, -0.6}, {0, -1}, {1, 0.6}, {-1, 0.6}, {0, 1}, {1.3, 0}, {-1.3, 0}}};
    const size_t number = around_[anchor]++;
    const double far = 70 + 60 * static_cast<double>(number / kAround.size());
    const Point& way = kAround[number % kAround.size()];
    pins_[node] = {pins_[anchor]->x + way.x * far, pins_[anchor]->y + way.y * far};
  }

  void draw_link(const LinkSpec& link) {
    const NodeSpec& a = scenario_.nodes[static_cast<size_t>(link.a.node)];
    const NodeSpec& b = scenario_.nodes[static_cast<size_t>(link.b.node)];
    std::string attributes = "tooltip=" + quoted(link.full_name());
    if (options_.link_labels) {
      const std::string forth = describe(link.a_to_b);
      const std::string back = describe(link.b_to_a);
      const std::string label = forth == back
                                    ? forth
                                    : a.name + ": " + (forth.empty() ? "0 s" : forth) + " / " +
                                          b.name + ": " + (back.empty() ? "0 s" : back);
      if (!label.empty()) attributes += ", label=" + quoted(label);
    }
    // Between overlay hosts the link is a tunnel.
    if (a.place != b.place) attributes += ", penwidth=2.5";
    line(2, quoted(a.full_name()) + " -- " + quoted(b.full_name()) + " [" + attributes + "];");
  }

  void draw_placements() {
    for (const NodeSpec& node : scenario_.nodes) {
      if (node.place.empty()) continue;
      line(1,
           quoted(node.full_name()) + " -- " + quoted("underlay/" + node.place) +
               " [style=dashed, color=\"#9aa5ad\", penwidth=0.8, weight=0, tooltip=\"placed\"];");
    }
  }

  const Scenario& scenario_;
  const DrawingOptions& options_;
  std::vector<std::optional<Point>> pins_;  // by node, of a geographic drawing, in points
  std::vector<size_t> around_;              // how many nodes were placed around each
  std::string text_;
};

}  // namespace

std::string draw_dot(const Scenario& scenario, const DrawingOptions& options) {
  return Drawing(scenario, options).draw();
}

}  // namespace violin
