#include "models/node/neighbour_cache.hh"

#include <utility>
#include <vector>

namespace violin {

NeighbourCache::Resolution::Resolution(NeighbourCache& owner, const NeighbourKey& asked_key)
    : cache(owner), key(asked_key), timer(owner.scheduler_, owner.entity_, *this) {}

NeighbourCache::NeighbourCache(Scheduler& scheduler, Entity& entity, NeighbourOwner& owner)
    : scheduler_(scheduler), entity_(entity), owner_(owner), table_(kNeighboursMax) {}

NeighbourCache::~NeighbourCache() = default;

std::optional<NeighbourCache::Known> NeighbourCache::look_up(const NeighbourKey& key, Time now) {
  Neighbour* neighbour = table_.find(key);
  if (neighbour == nullptr || !neighbour->has_mac) return std::nullopt;
  table_.touch(key);
  if (neighbour->is_static) return Known{neighbour->mac, Time::never()};
  if (now < neighbour->reachable_until) return Known{neighbour->mac, neighbour->reachable_until};
  const MacAddress mac = neighbour->mac;  // asking may be answered within the call
  if (!neighbour->resolution) ask(key, *neighbour, now);
  return Known{mac, now};
}

void NeighbourCache::hold(Frame packet, const NeighbourKey& key, Time now) {
  Neighbour* neighbour = table_.find(key);
  if (neighbour == nullptr) neighbour = &make_neighbour(key);
  const bool asked = neighbour->resolution != nullptr;
  if (!asked) neighbour->resolution = std::make_unique<Resolution>(*this, key);
  FrameQueue& waiting = neighbour->resolution->waiting;
  Frame oldest;
  if (waiting.size() == kQueueMax) oldest = waiting.pop_front();
  waiting.push_back(std::move(packet), now);
  if (oldest) {
    owner_.neighbour_packet_dropped(std::move(oldest), DropReason::kNeighbourUnreachable);
    return;  // a queue that is full has been asking for long
  }
  ++held_;
  if (!asked) ask(key, *neighbour, now);
}

void NeighbourCache::learn(const NeighbourKey& key, MacAddress mac, Learn learn, Time now) {
  Neighbour* neighbour = table_.find(key);
  if (neighbour == nullptr) {
    if (learn == Learn::kIfKnown) return;
    neighbour = &make_neighbour(key);
  }
  if (neighbour->is_static) return;
  const bool changed = neighbour->has_mac && neighbour->mac != mac;
  neighbour->mac = mac;
  neighbour->has_mac = true;
  neighbour->reachable_until = now + kReachable;
  if (changed) owner_.neighbours_changed();
  const std::unique_ptr<Resolution> done = std::move(neighbour->resolution);
  if (!done) return;
  while (!done->waiting.empty()) {
    --held_;
    owner_.neighbour_resolved(done->waiting.pop_front(), key, mac, now);
  }
}

void NeighbourCache::add_static(const NeighbourKey& key, MacAddress mac) {
  Neighbour* neighbour = table_.find(key);
  if (neighbour == nullptr) {
    CHECK(!table_.full());
    neighbour = &table_.insert(key);
  }
  neighbour->mac = mac;
  neighbour->has_mac = true;
  neighbour->is_static = true;
  owner_.neighbours_changed();
}

NeighbourCache::Neighbour& NeighbourCache::make_neighbour(const NeighbourKey& key) {
  // Static neighbours keep their place: they count as used whenever they would have to go.
  for (uint32_t i = 0; table_.full() && i < kNeighboursMax; ++i) {
    const NeighbourKey oldest = table_.oldest();
    if (table_.find(oldest)->is_static) {
      table_.touch(oldest);
    } else {
      forget_one(oldest, DropReason::kNeighbourUnreachable);
    }
  }
  return table_.insert(key);
}

void NeighbourCache::ask(const NeighbourKey& key, Neighbour& neighbour, Time now) {
  if (!neighbour.resolution) neighbour.resolution = std::make_unique<Resolution>(*this, key);
  Resolution& resolution = *neighbour.resolution;
  ++resolution.requests;
  resolution.timer.arm(now + kRequestInterval);
  owner_.ask_neighbour(key, neighbour.has_mac ? neighbour.mac : MacAddress::broadcast(), now);
}

void NeighbourCache::request_expired(const NeighbourKey& key, Time now) {
  Neighbour* neighbour = table_.find(key);
  if (neighbour->resolution->requests < kRequests) return ask(key, *neighbour, now);
  const std::unique_ptr<Resolution> failed = remove(key);
  while (!failed->waiting.empty()) {
    --held_;
    owner_.neighbour_unreachable(failed->waiting.pop_front(), now);
  }
}

std::unique_ptr<NeighbourCache::Resolution> NeighbourCache::remove(NeighbourKey key) {
  Neighbour* neighbour = table_.find(key);
  const bool had_mac = neighbour->has_mac;
  std::unique_ptr<Resolution> resolution = std::move(neighbour->resolution);
  table_.erase(key);
  if (had_mac) owner_.neighbours_changed();
  return resolution;
}

void NeighbourCache::forget_one(const NeighbourKey& key, DropReason reason) {
  const std::unique_ptr<Resolution> resolution = remove(key);
  if (!resolution) return;
  while (!resolution->waiting.empty()) {
    --held_;
    owner_.neighbour_packet_dropped(resolution->waiting.pop_front(), reason);
  }
}

void NeighbourCache::forget(int nic, DropReason reason) {
  std::vector<NeighbourKey> gone;
  table_.for_each([&](const NeighbourKey& key, const Neighbour& neighbour) {
    if (!neighbour.is_static && key.nic == nic) gone.push_back(key);
  });
  for (const NeighbourKey& key : gone) forget_one(key, reason);
}

void NeighbourCache::forget_all(DropReason reason) {
  std::vector<NeighbourKey> gone;
  table_.for_each([&](const NeighbourKey& key, const Neighbour& neighbour) {
    if (!neighbour.is_static) gone.push_back(key);
  });
  for (const NeighbourKey& key : gone) forget_one(key, reason);
}

}  // namespace violin
