#include "models/node/node.hh"

#include <utility>

namespace violin {

Node::Node(std::string name, const NodeContext& context)
    : entity_(std::move(name)),
      scheduler_(context.scheduler),
      pools_(context.pools),
      seed_(context.seed) {}

Node::~Node() = default;

Nic& Node::add_nic(NicSpec spec) {
  nics_.push_back(std::make_unique<Nic>(*this, static_cast<int>(nics_.size()), std::move(spec)));
  nic_added(*nics_.back());
  return *nics_.back();
}

Nic* Node::find_nic(std::string_view name) const {
  for (const auto& nic : nics_) {
    if (nic->name() == name) return nic.get();
  }
  return nullptr;
}

void Node::take_down(Time now) {
  if (!up_) return;
  up_ = false;
  forget_soft_state(now);
}

NodeCounters Node::counters() const {
  NodeCounters counters = tally_;
  counters.consumed -= upper_drop_count();
  counters.dropped = drops_.total() + upper_drop_count();
  counters.held = frames_held();
  return counters;
}

}  // namespace violin
