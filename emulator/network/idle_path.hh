#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/time.hh"
#include "core/topology.hh"
#include "core/units.hh"

namespace violin {

class NetworkPlan;
struct TunnelPlan;

// How long one packet takes through a planned network that carries nothing else: to the nanosecond
// what the models do with it. It is cut into fragments and tunnel chunks as they would be, these
// follow each other through every wire and every tunnel end's processor, and what counts is when
// the last one is there.
//
// Neighbours are known, nothing is lost, jitter counts as zero, and a trace as its mean rate. A
// packet that forbids fragmentation and does not fit is not what this is about.
class IdlePath {
 public:
  explicit IdlePath(const NetworkPlan& plan) : plan_(plan) {}

  // `frame` is the length of the whole packet with its Ethernet header, before any cutting. Nothing
  // when there is no way.
  std::optional<Duration> one_way(NodePair ends, Bytes frame) const;

 private:
  // A frame on its way: its length, when it is where it is, and which frame before the tunnel it
  // is a chunk of.
  struct Parcel {
    int64_t size = 0;
    Duration at;
    size_t whole = 0;
  };
  using Parcels = std::vector<Parcel>;

  // Each moves `parcels`, in order, and updates when they arrive.
  bool carry(NodePair ends, Parcels& parcels) const;
  void fragment(LinkStep step, Parcels& parcels) const;
  void cross_wire(LinkStep step, Parcels& parcels) const;
  bool cross_tunnel(const TunnelPlan& tunnel, bool a_to_b, Parcels& parcels) const;

  const NetworkPlan& plan_;
};

}  // namespace violin
