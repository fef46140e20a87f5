#include "emulator/command/run_choice.hh"

#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

constexpr size_t kNamedMax = 8;

template <class Item, class Name>
std::string listed(const std::vector<Item>& items, const Name& name_of) {
  std::string text;
  for (size_t i = 0; i < items.size() && i < kNamedMax; ++i) {
    text += (i == 0 ? "" : ", ") + name_of(items[i]);
  }
  if (items.size() > kNamedMax) {
    text += " and " + std::to_string(items.size() - kNamedMax) + " more";
  }
  return text.empty() ? "none" : text;
}

std::string listed(const std::vector<const LiveNode*>& nodes) {
  return listed(nodes, [](const LiveNode* node) { return node->name; });
}

std::string listed(const std::vector<LiveRun>& runs) {
  return listed(runs, [](const LiveRun& run) { return run.id; });
}

std::vector<const LiveNode*> real_nodes(const LiveRun& run) {
  std::vector<const LiveNode*> real;
  for (const LiveNode& node : run.nodes) {
    if (node.real) real.push_back(&node);
  }
  return real;
}

std::vector<const LiveNode*> nodes_called(const LiveRun& run, const std::string& name) {
  std::vector<const LiveNode*> found;
  for (const LiveNode& node : run.nodes) {
    if (node.name == name) return {&node};
    if (node.name.ends_with("/" + name)) found.push_back(&node);
  }
  return found;
}

bool has_run(const std::vector<LiveRun>& runs, const std::string& name) {
  for (const LiveRun& run : runs) {
    if (run.id == name || run.scenario == name) return true;
  }
  return false;
}

[[noreturn]] void refuse_choice(const std::string& what, const std::string& message) {
  throw InputError({.file = what}, message);
}

}  // namespace

const LiveRun& choose_run(const std::vector<LiveRun>& runs, const std::string& name) {
  std::vector<const LiveRun*> found;
  for (const LiveRun& run : runs) {
    if (run.id == name) return run;
    if (name.empty() || run.scenario == name) found.push_back(&run);
  }
  if (found.size() == 1) return *found.front();
  if (runs.empty()) refuse_choice("RUN", "nothing of yours runs under the real clock");
  if (found.empty()) refuse_choice("RUN", "no such run: " + name + "; live: " + listed(runs));
  const std::string ones = listed(found, [](const LiveRun* run) { return run->id; });
  refuse_choice("RUN", (name.empty() ? "several runs are live" : "several runs of " + name) +
                           std::string(", say which: ") + ones);
}

const LiveNode& choose_node(const LiveRun& run, const std::string& name) {
  const std::vector<const LiveNode*> found =
      name.empty() ? real_nodes(run) : nodes_called(run, name);
  if (found.size() > 1) {
    refuse_choice("NODE", "several nodes are possible, say which: " + listed(found));
  }
  const std::string others = "; programs can run in " + listed(real_nodes(run));
  if (found.empty()) refuse_choice("NODE", "no node " + name + " in " + run.id + others);
  if (!found.front()->real) {
    refuse_choice("NODE",
                  found.front()->name + " is a model, not a system that runs programs" + others);
  }
  return *found.front();
}

RunAndNode choose(const std::vector<LiveRun>& runs, const std::vector<std::string>& operands) {
  if (operands.size() >= 2) {
    const LiveRun& run = choose_run(runs, operands[0]);
    return {run, choose_node(run, operands[1])};
  }
  const std::string word = operands.empty() ? "" : operands[0];
  // A run's name, unless the only run has a node of that name.
  const bool names_node = runs.size() == 1 && !nodes_called(runs.front(), word).empty();
  if (!word.empty() && !names_node && has_run(runs, word)) {
    const LiveRun& run = choose_run(runs, word);
    return {run, choose_node(run, "")};
  }
  const LiveRun& run = choose_run(runs, "");
  return {run, choose_node(run, word)};
}

}  // namespace violin
