#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/ethernet.hh"
#include "models/node/fragmentation.hh"
#include "models/node/hop_cache.hh"
#include "models/node/icmp.hh"
#include "models/node/ip_output.hh"
#include "models/node/neighbour_cache.hh"
#include "models/node/node.hh"
#include "models/node/route_table.hh"

namespace violin {

// What routers and hosts have in common: ARP, longest-prefix match, forwarding, fragmentation,
// reassembly, ICMP (RFC 1122, RFC 1812). A packet takes no time inside a node, except one to the
// node's own address, which takes kLoopbackDelay: time has to pass, or an unlimited transfer to
// oneself would never end.
//
// IPv4 is whole. IPv6 packets are parsed, routed by hop limit through the same tables and forwarded
// to static neighbours; neighbour discovery, ICMPv6 and IPv6 fragments come later, and what would
// need them is counted as unsupported.
//
// Not modelled: IP options (they travel, nobody acts on them), redirects, IGMP and multicast (other
// than dropping it), forwarding of directed broadcasts (RFC 2644), policy, equal-cost paths. A
// broadcast is not delivered to its own sender.
class IpNode : public Node,
               public IpOutput,
               private NeighbourOwner,
               private ReassemblyOwner,
               private IcmpOwner {
 public:
  static constexpr Duration kLoopbackDelay = Duration::microseconds(10);
  static constexpr uint32_t kLoopbackMax = 1'024;  // packets on their way to oneself
  // A path MTU that was learned is forgotten after this time (RFC 1191 section 6.3).
  static constexpr Duration kPathMtuAge = Duration::seconds(600);
  static constexpr int64_t kPathMtuLeast = 552;  // as Linux's min_pmtu: against forged errors

  ~IpNode() override;

  // Adds routes to the connected ones, which every interface's addresses bring with them.
  void add_routes(const std::vector<Route>& routes);
  const RouteTable& routes() const { return routes_; }
  void add_static_neighbour(const Nic& nic, IpAddress address, MacAddress mac);
  IcmpLayer& icmp() { return icmp_; }
  bool owns(IpAddress address) const;
  // The address that packets to `destination` leave with; unspecified without a route.
  IpAddress source_for(IpAddress destination) const;

  void receive(Nic& at, Frame frame, Time now) final;

  Frame new_frame() final { return Frame::allocate(pools()); }
  void send_ip(Frame transport, const IpFlow& flow, const IpSendOptions& options, Time now) final;
  int64_t mtu_towards(IpAddress destination) const final;

  DropCounters drops() const final;

 protected:
  struct Options {
    bool forwards = false;
    uint32_t hop_slots = 16;  // of the HopCache, a power of two
  };
  IpNode(std::string name, const NodeContext& context, Options options);

  // A packet for this node that is not ICMP, starting at its transport header. Given back untouched
  // when nobody wants it; the sender is then told.
  virtual Frame receive_transport(Frame frame, const IpReceived&, Time) { return frame; }
  // An ICMP error about a packet of a transport of this node.
  virtual void receive_transport_error(const IcmpError&, Time) {}
  void forget_soft_state(Time now) override;

  // What transports drop of the frames that were handed up to them.
  DropCounters upper_drops_;

 private:
  enum class Kind { kLocal, kBroadcast, kGroup, kElsewhere };
  struct PathMtu {
    int64_t mtu = 0;
    Time until;
  };
  struct AddressHash {
    uint64_t operator()(IpAddress address) const {
      return (address.high() ^ address.low()) * 0x9e3779b97f4a7c15;
    }
  };
  // Exists once this node has sent something to itself.
  struct Loopback final : TimerTarget {
    explicit Loopback(IpNode& owner)
        : node(owner), timer(owner.scheduler(), owner.entity(), *this) {}
    void expire(Timer&, Time now) override { node.deliver_loopback(now); }
    IpNode& node;
    Timer timer;
    FrameQueue queue;
  };

  void nic_added(Nic& nic) override;
  void carrier_changed(Nic& nic, Time now) override;
  uint64_t frames_held() const override;
  uint64_t upper_drop_count() const override { return upper_drops_.total(); }

  void receive_arp(Nic& at, Frame frame, Time now);
  void answer_arp(Nic& at, const ArpPacket& request, Time now);
  void receive_v4(Frame frame, bool link_group, Time now);
  void receive_v4_slowly(Frame frame, bool link_group, Time now);
  void receive_v6(Frame frame, bool link_group, Time now);
  Kind kind_of(IpAddress destination) const;
  void forward_v4(Frame frame, const Ipv4Header& header, Time now);
  void forward_v6(Frame frame, const Ipv6Header& header, Time now);
  // `may_answer`: the packet came to this node alone, so that errors and echo replies are allowed.
  void deliver_v4(Frame packet, Ipv4Header header, bool may_answer, Time now);
  void hand_up(Frame packet, uint8_t header_length, const IpReceived& ip, bool may_answer,
               Time now);

  void send_v4_slowly(Frame packet, const Ipv4Header& header, Time now);
  void send_v6(Frame transport, const IpFlow& flow, const IpSendOptions& options, Time now);
  void send_broadcast(Frame packet, const Ipv4Header& header, Time now);
  void send_to_self(Frame packet, Time now);
  void deliver_loopback(Time now);
  bool exceeds(const Frame& packet, const Ipv4Header& header, int64_t mtu) const;
  void dispatch_v4(Frame packet, const RouteTable::Found& route, IpAddress destination, int64_t mtu,
                   Time now);
  void to_neighbour(Frame packet, const NeighbourKey& key, IpAddress destination, Time now);
  static void push_ethernet(Frame& packet, const Nic& out, MacAddress to);
  int64_t path_mtu(IpAddress destination, int64_t link_mtu) const;

  void ask_neighbour(const NeighbourKey& key, MacAddress to, Time now) override;
  void neighbour_resolved(Frame packet, const NeighbourKey& key, MacAddress mac, Time now) override;
  void neighbour_unreachable(Frame packet, Time now) override;
  void neighbour_packet_dropped(Frame packet, DropReason reason) override {
    drop(std::move(packet), reason);
  }
  void neighbours_changed() override { hops_.invalidate(); }
  void fragment_dropped(Frame fragment, DropReason reason) override;
  void fragments_consumed(uint64_t count) override { tally_.consumed += count; }
  void reassembly_timed_out(const Frame& first, Time now) override;
  void receive_icmp_error(const IcmpError& error, Time now) override;
  void icmp_error_withheld() override;

  Options options_;
  uint16_t next_identification_;
  HopCache hops_;
  RouteTable routes_;
  std::vector<IpAddress> own_;         // sorted
  std::vector<IpAddress> broadcasts_;  // of the subnets of our interfaces, sorted
  NeighbourCache neighbours_;
  IcmpLayer icmp_;
  std::unique_ptr<Loopback> loopback_;
  std::unique_ptr<Reassembly> reassembly_;
  using PathMtus = RecencyTable<IpAddress, PathMtu, AddressHash>;
  std::unique_ptr<PathMtus> path_mtus_;  // exists once one was learned; 1024 destinations at most
};

}  // namespace violin
