#include "models/node/recency_table.hh"

#include <gtest/gtest.h>

#include <list>

#include "core/random.hh"

namespace violin {
namespace {

// Few distinct hashes, so that runs of probes are long and erasing has to close them up.
struct PoorHash {
  uint64_t operator()(uint64_t key) const { return (key % 5) << 61; }
};

TEST(RecencyTable, AgreesWithAListKeptByRecencyOverRandomOperations) {
  RecencyTable<uint64_t, uint64_t, PoorHash> table(40);
  std::list<std::pair<uint64_t, uint64_t>> model;  // the oldest first
  Random random(7);
  for (int step = 0; step < 20'000; ++step) {
    const uint64_t key = random.below(80);
    const auto at = std::find_if(model.begin(), model.end(),
                                 [&](const auto& entry) { return entry.first == key; });
    uint64_t* found = table.find(key);
    ASSERT_EQ(found != nullptr, at != model.end()) << step;
    if (found != nullptr) {
      ASSERT_EQ(*found, at->second) << step;
      if (random.below(2) == 0) {
        table.touch(key);
        model.splice(model.end(), model, at);
      } else {
        table.erase(key);
        model.erase(at);
      }
    } else {
      if (table.full()) {
        ASSERT_EQ(table.oldest(), model.front().first) << step;
        table.erase(uint64_t{table.oldest()});
        model.pop_front();
      }
      table.insert(key) = static_cast<uint64_t>(step);
      model.emplace_back(key, step);
    }
    ASSERT_EQ(table.size(), model.size());
  }
  auto expected = model.begin();
  table.for_each([&](uint64_t key, uint64_t value) {
    EXPECT_EQ(key, expected->first);
    EXPECT_EQ(value, expected->second);
    ++expected;
  });
  EXPECT_EQ(expected, model.end());
}

}  // namespace
}  // namespace violin
