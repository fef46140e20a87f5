#pragma once

#include <vector>

#include "emulator/scenario/scenario.hh"

namespace violin {

// What has become of a link once all events of the scenario have happened.
struct LinkState {
  bool down = false;
  bool silent = false;  // and its ends cannot see it
};
std::vector<LinkState> final_links(const Scenario& scenario);  // by link

}  // namespace violin
