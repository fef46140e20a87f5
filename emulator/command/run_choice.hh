#pragma once

#include <string>
#include <vector>

#include "emulator/deployment/live_run.hh"

// Which run and which node somebody means.

namespace violin {

// The run of that id, or the only one of that scenario; without a name the only one there is.
// Throws InputError that lists what there is.
const LiveRun& choose_run(const std::vector<LiveRun>& runs, const std::string& name);

// The node of that full name, or the only one whose name ends so ("h1" of "v/h1"); without a name
// the only real one. Throws InputError for none, for several, and for a model, in which nothing can
// run.
const LiveNode& choose_node(const LiveRun& run, const std::string& name);

// What `[RUN] [NODE]` stands for, either of which may have been left out.
struct RunAndNode {
  const LiveRun& run;
  const LiveNode& node;
};
RunAndNode choose(const std::vector<LiveRun>& runs, const std::vector<std::string>& operands);

}  // namespace violin
