#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "emulator/agent/slice_secrets.hh"
#include "emulator/network/network_plan.hh"
#include "emulator/realtime/realtime.hh"
#include "emulator/results/run_result.hh"
#include "emulator/tunnel/control_port.hh"
#include "emulator/tunnel/frame_hold.hh"
#include "emulator/tunnel/tunnel_carrier.hh"
#include "emulator/tunnel/udp_tunnel.hh"
#include "models/node/node.hh"

namespace violin {

// The tunnels that end at one overlay host, the sockets that carry them, and the ports at which
// they are joined. But for its making, it is touched by the thread of `realtime` alone.
class SliceTunnels {
 public:
  struct Options {
    SliceSecrets secrets;
    // The addresses of the overlay hosts where the underlay is real; empty where it is emulated.
    std::map<std::string, IpAddress> underlay;
  };
  SliceTunnels(const NetworkPlan& plan, Realtime& realtime, Options options);

  // The entrance of this side's end; what comes out goes to `inside`. Throws std::runtime_error
  // when a peer is not known.
  FrameSink& open(const TunnelPlan& plan, bool at_a, const NodeContext& context, FrameSink& inside);
  // The part of a link's delay that the far end adds, holding frames until it is over, so that what
  // the underlay takes is part of the delay: all of it over a real underlay, where it is the same
  // for all frames and at all times or, where events set it, the least of it. Else nothing.
  Duration lead(int link, bool a_to_b) const;
  // What has events, to be ranked with the network's.
  std::vector<Entity*> entities();
  // Asks the peers to join.
  void start();
  // Every tunnel can send.
  bool are_joined() const;
  // In words, for the first that cannot; "" when all can.
  std::string what_is_missing() const;
  // Tells the peers that we go, and gives back what it holds of frames.
  void end();

  // What was dropped on its way into and out of the tunnels, where anything was: by tunnel,
  // "v1/h1--h2.h1->h2.tunnel"; at the port of all tunnels, where a datagram has no session that
  // would say whose it is, "HOST.tunnels" as under the virtual clock; and at the port where they
  // are joined, "HOST.joins". `host` is the overlay host's full name.
  void add_results(const std::string& host, RunResult& result) const;
  DropCounters drops() const;
  uint64_t overruns() const;

 private:
  void plan_leads();
  void add_late_frames(RunResult& result) const;
  TunnelCarrier& carrier(bool v6);
  ControlPort& control(bool v6);
  std::vector<const ControlPort*> controls() const;
  IpAddress underlay_address_of(const std::string& overlay_host) const;
  void place_in_underlay(const TunnelPlan& plan, bool at_a, UdpTunnel::Options& options) const;
  bool carries_whole(const TunnelPlan& tunnel, bool at_a) const;
  void join_or_admit(const TunnelPlan& plan, bool at_a, UdpTunnel& tunnel);
  const std::string& name_of(int overlay_host) const;

  const NetworkPlan& plan_;
  const Scenario& scenario_;
  Realtime& realtime_;
  Options options_;
  std::unique_ptr<TunnelCarrier> carrier_v4_, carrier_v6_;
  std::map<std::pair<int, bool>, Duration> leads_;  // by link and direction (a to b)
  std::vector<std::unique_ptr<FrameHold>> holds_;
  std::vector<std::unique_ptr<UdpTunnel>> tunnels_;
  std::unique_ptr<ControlPort> control_v4_, control_v6_;
};

}  // namespace violin
