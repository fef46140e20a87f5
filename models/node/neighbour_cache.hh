#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/addresses.hh"
#include "core/drop_reason.hh"
#include "core/frame.hh"
#include "core/scheduler.hh"
#include "models/node/recency_table.hh"

namespace violin {

// A station on the link of one interface.
struct NeighbourKey {
  IpAddress address;
  int32_t nic = 0;
  bool operator==(const NeighbourKey&) const = default;
};

// What the cache asks of its node.
class NeighbourOwner {
 public:
  // Send a request for `key`, to everybody or to the station that had the address last.
  virtual void ask_neighbour(const NeighbourKey& key, MacAddress to, Time now) = 0;
  // A packet that waited, and where it goes now.
  virtual void neighbour_resolved(Frame packet, const NeighbourKey& key, MacAddress mac,
                                  Time now) = 0;
  // A packet that waited in vain: nobody answered.
  virtual void neighbour_unreachable(Frame packet, Time now) = 0;
  // A packet that must not wait any longer, for want of room or because the cache forgets.
  virtual void neighbour_packet_dropped(Frame packet, DropReason reason) = 0;
  // An address that was known became another or unknown: whatever was derived from it is void.
  virtual void neighbours_changed() = 0;

 protected:
  ~NeighbourOwner() = default;
};

// The link addresses of neighbours (RFC 826 with RFC 1122 section 2.3.2), in these states:
//   absent      nobody asked, or nobody answered
//   incomplete  asked, packets wait; three requests one second apart, then absent
//   reachable   answered, believed for 60 s
//   stale       reachable and older: used once more, which asks the station itself again
//   probing     stale and asked: used all the while; three requests, then absent
//   static      given by the scenario; believed for ever
// A simplification of Linux's machine: no DELAY state, and upper layers do not confirm. Age is
// looked at when an entry is used: only a neighbour being asked has a timer.
//
// Bounds: 16 384 neighbours, the one longest unused making room; 64 packets wait for each, the
// oldest making room. IPv6 neighbours can only be static as yet.
class NeighbourCache {
 public:
  static constexpr uint32_t kNeighboursMax = 16'384;
  static constexpr uint32_t kQueueMax = 64;
  static constexpr int kRequests = 3;
  static constexpr Duration kRequestInterval = Duration::seconds(1);
  static constexpr Duration kReachable = Duration::seconds(60);

  struct Known {
    MacAddress mac;
    Time until;  // it may be used without asking here again; now when it is stale or probing
  };

  NeighbourCache(Scheduler& scheduler, Entity& entity, NeighbourOwner& owner);
  ~NeighbourCache();

  // The address of a neighbour if it is known; a stale one is asked again.
  std::optional<Known> look_up(const NeighbourKey& key, Time now);
  // Keeps a packet for a neighbour that look_up did not know, and asks for it.
  void hold(Frame packet, const NeighbourKey& key, Time now);

  enum class Learn { kIfKnown, kAlways };
  // The neighbour said that this is its address: `kIfKnown` for what was only overheard.
  void learn(const NeighbourKey& key, MacAddress mac, Learn learn, Time now);
  void add_static(const NeighbourKey& key, MacAddress mac);

  // Forgets all that was learned, at one interface or everywhere; waiting packets are given back
  // for `reason`.
  void forget(int nic, DropReason reason);
  void forget_all(DropReason reason);

  uint64_t frames_held() const { return held_; }
  size_t size() const { return table_.size(); }

 private:
  struct KeyHash {
    uint64_t operator()(const NeighbourKey& key) const {
      const uint64_t mixed = key.address.high() * 0xff51afd7ed558ccd ^ key.address.low() ^
                             static_cast<uint64_t>(key.nic) << 40;
      return mixed * 0x9e3779b97f4a7c15;
    }
  };
  // Exists only while a neighbour is being asked.
  struct Resolution final : TimerTarget {
    Resolution(NeighbourCache& owner, const NeighbourKey& asked_key);
    void expire(Timer&, Time now) override { cache.request_expired(key, now); }
    NeighbourCache& cache;
    NeighbourKey key;
    Timer timer;
    FrameQueue waiting;
    int requests = 0;
  };
  struct Neighbour {
    MacAddress mac;  // unset while incomplete
    Time reachable_until = Time::beginning();
    std::unique_ptr<Resolution> resolution;
    bool has_mac = false;
    bool is_static = false;
  };

  Neighbour& make_neighbour(const NeighbourKey& key);
  void ask(const NeighbourKey& key, Neighbour& neighbour, Time now);
  void request_expired(const NeighbourKey& key, Time now);
  // Takes the entry out; the packets that waited for it are in what is returned.
  std::unique_ptr<Resolution> remove(NeighbourKey key);
  void forget_one(const NeighbourKey& key, DropReason reason);

  Scheduler& scheduler_;
  Entity& entity_;
  NeighbourOwner& owner_;
  RecencyTable<NeighbourKey, Neighbour, KeyHash> table_;
  uint64_t held_ = 0;
};

}  // namespace violin
