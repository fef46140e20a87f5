#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/check.hh"

namespace violin {

// A bounded hash table that remembers in which order its entries were last touched; when it is
// full the one longest untouched makes room. Deterministic: nothing depends on addresses or on the
// order of buckets, and the only iteration is by recency. O(1) for everything but for_each; an
// empty table owns no memory. `Value` is default-constructible and movable.
//
// Open addressing with linear probing over indices into a dense array of entries; erased entries
// are closed up by backward shift, so that no tombstones pile up.
template <typename Key, typename Value, typename Hash>
class RecencyTable {
 public:
  explicit RecencyTable(uint32_t capacity) : capacity_(capacity) { CHECK(capacity > 0); }

  size_t size() const { return size_; }
  bool full() const { return size_ == capacity_; }

  // The value of `key`, or nullptr. Valid until the next insert or erase.
  Value* find(const Key& key) {
    const uint32_t entry = find_entry(key);
    return entry == kNone ? nullptr : &entries_[entry].value;
  }
  const Value* find(const Key& key) const {
    const uint32_t entry = find_entry(key);
    return entry == kNone ? nullptr : &entries_[entry].value;
  }

  // Adds `key`, which must not be there while the table is not full(), as the latest entry.
  Value& insert(const Key& key) {
    CHECK(!full());
    if (2 * (size_ + 1) > buckets_.size()) grow();
    const uint32_t entry = take_entry();
    entries_[entry].key = key;
    entries_[entry].value = Value();
    link_last(entry);
    place(entry);
    ++size_;
    return entries_[entry].value;
  }

  // Makes `key`, which must be there, the latest.
  void touch(const Key& key) {
    const uint32_t entry = find_entry(key);
    CHECK(entry != kNone);
    if (entry == last_) return;
    unlink(entry);
    link_last(entry);
  }

  void erase(const Key& key) {
    const uint32_t bucket = find_bucket(key);
    if (bucket == kNone) return;
    const uint32_t entry = buckets_[bucket];
    unlink(entry);
    close_up(bucket);
    entries_[entry].value = Value();
    entries_[entry].next = free_;
    free_ = entry;
    --size_;
  }

  // The key longest untouched; the table must not be empty.
  const Key& oldest() const { return entries_[first_].key; }

  // Calls visit(key, value) from the longest untouched to the latest.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (uint32_t entry = first_; entry != kNone; entry = entries_[entry].next) {
      visit(entries_[entry].key, entries_[entry].value);
    }
  }

  void clear() { *this = RecencyTable(capacity_); }

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  struct Entry {
    Key key{};
    Value value{};
    uint32_t previous = kNone;
    uint32_t next = kNone;  // the next later one, or the next free one
  };

  // The high bits: a multiplicative hash mixes upwards.
  uint32_t home_of(const Key& key) const {
    return static_cast<uint32_t>(Hash()(key) >> (64 - std::countr_zero(buckets_.size())));
  }
  uint32_t after(uint32_t bucket) const {
    return (bucket + 1) & static_cast<uint32_t>(buckets_.size() - 1);
  }
  uint32_t find_bucket(const Key& key) const {
    if (size_ == 0) return kNone;
    for (uint32_t bucket = home_of(key); buckets_[bucket] != kNone; bucket = after(bucket)) {
      if (entries_[buckets_[bucket]].key == key) return bucket;
    }
    return kNone;
  }
  uint32_t find_entry(const Key& key) const {
    const uint32_t bucket = find_bucket(key);
    return bucket == kNone ? kNone : buckets_[bucket];
  }
  void place(uint32_t entry) {
    uint32_t bucket = home_of(entries_[entry].key);
    while (buckets_[bucket] != kNone) bucket = after(bucket);
    buckets_[bucket] = entry;
  }
  // Empties `hole`, moving up whatever probing would no longer find.
  void close_up(uint32_t hole) {
    const auto mask = static_cast<uint32_t>(buckets_.size() - 1);
    for (uint32_t bucket = after(hole); buckets_[bucket] != kNone; bucket = after(bucket)) {
      const uint32_t home = home_of(entries_[buckets_[bucket]].key);
      if (((bucket - home) & mask) >= ((bucket - hole) & mask)) {
        buckets_[hole] = buckets_[bucket];
        hole = bucket;
      }
    }
    buckets_[hole] = kNone;
  }
  void grow() {
    buckets_.assign(buckets_.empty() ? 8 : 2 * buckets_.size(), kNone);
    for (uint32_t entry = first_; entry != kNone; entry = entries_[entry].next) place(entry);
  }
  uint32_t take_entry() {
    if (free_ == kNone) {
      entries_.emplace_back();
      return static_cast<uint32_t>(entries_.size() - 1);
    }
    return std::exchange(free_, entries_[free_].next);
  }
  void link_last(uint32_t entry) {
    entries_[entry].previous = last_;
    entries_[entry].next = kNone;
    (last_ == kNone ? first_ : entries_[last_].next) = entry;
    last_ = entry;
  }
  void unlink(uint32_t entry) {
    const Entry& gone = entries_[entry];
    (gone.previous == kNone ? first_ : entries_[gone.previous].next) = gone.next;
    (gone.next == kNone ? last_ : entries_[gone.next].previous) = gone.previous;
  }

  std::vector<Entry> entries_;
  std::vector<uint32_t> buckets_;  // a power of two, at most half full
  uint32_t capacity_;
  uint32_t size_ = 0;
  uint32_t first_ = kNone, last_ = kNone, free_ = kNone;
};

}  // namespace violin
