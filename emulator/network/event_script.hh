#pragma once

#include <string>
#include <vector>

#include "core/entity.hh"
#include "core/scheduler.hh"
#include "emulator/network/network.hh"
#include "emulator/results/run_result.hh"

namespace violin {

// Carries out the `events:` of a scenario on a network: patches, links and nodes down and up. A
// link or node that is down for several reasons at once comes up with the first `up` or end of
// `for:`.
class EventScript final : public TimerTarget {
 public:
  explicit EventScript(Network& network);

  Entity& entity() { return entity_; }
  // Arms the first event; the network's entities have their ranks by now.
  void start();
  void expire(Timer& timer, Time now) override;
  // What was done so far, by time.
  const std::vector<RunEvent>& log() const { return log_; }

 private:
  // One thing to do at one instant: an event, or the end of one that lasts.
  struct Action {
    Time when;
    const EventSpec* event = nullptr;
    bool ends = false;
  };

  void carry_out(const Action& action, Time now);
  void set(const SetEvent& event, Time now);
  void set_down(const std::vector<LinkTarget>& targets, bool down, bool silent, Time now);
  void set_node_up(int node, bool up, Time now);

  Network& network_;
  Entity entity_;
  Timer timer_;
  std::vector<Action> actions_;
  size_t next_ = 0;
  std::vector<RunEvent> log_;
};

}  // namespace violin
