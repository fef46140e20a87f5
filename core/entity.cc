#include "core/entity.hh"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/check.hh"
#include "core/random.hh"

namespace violin {

void assign_ranks(std::span<Entity* const> entities, uint64_t seed) {
  CHECK_COMPARE(entities.size(), <, Entity::kRankLimit);
  std::vector<std::pair<uint64_t, Entity*>> hashed;
  hashed.reserve(entities.size());
  for (Entity* entity : entities) hashed.emplace_back(stable_hash(entity->name(), seed), entity);
  std::sort(hashed.begin(), hashed.end(), [](const auto& left, const auto& right) {
    if (left.first != right.first) return left.first < right.first;
    return left.second->name() < right.second->name();
  });
  for (size_t i = 0; i < hashed.size(); ++i) {
    CHECK_MESSAGE(i == 0 || hashed[i].second->name() != hashed[i - 1].second->name(),
                  hashed[i].second->name());
    CHECK_COMPARE(hashed[i].second->sequence_, ==, 0u);
    hashed[i].second->rank_ = static_cast<uint32_t>(i);
  }
}

}  // namespace violin
