#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "core/buffers.hh"
#include "core/check.hh"
#include "core/payload.hh"
#include "core/time.hh"

// An Ethernet frame on its way: private header bytes in front of a payload that may be shared.
//
// A Frame is a move-only handle, one pointer wide; whoever receives one passes it on, keeps it or
// destroys it, and destroying it is the end of its life. Copying is the explicit clone(): headers
// are copied, payload is shared. Nothing outside its bytes says what a frame carries: receivers
// parse. (`gso_size` and `checksum_good` are what virtio_net_hdr carries between real kernels.)

namespace violin {

// The memory behind a Frame. Only Frame, FrameQueue and BufferPools touch it.
struct FrameBlock {
  // Room for two encapsulations in front of a frame's own headers: each Ethernet 14, IPv6 40,
  // UDP 8, tunnel header and tag 48 bytes.
  static constexpr uint16_t kHeadroom = 2 * (14 + 40 + 8 + 48);
  // Ethernet 14, IPv4 with options 60, TCP with options 60, and some to spare for short messages.
  static constexpr uint16_t kCapacity = kHeadroom + 196;

  BufferPools* pools;
  FrameBlock* next;  // while in a FrameQueue or the free list
  Time stamp;        // belongs to whoever holds the frame in a FrameQueue
  Payload payload;
  uint16_t begin;  // header bytes are bytes[begin, end)
  uint16_t end;
  uint16_t gso_size;
  bool checksum_good;
  std::byte bytes[kCapacity];
};

class Frame {
 public:
  // Of a frame that is read in, this many bytes go where headers are parsed, the rest is payload:
  // every header fits, so that make_contiguous() seldom has to move anything.
  static constexpr uint32_t kInlineBytes = 128;

  Frame() noexcept = default;
  // An empty frame with all the headroom; throws PoolExhausted.
  static Frame allocate(BufferPools& pools) { return Frame(pools.take_frame()); }
  // A frame with these bytes, as read from a wire or a ring: copied once, here.
  static Frame from_bytes(BufferPools& pools, std::span<const std::byte> bytes);

  Frame(Frame&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Frame& operator=(Frame&& other) noexcept {
    if (this != &other) {
      destroy();
      block_ = std::exchange(other.block_, nullptr);
    }
    return *this;
  }
  ~Frame() { destroy(); }

  explicit operator bool() const { return block_ != nullptr; }
  Frame clone() const;
  BufferPools& pools() const { return *block_->pools; }

  // Length in bytes, headers and payload: what a capture would say (no FCS, no padding).
  uint32_t size() const { return header_size() + block_->payload.size(); }

  uint32_t header_size() const { return uint32_t{block_->end} - block_->begin; }
  std::span<std::byte> headers() { return {block_->bytes + block_->begin, header_size()}; }
  std::span<const std::byte> headers() const {
    return {block_->bytes + block_->begin, header_size()};
  }
  // Makes room for `size` more bytes in front and returns them.
  std::byte* push_front(uint32_t size) {
    CHECK_COMPARE(size, <=, block_->begin);
    block_->begin = static_cast<uint16_t>(block_->begin - size);
    return block_->bytes + block_->begin;
  }
  // Takes `size` bytes away from the front; they must be contiguous (see make_contiguous).
  void pull_front(uint32_t size) {
    CHECK_COMPARE(size, <=, header_size());
    block_->begin = static_cast<uint16_t>(block_->begin + size);
  }
  // Makes room for `size` bytes behind the headers, before the payload, and returns them.
  std::byte* append(uint32_t size) {
    CHECK_COMPARE(block_->end + size, <=, FrameBlock::kCapacity);
    std::byte* at = block_->bytes + block_->end;
    block_->end = static_cast<uint16_t>(block_->end + size);
    return at;
  }
  // Sees to it that the first `size` bytes lie in headers(), moving payload bytes there; false
  // when the frame is shorter, or when there is no room for them.
  bool make_contiguous(uint32_t size) { return size <= header_size() || gather(size); }
  // Cuts the frame to its first `size` bytes (Ethernet padding behind an IP packet).
  void truncate(uint32_t size);

  const Payload& payload() const { return block_->payload; }
  void set_payload(Payload payload) { block_->payload = std::move(payload); }
  // Payload bytes to write to; clears checksum_good. Shared bytes are copied first.
  std::span<std::byte> writable_payload();
  // Sees to it that payload bytes lie in memory, those of a stream too; they stay what they are.
  void store_payload();
  // Bytes [from, from + length) of the whole frame, sharing payload where no header is in it.
  Payload slice(uint32_t from, uint32_t length) const;
  void copy_to(std::span<std::byte> to, uint32_t from = 0) const;
  ByteSums sums() const;

  // TCP or UDP payload bytes per segment of a super-frame; 0 = an ordinary frame.
  uint16_t gso_size() const { return block_->gso_size; }
  void set_gso_size(uint16_t size) { block_->gso_size = size; }
  // True while the bytes are untouched since someone made or verified every checksum in them.
  // Receivers verify when it is false.
  bool checksum_good() const { return block_->checksum_good; }
  void set_checksum_good(bool good) { block_->checksum_good = good; }

 private:
  friend class FrameQueue;
  explicit Frame(FrameBlock* block) noexcept : block_(block) {}
  void destroy() noexcept {
    if (block_ != nullptr) block_->pools->give_back(block_);
  }
  bool gather(uint32_t size);

  FrameBlock* block_ = nullptr;
};

static_assert(sizeof(Frame) == sizeof(void*));

// A first-in first-out list of frames, each with an instant stamped on it. Intrusive: it never
// allocates, and is bounded by the frame pool and by whoever owns it.
class FrameQueue {
 public:
  FrameQueue() = default;
  ~FrameQueue() { clear(); }
  FrameQueue(const FrameQueue&) = delete;
  FrameQueue& operator=(const FrameQueue&) = delete;

  bool empty() const { return head_ == nullptr; }
  uint32_t size() const { return size_; }
  void push_back(Frame frame, Time stamp) {
    FrameBlock* block = std::exchange(frame.block_, nullptr);
    block->stamp = stamp;
    block->next = nullptr;
    (head_ == nullptr ? head_ : tail_->next) = block;
    tail_ = block;
    ++size_;
  }
  // Inserts by stamp, behind those with an equal one. O(size) from the front.
  void insert_by_stamp(Frame frame, Time stamp);
  Frame pop_front() {
    FrameBlock* block = head_;
    head_ = block->next;
    --size_;
    return Frame(block);
  }
  Time front_stamp() const { return head_->stamp; }
  // The length of the first frame, bytes.
  uint32_t front_size() const {
    return uint32_t{head_->end} - head_->begin + head_->payload.size();
  }
  void clear() {
    while (!empty()) pop_front();
  }

 private:
  FrameBlock* head_ = nullptr;
  FrameBlock* tail_ = nullptr;
  uint32_t size_ = 0;
};

}  // namespace violin
