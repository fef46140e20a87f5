#include "emulator/network/event_script.hh"

#include <algorithm>
#include <variant>

namespace violin {

EventScript::EventScript(Network& network)
    : network_(network), entity_("events"), timer_(network.scheduler(), entity_, *this) {
  for (const EventSpec& event : network.scenario().events) {
    actions_.push_back({event.when, &event, false});
    const auto* down = std::get_if<DownEvent>(&event.what);
    if (down != nullptr && down->lasting) {
      actions_.push_back({event.when + *down->lasting, &event, true});
    }
  }
  std::stable_sort(actions_.begin(), actions_.end(),
                   [](const Action& left, const Action& right) { return left.when < right.when; });
}

void EventScript::start() {
  if (!actions_.empty()) timer_.arm(actions_.front().when);
}

void EventScript::expire(Timer&, Time now) {
  while (next_ < actions_.size() && actions_[next_].when <= now) carry_out(actions_[next_++], now);
  if (next_ < actions_.size()) timer_.arm(actions_[next_].when);
}

void EventScript::carry_out(const Action& action, Time now) {
  std::string kind = "set";
  if (const auto* change = std::get_if<SetEvent>(&action.event->what)) {
    set(*change, now);
  } else if (const auto* down = std::get_if<DownEvent>(&action.event->what)) {
    kind = action.ends ? "up" : "down";
    set_node_up(down->node, action.ends, now);
    set_down(down->targets, !action.ends, down->silent, now);
  } else {
    const auto& up = std::get<UpEvent>(action.event->what);
    kind = "up";
    set_node_up(up.node, true, now);
    set_down(up.targets, false, false, now);
  }
  log_.push_back({now, kind, action.ends ? "end of: " + action.event->text : action.event->text});
}

void EventScript::set(const SetEvent& event, Time now) {
  for (const bool a_to_b : {true, false}) {
    if (!(a_to_b ? event.target.a_to_b : event.target.b_to_a)) continue;
    Wire* wire = network_.wire(event.target.link, a_to_b);
    if (wire == nullptr) continue;
    WirePatch patch = event.patch;
    if (patch.delay) *patch.delay -= network_.lead(event.target.link, a_to_b);
    wire->apply(patch, now);
  }
}

void EventScript::set_down(const std::vector<LinkTarget>& targets, bool down, bool silent,
                           Time now) {
  for (const LinkTarget& target : targets) {
    for (const bool a_to_b : {true, false}) {
      if (!(a_to_b ? target.a_to_b : target.b_to_a)) continue;
      Flight* flight = network_.flight(target.link, a_to_b);
      if (Wire* wire = network_.wire(target.link, a_to_b); wire != nullptr) {
        wire->set_down(down, now);
      } else if (flight != nullptr && down) {
        flight->drop_all();  // the far half of a wire that begins in another slice
      }
    }
    const LinkSpec& link = network_.scenario().links[static_cast<size_t>(target.link)];
    for (const LinkEnd& end : {link.a, link.b}) {
      Node* node = network_.node(end.node);
      if (node != nullptr && !(down && silent)) {
        node->nic(static_cast<size_t>(end.interface)).set_carrier(!down, now);
      }
    }
  }
}

void EventScript::set_node_up(int index, bool up, Time now) {
  Node* node = index < 0 ? nullptr : network_.node(index);
  if (node == nullptr) return;
  if (up) {
    node->bring_up();
  } else {
    node->take_down(now);
  }
}

}  // namespace violin
