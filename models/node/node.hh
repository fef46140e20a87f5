#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/buffers.hh"
#include "core/drop_reason.hh"
#include "core/entity.hh"
#include "core/frame.hh"
#include "core/scheduler.hh"
#include "models/node/nic.hh"

namespace violin {

// What every node of one network shares. All of it outlives the nodes.
struct NodeContext {
  Scheduler& scheduler;
  BufferPools& pools;
  uint64_t seed = 0;
};

// Where a node's frames came from and went to. At any instant
//   received + originated + replicated = sent + consumed + dropped + held.
struct NodeCounters {
  uint64_t received = 0;    // from its interfaces
  uint64_t originated = 0;  // made here: requests, answers, errors, what transports send
  uint64_t replicated = 0;  // more than one made of one: copies of a flood, fragments
  uint64_t sent = 0;        // to a link
  uint64_t consumed = 0;    // used up here: delivered to a protocol, or merged into a datagram
  uint64_t dropped = 0;     // for one of the reasons in drops()
  uint64_t held = 0;        // waiting for a neighbour, for sibling fragments, or for the loopback
  uint64_t forwarded = 0;   // passed on towards another interface; beside the balance

  bool balanced() const {
    return received + originated + replicated == sent + consumed + dropped + held;
  }
};

// A machine of a violin or of the underlay, seen from its links: a name, interfaces, counters, and
// whether it is up. What it does with frames is up to the classes derived from it.
class Node {
 public:
  // `name` is unique in the network, "v1/h1"; it is also the name of the node's Entity.
  Node(std::string name, const NodeContext& context);
  virtual ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  const std::string& name() const { return entity_.name(); }
  Entity& entity() { return entity_; }
  Scheduler& scheduler() const { return scheduler_; }
  BufferPools& pools() const { return pools_; }
  uint64_t seed() const { return seed_; }

  // Makes the next interface; all of them are made before the first frame arrives.
  Nic& add_nic(NicSpec spec);
  size_t nic_count() const { return nics_.size(); }
  Nic& nic(size_t index) const { return *nics_[index]; }
  // The interface of this name, or nullptr.
  Nic* find_nic(std::string_view name) const;

  // A frame that arrived at one of its interfaces while the node was up.
  virtual void receive(Nic& at, Frame frame, Time now) = 0;

  // A node that is down drops what reaches it, and what its own workloads send, as node_down. Going
  // down it forgets what it had learned (neighbours, stations, fragments) and drops what it held.
  bool up() const { return up_; }
  void take_down(Time now);
  void bring_up() { up_ = true; }

  NodeCounters counters() const;
  // All drops of this node, those of its transports included.
  virtual DropCounters drops() const { return drops_; }

 protected:
  friend class Nic;
  // An interface was added; its addresses are known.
  virtual void nic_added(Nic&) {}
  // The carrier of `nic` came or went.
  virtual void carrier_changed(Nic&, Time) {}
  virtual void forget_soft_state(Time) {}
  // Drops by transports of what was counted as consumed when it was handed up to them.
  virtual uint64_t upper_drop_count() const { return 0; }
  // Frames that are kept for later.
  virtual uint64_t frames_held() const { return 0; }

  // Ends the frame here.
  void drop(Frame frame, DropReason reason) {
    drops_.count(reason);
    frame = Frame();
  }
  // Without dropped and held, which counters() fills in; consumed with what transports dropped.
  NodeCounters tally_;
  DropCounters drops_;

 private:
  Entity entity_;
  Scheduler& scheduler_;
  BufferPools& pools_;
  uint64_t seed_;
  bool up_ = true;
  std::vector<std::unique_ptr<Nic>> nics_;
};

}  // namespace violin
