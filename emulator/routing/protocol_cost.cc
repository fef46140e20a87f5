#include "emulator/routing/protocol_cost.hh"

#include <algorithm>

namespace violin {

int protocol_cost(RoutingKind protocol, const LinkSpec& link, bool a_to_b) {
  if (protocol == RoutingKind::kRip || protocol == RoutingKind::kBgp) return 1;
  if (protocol == RoutingKind::kOspf && link.ospf.cost) return *link.ospf.cost;
  constexpr Duration kUnit = Duration::microseconds(100);
  const Duration delay = (a_to_b ? link.a_to_b : link.b_to_a).delay;
  const int64_t units = (delay.ns() + kUnit.ns() / 2) / kUnit.ns();
  return static_cast<int>(std::clamp<int64_t>(units, 1, OspfSpec::kCostMax));
}

}  // namespace violin
