#pragma once

#include <cstdint>
#include <vector>

#include "core/random.hh"
#include "models/node/node.hh"
#include "models/node/recency_table.hh"

namespace violin {

struct LearningSwitchLimits {
  uint32_t stations_max = 8192;              // the one longest unheard of makes room
  Duration ageing = Duration::seconds(300);  // IEEE 802.1Q's default
  // The loop guard.
  uint32_t moves_max = 16;    // of one station between ports, within the window
  uint32_t repeats_max = 64;  // of one group-addressed frame, within the window
  Duration window = Duration::seconds(1);
  Duration hold = Duration::seconds(30);  // how long a port stays blocked
};

// An Ethernet switch (a virtual LAN of a violin): learns the port of each source address, forwards
// to the learned port, floods what is unknown or group-addressed in port order, filters what would
// go back. Store and forward is the wire's; the switch itself takes no time. It holds nothing, has
// no events, and works on addresses only: 802.1Q tags and any other bytes pass untouched, and
// stations are learned by address, not per VLAN. A switch belongs to one violin, so violins are
// isolated by construction.
//
// It is no spanning tree. The loop guard only keeps a loop from eating the run: when one station
// moves between ports more than `moves_max` times within `window`, the port it was last seen on is
// blocked in both directions for `hold`; when one and the same group-addressed frame arrives more
// than `repeats_max` times within `window`, its further copies are not flooded. Both are counted
// as loop. Until then frames of a loop do circulate; the port that gets blocked need not be the one
// a spanning tree would choose, and after `hold` the guard has to notice again.
class LearningSwitch final : public Node {
 public:
  LearningSwitch(std::string name, const NodeContext& context, LearningSwitchLimits limits = {});
  ~LearningSwitch() override;

  void receive(Nic& at, Frame frame, Time now) override;

  // The port a station is known at, or nullptr.
  const Nic* port_of(MacAddress station, Time now) const;
  size_t stations_known() const { return stations_.size(); }
  bool is_blocked(const Nic& port, Time now) const {
    return ports_[static_cast<size_t>(port.index())].blocked_until > now;
  }

 private:
  struct Station {
    Time seen;
    Time window_start;
    uint32_t port = 0;
    uint32_t epoch = 0;  // of the port when learned: older ones went with the carrier
    uint32_t moves = 0;
  };
  struct Port {
    Time blocked_until = Time::beginning();
    uint32_t epoch = 0;
  };
  struct MacHash {
    uint64_t operator()(MacAddress mac) const { return mac.bits() * 0x9e3779b97f4a7c15; }
  };
  // One group-addressed frame that was flooded lately, by its content.
  struct Flooded {
    uint64_t fingerprint = 0;
    Time window_start = Time::beginning();
    uint32_t count = 0;
  };

  void nic_added(Nic& nic) override;
  void carrier_changed(Nic& nic, Time now) override;
  void forget_soft_state(Time now) override;

  // False when the source's move made the loop guard block this port.
  bool learn(const Nic& at, MacAddress source, Time now);
  bool counts_as_loop(Station& station, const Nic& at, Time now);
  bool repeats_too_often(const Frame& frame, Time now);
  const Station* known(MacAddress destination, Time now) const;
  bool may_send_to(const Nic& port, Time now) const;
  void flood(const Nic& from, Frame frame, Time now);
  void forward(Nic& to, Frame frame, Time now);

  LearningSwitchLimits limits_;
  std::vector<Port> ports_;
  RecencyTable<MacAddress, Station, MacHash> stations_;
  std::vector<Flooded> flooded_;  // direct-mapped by fingerprint; empty until the first flood
};

}  // namespace violin
