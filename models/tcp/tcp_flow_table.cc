#include "models/tcp/tcp_flow_table.hh"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/check.hh"
#include "models/tcp/tcp_connection.hh"

namespace violin {
namespace {

constexpr size_t kFirstSize = 8;

auto order_of(const TcpPair& pair) {
  return std::tuple(pair.local.address, pair.local.port, pair.remote.address, pair.remote.port);
}

}  // namespace

TcpFlowTable::TcpFlowTable() = default;
TcpFlowTable::~TcpFlowTable() = default;

size_t TcpFlowTable::home_of(const TcpPair& pair) const {
  uint64_t hash = pair.remote.address.low() ^ pair.remote.address.high() * 0x9e3779b97f4a7c15;
  hash ^= pair.local.address.low() << 24 ^ pair.local.address.high();
  hash ^= uint64_t{pair.remote.port} << 48 ^ uint64_t { pair.local.port } << 32;
  hash *= 0xd6e8feb86659fd93;
  return (hash >> 32) & (slots_.size() - 1);
}

size_t TcpFlowTable::slot_of(const TcpPair& pair) const {
  size_t slot = home_of(pair);
  while (slots_[slot] != nullptr && slots_[slot]->pair() != pair) {
    slot = (slot + 1) & (slots_.size() - 1);
  }
  return slot;
}

const TcpConnection* TcpFlowTable::find(const TcpPair& pair) const {
  return slots_.empty() ? nullptr : slots_[slot_of(pair)].get();
}

TcpConnection* TcpFlowTable::find(const TcpPair& pair) {
  if (last_ != nullptr && last_->pair() == pair) [[likely]]
    return last_;
  if (slots_.empty()) return nullptr;
  TcpConnection* found = slots_[slot_of(pair)].get();
  if (found != nullptr) last_ = found;
  return found;
}

TcpConnection& TcpFlowTable::insert(std::unique_ptr<TcpConnection> connection) {
  if (2 * (size_ + 1) > slots_.size()) grow();
  std::unique_ptr<TcpConnection>& slot = slots_[slot_of(connection->pair())];
  CHECK(slot == nullptr);
  slot = std::move(connection);
  ++size_;
  return *slot;
}

void TcpFlowTable::grow() {
  std::vector<std::unique_ptr<TcpConnection>> old = std::move(slots_);
  slots_ = std::vector<std::unique_ptr<TcpConnection>>(std::max(kFirstSize, old.size() * 2));
  for (auto& connection : old) {
    if (connection != nullptr) slots_[slot_of(connection->pair())] = std::move(connection);
  }
}

std::unique_ptr<TcpConnection> TcpFlowTable::remove(TcpConnection& connection) {
  size_t hole = slot_of(connection.pair());
  CHECK(slots_[hole].get() == &connection);
  std::unique_ptr<TcpConnection> removed = std::move(slots_[hole]);
  --size_;
  if (last_ == &connection) last_ = nullptr;
  // Close the gap: whoever was pushed past it by a collision moves back.
  const size_t mask = slots_.size() - 1;
  for (size_t at = (hole + 1) & mask; slots_[at] != nullptr; at = (at + 1) & mask) {
    const size_t distance_home = (at - home_of(slots_[at]->pair())) & mask;
    if (distance_home >= ((at - hole) & mask)) {
      slots_[hole] = std::move(slots_[at]);
      hole = at;
    }
  }
  return removed;
}

std::vector<TcpConnection*> TcpFlowTable::sorted() const {
  std::vector<TcpConnection*> all;
  for (const auto& connection : slots_) {
    if (connection != nullptr) all.push_back(connection.get());
  }
  std::sort(all.begin(), all.end(), [](const TcpConnection* left, const TcpConnection* right) {
    return order_of(left->pair()) < order_of(right->pair());
  });
  return all;
}

}  // namespace violin
