#include "emulator/scenario/scenario_event.hh"

#include <algorithm>
#include <utility>

#include "emulator/scenario/scenario_link.hh"
#include "emulator/scenario/wire_text.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {
namespace {

struct Targets {
  std::vector<LinkTarget> links;
  int node = -1;
};

Targets read_targets(const YamlValue& value, std::string_view what, const ScenarioIndex& index,
                     const Scenario& scenario) {
  const std::string& text = read_text(value, what);
  Targets targets;
  if (index.is_link(text)) {
    targets.links.push_back(index.link(value.place, text));
    return targets;
  }
  const std::vector<int> nodes = index.nodes(value.place, text);
  if (nodes.size() != 1) refuse(value.place, what, text, "one link or one node");
  targets.node = nodes.front();
  for (const InterfaceSpec& interface :
       scenario.nodes[static_cast<size_t>(targets.node)].interfaces) {
    targets.links.push_back({interface.link, true, true});
  }
  return targets;
}

void refuse_rate_on_trace(const YamlValue& value, const SetEvent& set, const Scenario& scenario) {
  const LinkSpec& link = scenario.links[static_cast<size_t>(set.target.link)];
  const bool traced = (set.target.a_to_b && link.a_to_b.trace != nullptr) ||
                      (set.target.b_to_a && link.b_to_a.trace != nullptr);
  if (set.patch.rate && traced) {
    throw InputError(value.place,
                     "the rate of a link with a trace cannot be set: " + link.full_name());
  }
}

SetEvent read_set(const YamlValue& value, const ScenarioIndex& index, const Scenario& scenario) {
  for (const char* key : {"queue", "trace", "mtu"}) {
    for (const YamlEntry& entry : value.entries) {
      if (entry.key != key) continue;
      refuse(entry.key_place, "cannot be changed while the network runs", key,
             "rate, overhead, delay, jitter, loss, duplicate, corrupt, reorder");
    }
  }
  std::vector<std::string> keys = {"link"};
  keys.insert(keys.end(), wire_patch_keys().begin(), wire_patch_keys().end());
  const YamlMap map(value, "set", keys);
  const YamlValue& link = map.require("link");
  SetEvent set;
  set.target = index.link(link.place, read_text(link, "link"));
  set.patch = read_wire_patch(value);
  if (value.entries.size() < 2) {
    throw InputError(value.place, "set changes nothing: name at least one key beside link");
  }
  refuse_rate_on_trace(value, set, scenario);
  return set;
}

DownEvent read_down(const YamlMap& map, const ScenarioIndex& index, const Scenario& scenario) {
  Targets targets = read_targets(map.require("down"), "down", index, scenario);
  DownEvent down;
  down.targets = std::move(targets.links);
  down.node = targets.node;
  if (const auto* v = map.find("for")) {
    down.lasting = read_duration(*v, "for");
    if (*down.lasting == Duration()) refuse(v->place, "for", v->text, "a duration above zero");
  }
  if (const auto* v = map.find("mode")) {
    down.silent = read_word(*v, "mode", {"carrier", "silent"}) == 1;
  }
  return down;
}

UpEvent read_up(const YamlMap& map, const ScenarioIndex& index, const Scenario& scenario) {
  Targets targets = read_targets(map.require("up"), "up", index, scenario);
  return UpEvent{std::move(targets.links), targets.node};
}

EventSpec read_event(const YamlValue& value, const ScenarioIndex& index, const Scenario& scenario) {
  const YamlMap map(value, "an event", {"at", "set", "down", "up", "for", "mode"});
  const int verbs = map.has("set") + map.has("down") + map.has("up");
  if (verbs != 1) throw InputError(value.place, "an event takes one of set, down and up");
  for (const char* key : {"for", "mode"}) {
    if (map.has(key) && !map.has("down")) {
      refuse(value.place, "only a down has this key", key, "down: LINK or NODE");
    }
  }
  EventSpec event;
  event.at = value.place;
  const YamlValue& at = map.require("at");
  const Duration when = read_duration(at, "at");
  event.when = Time::zero() + when;
  if (when >= scenario.duration) {
    refuse(at.place, "the event is not within the duration of the scenario", at.text,
           "from 0 s to before " + to_string(scenario.duration));
  }
  if (const auto* v = map.find("set")) event.what = read_set(*v, index, scenario);
  if (map.find("up") != nullptr) event.what = read_up(map, index, scenario);
  if (map.find("down") != nullptr) {
    DownEvent down = read_down(map, index, scenario);
    if (down.lasting && *down.lasting > scenario.duration - when) {
      refuse(value.place, "the outage is not over within the duration of the scenario",
             to_string(*down.lasting), "at most " + to_string(scenario.duration - when));
    }
    event.what = std::move(down);
  }
  event.text = describe(event, scenario);
  return event;
}

std::string target_text(const std::vector<LinkTarget>& links, int node, const Scenario& scenario) {
  if (node >= 0) return scenario.nodes[static_cast<size_t>(node)].full_name();
  return to_string(links.front(), scenario);
}

std::string words(const SetEvent& set, const Scenario& scenario) {
  return "set " + to_string(set.target, scenario) + ": " + wire_patch_text(set.patch);
}
std::string words(const DownEvent& down, const Scenario& scenario) {
  std::string text = "down " + target_text(down.targets, down.node, scenario);
  if (down.lasting) text += " for " + to_string(*down.lasting);
  return down.silent ? text + " (silent)" : text;
}
std::string words(const UpEvent& up, const Scenario& scenario) {
  return "up " + target_text(up.targets, up.node, scenario);
}

}  // namespace

std::string to_string(const LinkTarget& target, const Scenario& scenario) {
  const LinkSpec& link = scenario.links[static_cast<size_t>(target.link)];
  if (target.a_to_b && target.b_to_a) return link.full_name();
  const auto end_text = [&scenario](const LinkEnd& end) {
    const NodeSpec& node = scenario.nodes[static_cast<size_t>(end.node)];
    return node.name + ":" + node.interfaces[static_cast<size_t>(end.interface)].name;
  };
  const LinkEnd& from = target.a_to_b ? link.a : link.b;
  const LinkEnd& to = target.a_to_b ? link.b : link.a;
  return link.plane + "/" + end_text(from) + "->" + end_text(to);
}

std::string describe(const EventSpec& event, const Scenario& scenario) {
  return std::visit([&](const auto& what) { return words(what, scenario); }, event.what);
}

void read_events(const YamlValue* value, const ScenarioIndex& index, Scenario& scenario) {
  if (value == nullptr || value->is_null()) return;
  if (!value->is_list()) throw InputError(value->place, "events must be a list");
  for (const YamlPointer& item : value->items) {
    scenario.events.push_back(read_event(*item, index, scenario));
  }
  std::stable_sort(scenario.events.begin(), scenario.events.end(),
                   [](const EventSpec& a, const EventSpec& b) { return a.when < b.when; });
}

}  // namespace violin
