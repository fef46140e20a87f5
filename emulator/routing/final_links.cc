#include "emulator/routing/final_links.hh"

namespace violin {

std::vector<LinkState> final_links(const Scenario& scenario) {
  std::vector<LinkState> states(scenario.links.size());
  for (const EventSpec& event : scenario.events) {
    if (const auto* down = std::get_if<DownEvent>(&event.what)) {
      const bool comes_back =
          down->lasting && event.when + *down->lasting <= Time::zero() + scenario.duration;
      for (const LinkTarget& target : down->targets) {
        states[static_cast<size_t>(target.link)] = {!comes_back, down->silent};
      }
    } else if (const auto* up = std::get_if<UpEvent>(&event.what)) {
      for (const LinkTarget& target : up->targets) states[static_cast<size_t>(target.link)] = {};
    }
  }
  return states;
}

}  // namespace violin
