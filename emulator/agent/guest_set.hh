#pragma once

#include <memory>
#include <string>
#include <vector>

#include "emulator/network/network_plan.hh"
#include "emulator/os/guest_space.hh"
#include "emulator/realtime/guest.hh"

namespace violin {

// The real nodes of a slice: a network namespace each, with an interface per link whose cable ends
// in one of our ports, and with the addresses, routes and names that the scenario gives it.
class GuestSet {
 public:
  GuestSet(const NetworkPlan& plan, Realtime& realtime, LogHistogram& lateness);

  // The node of the network for a real node of the scenario; its space is made by connect().
  std::unique_ptr<Guest> make(int index, const NodeContext& context);
  // Makes the spaces of all nodes made so far, and connects their interfaces. Throws
  // std::system_error naming what was refused.
  void connect();

  // Frames that guests sent are counted as lost from now on when nobody read them in time.
  void begin_counting();
  uint64_t overruns() const;
  // The longest that a frame had to wait for others that were given to a guest with it.
  Duration longest_gathering() const;

  // By full name; null when there is no such real node here.
  const GuestSpace* find(const std::string& full_name) const;
  std::vector<std::string> names() const;

 private:
  struct Entry {
    int index = 0;
    Guest* guest = nullptr;  // the network's
    std::unique_ptr<GuestSpace> space;
    uint64_t dropped_before = 0;
  };
  static uint64_t frames_dropped(const Entry& entry);
  void connect(Entry& entry);
  void add_routes(const Entry& entry) const;

  const NetworkPlan& plan_;
  Realtime& realtime_;
  LogHistogram& lateness_;
  std::vector<Entry> entries_;
};

}  // namespace violin
