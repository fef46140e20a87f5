#include "core/frame.hh"

#include <algorithm>
#include <cstring>

namespace violin {

Frame Frame::from_bytes(BufferPools& pools, std::span<const std::byte> bytes) {
  Frame frame = allocate(pools);
  const size_t inline_size = std::min<size_t>(bytes.size(), kInlineBytes);
  std::copy_n(bytes.begin(), inline_size, frame.append(static_cast<uint32_t>(inline_size)));
  frame.set_payload(Payload::of_bytes(pools, bytes.subspan(inline_size)));
  return frame;
}

Frame Frame::clone() const {
  Frame copy = allocate(*block_->pools);
  FrameBlock& to = *copy.block_;
  to.payload = block_->payload;
  to.begin = block_->begin;
  to.end = block_->end;
  to.gso_size = block_->gso_size;
  to.checksum_good = block_->checksum_good;
  std::memcpy(to.bytes + to.begin, block_->bytes + block_->begin, header_size());
  return copy;
}

bool Frame::gather(uint32_t size) {
  const uint32_t missing = size - header_size();
  Payload& payload = block_->payload;
  if (missing > payload.size() || block_->end + missing > FrameBlock::kCapacity) return false;
  payload.copy_to({append(missing), missing});
  payload = payload.slice(missing, payload.size() - missing);
  return true;
}

void Frame::truncate(uint32_t size) {
  if (size >= this->size()) return;
  if (size <= header_size()) {
    block_->end = static_cast<uint16_t>(block_->begin + size);
    block_->payload = {};
    return;
  }
  block_->payload = block_->payload.slice(0, size - header_size());
}

std::span<std::byte> Frame::writable_payload() {
  block_->checksum_good = false;
  return block_->payload.writable(*block_->pools);
}

void Frame::store_payload() {
  if (block_->payload.is_stream()) block_->payload.writable(*block_->pools);
}

Payload Frame::slice(uint32_t from, uint32_t length) const {
  if (from >= header_size()) return block_->payload.slice(from - header_size(), length);
  std::byte bytes[65'536];
  CHECK_COMPARE(length, <=, sizeof bytes);
  copy_to({bytes, length}, from);
  return Payload::of_bytes(*block_->pools, {bytes, length});
}

void Frame::copy_to(std::span<std::byte> to, uint32_t from) const {
  CHECK_COMPARE(from + to.size(), <=, size());
  if (to.empty()) return;
  if (from < header_size()) {
    const size_t piece = std::min<size_t>(to.size(), header_size() - from);
    std::memcpy(to.data(), headers().data() + from, piece);
    to = to.subspan(piece);
    from += static_cast<uint32_t>(piece);
  }
  if (!to.empty()) block_->payload.copy_to(to, from - header_size());
}

ByteSums Frame::sums() const { return sum_bytes(headers()).followed_by(block_->payload.sums()); }

void FrameQueue::insert_by_stamp(Frame frame, Time stamp) {
  if (head_ == nullptr || tail_->stamp <= stamp) {
    push_back(std::move(frame), stamp);
    return;
  }
  FrameBlock* block = std::exchange(frame.block_, nullptr);
  block->stamp = stamp;
  FrameBlock** at = &head_;
  while ((*at)->stamp <= stamp) at = &(*at)->next;
  block->next = *at;
  *at = block;
  ++size_;
}

}  // namespace violin
