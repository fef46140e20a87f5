#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace violin {

// Whatever owns mutable state and causes events: a node, one direction of a link, a sampler. Its
// name orders it among events of the same instant, through a rank that the seed shuffles so that
// no name is favoured (see assign_ranks).
class Entity {
 public:
  // 2^24 entities, and 2^40 events of each, fit into one ordering word.
  static constexpr uint32_t kRankLimit = uint32_t{1} << 24;
  static constexpr int kSequenceBits = 40;

  explicit Entity(std::string name) : name_(std::move(name)) {}
  Entity(const Entity&) = delete;
  Entity& operator=(const Entity&) = delete;

  const std::string& name() const { return name_; }
  uint32_t rank() const { return rank_; }

  // The place of this entity's next event among all events of one instant.
  uint64_t next_order() { return uint64_t{rank_} << kSequenceBits | sequence_++; }

 private:
  friend void assign_ranks(std::span<Entity* const> entities, uint64_t seed);
  std::string name_;
  uint32_t rank_ = 0;
  uint64_t sequence_ = 0;
};

// Ranks `entities` by a hash of (seed, name). Two entities keep their relative rank whatever others
// are there, so a slice of a network, or a network with an unrelated node more, orders its events
// as the whole does. Names must be unique. To be called once, before anything is scheduled.
void assign_ranks(std::span<Entity* const> entities, uint64_t seed);

}  // namespace violin
