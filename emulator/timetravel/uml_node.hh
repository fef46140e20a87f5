#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/scheduler.hh"
#include "emulator/results/kernel_activity.hh"
#include "emulator/timetravel/echo_times.hh"
#include "emulator/timetravel/guest_calendar.hh"
#include "emulator/uml/uml_guest.hh"
#include "emulator/virtio/vhost_nic.hh"
#include "models/node/node.hh"

namespace violin {

class UmlNode;

// Whoever is told what becomes of a guest.
class UmlNodeObserver {
 public:
  // Its kernel has ended, as it should or otherwise.
  virtual void guest_ended(const UmlNode& node, Time now) = 0;

 protected:
  ~UmlNodeObserver() = default;
};

// A guest whose kernel did what no kernel does, or nothing at all: what() names guest and program.
class GuestFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A node with a Linux kernel of its own, under the virtual clock. It is one entry in the scheduler:
// the instant at which its kernel wants to run. While that runs, and only then, time stands still
// for everybody else; it may go on by itself to the next event of anybody.
class UmlNode final : public Node, public TimerTarget, private VhostNicOwner {
 public:
  struct Options {
    GuestCalendarOptions calendar;
    // How long its kernel may be silent while it runs, of wall time: a program that never rests
    // would otherwise hold everybody up for ever.
    std::chrono::milliseconds patience{60'000};
  };
  UmlNode(std::string name, const NodeContext& context, Options options, UmlNodeObserver& observer);

  // Something that its kernel was ordered to run, and when.
  struct Program {
    std::string name;
    Time at;
  };
  // Interfaces are there (Node::add_nic). `guest` has the sockets "clock" and "nicN", in this
  // order, and was ordered to run these programs. Its kernel begins to boot at the calendar's
  // beginning.
  void boot(std::unique_ptr<UmlGuest> guest, std::vector<Program> programs);
  const UmlGuest& guest() const { return *guest_; }
  // Nothing while its kernel lives.
  std::optional<UmlEnding> ending() const { return ending_; }
  // Why it was ended by us; empty = it was not.
  const std::string& trouble() const { return calendar_.trouble(); }

  void receive(Nic& at, Frame frame, Time now) override;
  void carrier_changed(Nic& nic, Time now) override;
  void expire(Timer& timer, Time now) override;
  uint64_t frames_held() const override;

  const EchoTimes& echoes() const { return echoes_; }
  // Adds what its kernel did; what it cost is known when it has ended.
  void add_activity(KernelActivity& sum) const;

 private:
  struct Port {
    std::unique_ptr<VhostNic> nic;
    FrameQueue arrived;  // what its kernel has not been given yet
  };
  void nic_has_room(int) override {}
  void nic_kicked(int index) override;
  void nic_received(int index, Frame frame) override;
  void nic_dropped(int index, DropReason reason) override;

  void wake(Time now);
  bool tell_carriers(Time now);
  bool hand_over(Time now);
  void finish(Time now);
  void run(Time now);
  void serve(bool (GuestCalendar::*done)() const);
  bool hear(std::chrono::milliseconds patience);
  std::vector<pollfd> descriptors() const;
  void end_if_over(Time now);
  Time horizon(Time now) const;
  std::string what_runs();

  Options options_;
  UmlNodeObserver& observer_;
  Timer timer_;
  GuestCalendar calendar_;
  std::unique_ptr<UmlGuest> guest_;
  std::vector<Program> programs_;  // by job
  std::deque<Port> ports_;         // by interface
  std::optional<UmlEnding> ending_;
  Time kicked_;  // by the guest's clock
  uint64_t turns_ = 0;
  EchoTimes echoes_;
};

}  // namespace violin
