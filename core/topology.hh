#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hh"

// The graph under everything: nodes and links of all planes (the underlay with its overlay hosts,
// and every violin), as an undirected multigraph whose two directions of a link may have different
// delays. It answers what the shape alone decides: is it valid, what is connected, which link or
// node is a single point of failure, which way is shortest.
//
// It knows neither addresses nor route tables (core/routing.hh), nor rates, queues and losses
// (models/link/wire_spec.hh). Nodes and links are numbered in the order they were added; no answer
// depends on that order except through those numbers. Sized for several hundred thousand nodes.

namespace violin {

// The plane of the real (or emulated) IP network; every other plane is a violin.
inline constexpr std::string_view kUnderlayPlane = "underlay";

struct TopologyNode {
  enum class Kind : uint8_t { kHost, kSwitch, kRouter };
  std::string name;  // unique within its plane
  std::string plane;
  Kind kind = Kind::kHost;
  int placed_on = -1;  // the underlay host that carries this virtual node; -1 = none
};

struct TopologyLink {
  int a = -1;  // node numbers
  int b = -1;
  int a_interface = -1;  // which interface of the node, from 0
  int b_interface = -1;
  Duration a_to_b;  // propagation delay of each direction
  Duration b_to_a;
};

// A link taken in one direction.
struct LinkStep {
  int link = -1;
  bool a_to_b = true;
  bool operator==(const LinkStep&) const = default;
};

struct TopologyPath {
  std::vector<LinkStep> steps;  // empty from a node to itself
  Duration delay;               // sum over the steps
};

// Something that makes the topology unusable; the caller knows where the input said it.
struct TopologyProblem {
  int node = -1;  // or
  int link = -1;
  std::string message;
};

struct NodePair {
  int from = -1;
  int to = -1;
};

// Who may stand in the middle of a path. Hosts never do: they do not forward.
enum class Transit { kSwitches, kSwitchesAndRouters };

class Topology {
 public:
  // No link may be longer, so that no sum of delays overflows.
  static constexpr Duration kMaximumDelay = Duration::seconds(3600);

  Topology();
  ~Topology();
  Topology(Topology&&) noexcept;
  Topology& operator=(Topology&&) noexcept;

  // Both return the number of what was added. The ends of a link must exist.
  int add_node(TopologyNode node);
  int add_link(TopologyLink link);

  const std::vector<TopologyNode>& nodes() const { return nodes_; }
  const std::vector<TopologyLink>& links() const { return links_; }
  bool has_underlay() const { return has_underlay_; }

  int source(LinkStep step) const;
  int target(LinkStep step) const;
  int source_interface(LinkStep step) const;
  int target_interface(LinkStep step) const;
  Duration delay(LinkStep step) const;

  // Every way out of a node, in the order of its interfaces.
  std::vector<LinkStep> steps_from(int node) const;

  // Everything that is wrong: links between planes or from a node to itself, an interface with two
  // links, delays outside 0..kMaximumDelay, repeated names, and, where there is an underlay,
  // virtual nodes that are not placed on one of its hosts. Empty = valid.
  std::vector<TopologyProblem> problems() const;

  // The islands of a plane, each in ascending node order, ordered by their first node. One island
  // = connected. A path through a host counts here although hosts do not forward.
  std::vector<std::vector<int>> components(std::string_view plane) const;

  // Nodes, and links, without which more of the plane would be separated; ascending.
  std::vector<int> articulation_points(std::string_view plane) const;
  std::vector<int> bridges(std::string_view plane) const;

  // The path of least delay, then of fewest links; what is still equal is decided, from the far
  // end backwards, by the name of the node and the number of its interface. Nothing when
  // unreachable. The topology must be free of problems.
  std::optional<TopologyPath> shortest_path(NodePair ends,
                                            Transit transit = Transit::kSwitchesAndRouters) const;
  std::optional<Duration> distance(NodePair ends,
                                   Transit transit = Transit::kSwitchesAndRouters) const;

 private:
  struct Index;
  const Index& index() const;

  std::vector<TopologyNode> nodes_;
  std::vector<TopologyLink> links_;
  bool has_underlay_ = false;
  // Adjacency, made by the first question after a change. Models run in one thread, so a cache
  // behind const needs no lock.
  mutable std::unique_ptr<const Index> index_;
};

}  // namespace violin
