#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/random.hh"

namespace violin::testing {

// What a drawn scenario may contain.
struct RandomScenarioLimits {
  bool impairments = true;  // jitter, loss, duplicates, corruption, reordering
  bool events = true;       // live changes, links and nodes down for a while
  bool traces = true;       // links that send when a trace says so
  bool small_mtus = true;   // between routers
  bool sliceable = false;   // always an underlay, and no wire in it where no slice could end
};

// Draws the text of a scenario from a seed: one or two violins, trees of routers, switches and
// hosts, on an underlay or not; links of every rate, delay, impairment and queue; workloads of
// every kind; events. It is always one that reads and runs, and every transfer of a given size has
// time to end: losses are a per cent or two, nothing stays down, and there is no more than a link
// can carry for long. The same seed gives the same text.
class RandomScenario {
 public:
  explicit RandomScenario(uint64_t seed, const RandomScenarioLimits& limits = {});
  const std::string& text() const { return text_; }

 private:
  struct Plane {
    std::string name;
    std::vector<std::string> hosts;
    std::vector<std::string> links;
    std::set<std::string> traced;  // those of them that send when a trace says so
  };

  bool one_in(uint64_t n) { return random_.below(n) == 0; }
  std::string pick(const std::vector<std::string>& from) {
    return from[random_.below(from.size())];
  }
  std::string number(uint64_t low, uint64_t high) {
    return std::to_string(low + random_.below(high - low + 1));
  }

  void draw_underlay();
  void draw_violin(const std::string& name);
  // What a link must be fit for.
  struct LinkPlace {
    bool routed = false;    // both ends route, so that its MTU may be smaller than others'
    bool of_host = false;   // it has a rate: without one, TCP over no distance has no end
    bool cuttable = false;  // a slice may end here
  };
  std::string draw_named_link(Plane& plane, const std::string& a, const std::string& b,
                              const LinkPlace& place);
  std::string draw_link_keys(const LinkPlace& place);
  std::string draw_impairments();
  std::string draw_loss();
  std::string draw_queue();
  void draw_workloads();
  std::string draw_workload(const std::string& name, const Plane& plane);
  void draw_events();

  Random random_;
  RandomScenarioLimits limits_;
  std::string text_;
  std::vector<Plane> planes_;
  std::vector<std::string> overlay_hosts_;
};

}  // namespace violin::testing
