#include "emulator/network/workload_path.hh"

#include <set>
#include <utility>

namespace violin {

std::vector<PathStep> path_steps(const NetworkPlan& plan, NodePair ends) {
  std::vector<LinkStep> steps = plan.path(ends);
  const std::vector<LinkStep> back = plan.path({ends.to, ends.from});
  steps.insert(steps.end(), back.begin(), back.end());
  std::vector<PathStep> path;
  std::set<std::pair<int, bool>> seen;
  for (const LinkStep& step : steps) {
    if (!seen.insert({step.link, step.a_to_b}).second) continue;
    const LinkSpec& link = plan.scenario().links[static_cast<size_t>(step.link)];
    path.push_back({link.full_name(), step.a_to_b});
  }
  return path;
}

}  // namespace violin
