#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/time.hh"

namespace violin {

// How a router finds its routes: they are planned once, it has none but those to its neighbours,
// or FRR's daemon of a routing protocol finds them (emulator/routing).
enum class RoutingKind { kStatic, kNone, kOspf, kRip, kBgp, kIsis };
const std::vector<std::string>& routing_names();  // by RoutingKind: "static", "none", "ospf" …
inline bool is_protocol(RoutingKind kind) { return kind > RoutingKind::kNone; }

struct RoutingSpec {
  RoutingKind kind = RoutingKind::kStatic;
  // What the protocol's daemon is configured by (ospfd.conf); empty = made from the topology.
  std::string configuration;
  bool operator==(const RoutingSpec&) const = default;
};

// What OSPF is told of a link (RFC 2328 section C.3), at both ends.
struct OspfSpec {
  static constexpr int kCostMax = 65'535;
  static constexpr Duration kIntervalMax = Duration::seconds(65'535);

  std::optional<int> cost;  // none = from the delay, routing/protocol_cost.hh
  uint32_t area = 0;
  Duration hello = Duration::seconds(10);  // whole seconds, as dead
  Duration dead = Duration::seconds(40);
  bool operator==(const OspfSpec&) const = default;
};

}  // namespace violin
