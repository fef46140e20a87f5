#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulator/agent/node_program.hh"
#include "emulator/agent/node_setting.hh"
#include "emulator/agent/uml_machine.hh"
#include "emulator/network/network_plan.hh"
#include "emulator/os/guest_space.hh"
#include "emulator/realtime/guest.hh"
#include "emulator/results/run_result.hh"

namespace violin {

// The real nodes of a slice: a network namespace each, or a machine with a kernel of its own, with
// an interface per link whose cable ends in one of our ports, and with the addresses, routes and
// names that the scenario gives it.
class GuestSet {
 public:
  struct Options {
    std::vector<NodeSetting> settings;  // those for other nodes are passed over
    std::filesystem::path kernel;       // of machines; empty = one that is found here
  };
  GuestSet(const NetworkPlan& plan, Realtime& realtime, LogHistogram& lateness,
           Options options = {});

  // The node of the network for a real node of the scenario; its space is made by connect().
  std::unique_ptr<Guest> make(int index, const NodeContext& context);
  // Makes the spaces of all nodes made so far, and connects their interfaces; machines begin to
  // boot. Throws std::system_error naming what was refused, std::runtime_error without a kernel.
  void connect();

  // Of machines, by the thread that reads inputs. Names those that boot yet; empty = all are ready.
  std::string what_boots() const;
  // What became of one that ended before it was ready; empty = nothing of that kind.
  std::string trouble() const;
  // Those that ended, in words.
  const std::vector<RunEvent>& events() const { return events_; }

  // Frames that guests sent are counted as lost from now on when nobody read them in time.
  void begin_counting();
  uint64_t overruns() const;
  // The longest that a frame had to wait for others that were given to a guest with it.
  Duration longest_gathering() const;

  // By full name; nothing when there is no such real node here.
  std::optional<NodePlace> find(const std::string& full_name) const;
  std::vector<std::string> names() const;

 private:
  struct Entry {
    int index = 0;
    Guest* guest = nullptr;               // the network's
    std::unique_ptr<GuestSpace> space;    // either this …
    std::unique_ptr<UmlMachine> machine;  // … or that
    uint64_t dropped_before = 0;
  };
  static uint64_t frames_dropped(const Entry& entry);
  GuestOrder order_of(const Entry& entry) const;
  void connect_space(Entry& entry, const GuestOrder& order) const;
  void boot(Entry& entry, const GuestOrder& order);
  bool runs_own_program(int index) const;
  int processor_of(int index) const;

  const NetworkPlan& plan_;
  Realtime& realtime_;
  LogHistogram& lateness_;
  Options options_;
  std::vector<Entry> entries_;
  std::vector<RunEvent> events_;
};

}  // namespace violin
