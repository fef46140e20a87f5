#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/addresses.hh"
#include "core/frame_observer.hh"
#include "core/frame_sink.hh"

namespace violin {

class Node;

struct NicSpec {
  std::string name = "eth0";
  MacAddress mac;  // switches have one too, and never use it
  std::vector<InterfaceAddress> addresses;
  int64_t mtu = 1500;  // the largest IP packet, bytes
};

// A network interface: the place where a node and one end of a link meet. It belongs to one Node,
// which makes it (Node::add_nic). It has no queue, no rate and no delay of its own (those are the
// wire's), filters nothing and pads nothing: short frames travel short, and the wire accounts for
// Ethernet's minimum of 60 bytes.
class Nic final : public FrameSink {
 public:
  Nic(Node& node, int index, NicSpec spec);
  Nic(const Nic&) = delete;
  Nic& operator=(const Nic&) = delete;

  // A frame from the link: observed, counted, and handed to the node unless that is down.
  void receive(Frame frame, Time now) override;
  // A frame to the link: counted as sent, or dropped as link_down while there is no link or no
  // carrier.
  void send(Frame frame, Time now);

  // Whom frames are sent to. Until then, and without carrier, everything sent is link_down.
  void connect(FrameSink& wire) {
    wire_ = &wire;
    choose_output();
  }
  // The link says whether it has carrier (an event with mode: carrier); the node is told when that
  // changes and forgets whom it knew there. A new interface has carrier.
  void set_carrier(bool carrier, Time now);
  bool carrier() const { return carrier_; }

  // Who sees each frame in and out, or nullptr. A capture hangs here.
  void set_observer(FrameObserver* observer) { observer_ = observer; }

  Node& node() const { return node_; }
  int index() const { return index_; }
  const std::string& name() const { return name_; }
  MacAddress mac() const { return mac_; }
  int64_t mtu() const { return mtu_; }
  const std::vector<InterfaceAddress>& addresses() const { return addresses_; }
  bool has(IpAddress address) const;
  // True when `address` is in a subnet of this interface.
  bool on_link(IpAddress address) const;

 private:
  void choose_output() { output_ = carrier_ ? wire_ : nullptr; }

  Node& node_;
  FrameSink* output_ = nullptr;  // the wire while it can be sent to
  FrameObserver* observer_ = nullptr;
  MacAddress mac_;
  int64_t mtu_;
  FrameSink* wire_ = nullptr;
  int index_;
  bool carrier_ = true;
  std::vector<InterfaceAddress> addresses_;
  std::string name_;
};

}  // namespace violin
