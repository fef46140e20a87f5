#include "core/entity.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "tests/support/statistics.hh"

namespace violin {
namespace {

std::map<std::string, uint32_t> ranks(const std::vector<std::string>& names, uint64_t seed) {
  std::deque<Entity> entities;
  std::vector<Entity*> all;
  for (const std::string& name : names) all.push_back(&entities.emplace_back(name));
  assign_ranks(all, seed);
  std::map<std::string, uint32_t> result;
  for (const Entity& entity : entities) result[entity.name()] = entity.rank();
  return result;
}

std::vector<std::string> some_names(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back("h" + std::to_string(i));
  return names;
}

TEST(Entity, RanksAreOneEachAndDependOnSeedAndNameOnly) {
  std::vector<std::string> names = some_names(100);
  const auto first = ranks(names, 1);
  std::map<uint32_t, int> uses;
  for (const auto& [name, rank] : first) ++uses[rank];
  EXPECT_EQ(uses.size(), 100u);
  EXPECT_EQ(uses.rbegin()->first, 99u);
  std::reverse(names.begin(), names.end());
  EXPECT_EQ(ranks(names, 1), first);
  EXPECT_NE(ranks(names, 2), first);
}

TEST(Entity, FavoursNoName) {
  const std::vector<std::string> names = some_names(8);
  std::map<std::string, std::vector<double>> seen;
  for (const std::string& name : names) seen[name].resize(8);
  for (uint64_t seed = 0; seed < 8'000; ++seed) {
    for (const auto& [name, rank] : ranks(names, seed)) seen[name][rank] += 1;
  }
  for (const auto& [name, counts] : seen) {
    EXPECT_GT(testing::chi_square_p(counts, std::vector<double>(8, 1'000)), 1e-4) << name;
  }
}

TEST(Entity, KeepsItsRankAmongTheOthersOfASlice) {
  const std::vector<std::string> names = some_names(60);
  const auto whole = ranks(names, 3);
  std::vector<std::string> part;
  for (size_t i = 0; i < names.size(); i += 3) part.push_back(names[i]);
  const auto slice = ranks(part, 3);
  for (const std::string& a : part) {
    for (const std::string& b : part) {
      EXPECT_EQ(slice.at(a) < slice.at(b), whole.at(a) < whole.at(b));
    }
  }
}

TEST(Entity, OrdersItsEventsByRankThenSequence) {
  std::deque<Entity> entities;
  Entity& one = entities.emplace_back("one");
  Entity& other = entities.emplace_back("other");
  std::vector<Entity*> all{&one, &other};
  assign_ranks(all, 1);
  Entity& low = one.rank() < other.rank() ? one : other;
  Entity& high = one.rank() < other.rank() ? other : one;
  const uint64_t high_first = high.next_order();
  uint64_t last = low.next_order();
  for (int i = 0; i < 1'000; ++i) {
    const uint64_t next = low.next_order();
    EXPECT_GT(next, last);
    EXPECT_LT(next, high_first);
    last = next;
  }
}

TEST(EntityDeath, RefusesTwoOfOneNameAndRankingAfterEvents) {
  EXPECT_DEATH(ranks({"a", "b", "a"}, 1), "a");
  Entity used("x");
  used.next_order();
  std::vector<Entity*> all{&used};
  EXPECT_DEATH(assign_ranks(all, 1), "CHECK");
}

}  // namespace
}  // namespace violin
