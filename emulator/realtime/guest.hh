#pragma once

#include <memory>
#include <string>
#include <vector>

#include "emulator/realtime/tap_port.hh"
#include "emulator/realtime/vhost_port.hh"
#include "models/link/log_histogram.hh"
#include "models/node/node.hh"

namespace violin {

// A node whose protocols live in a kernel outside, the machine's or one of its own, with one port
// per interface. To the wires it is a node like any other; it is down while its kernel is not
// there.
class Guest final : public Node, public PortOwner {
 public:
  Guest(std::string name, const NodeContext& context, Realtime& realtime, LogHistogram& lateness);

  // Connects the next interface with a TAP; interfaces are there (Node::add_nic).
  void attach(TapDevice tap);
  // The same with the device that a kernel of its own drives, whose connection is the caller's to
  // make.
  VhostPort& attach(const VhostNicOptions& options);

  void receive(Nic& at, Frame frame, Time now) override;
  void carrier_changed(Nic& nic, Time now) override;
  uint64_t frames_held() const override;
  Duration longest_gathering() const;

 private:
  int next_port() const;
  void port_received(int port, Frame frame, Time now) override;
  void port_dropped(int port, DropReason reason) override;
  void port_wrote(int port, std::span<const Time> due, Time at, bool taken) override;

  Realtime& realtime_;
  LogHistogram& lateness_;
  std::vector<std::unique_ptr<GatheringPort>> ports_;  // by interface
};

}  // namespace violin
