#pragma once

#include <memory>

#include "core/frame_sink.hh"
#include "emulator/network/network_plan.hh"
#include "models/node/node.hh"

namespace violin {

// What takes the place of models: nodes in kernels under either clock, and under the real one
// tunnels in sockets.
class NetworkOutside {
 public:
  // The node to stand for `index` of the scenario; null = model it. Called in scenario order.
  virtual std::unique_ptr<Node> make_node(int index, const NodeContext& context) = 0;
  // Under the real clock, this side's end of a tunnel: where the virtual link's frames go in. What
  // comes out goes to `inside`. Both live as long as the network.
  virtual FrameSink& open_tunnel(const TunnelPlan& plan, bool at_a, const NodeContext& context,
                                 FrameSink& inside) = 0;
  // Under the real clock, the part of a link's delay that the far end of its tunnel adds, so that
  // its wire here does not.
  virtual Duration lead(int link, bool a_to_b) const = 0;

 protected:
  ~NetworkOutside() = default;
};

}  // namespace violin
