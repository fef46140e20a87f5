#include "models/link/flight.hh"

#include <algorithm>
#include <array>
#include <utility>

#include "core/segmentation.hh"
#include "models/link/wire.hh"

namespace violin {
namespace {

#ifdef VIOLIN_REPARSE
// The debug build's proof that a receiver learns everything from the bytes of the frame: it gets
// nothing else. Digests must equal those of the release build.
Frame from_its_bytes(const Frame& frame) {
  std::array<std::byte, 65'600> bytes;
  const std::span<std::byte> used(bytes.data(), frame.size());
  frame.copy_to(used);
  Frame again = Frame::from_bytes(frame.pools(), used);
  // Of a super-frame, which real kernels alone make, its virtio header is part of what it says.
  again.set_gso_size(frame.gso_size());
  again.set_checksum_good(frame.gso_size() != 0);
  return again;
}
#endif

}  // namespace

Flight::Flight(Scheduler& scheduler, std::string name)
    : entity_(std::move(name)), timer_(scheduler, entity_, *this) {}

void Flight::launch(Frame frame, Time due, bool overtaking) {
  if (frontier_ != nullptr) frontier_->cross(frontier_wire_, frame, due);
  in_flight_ += segment_count(frame);
  if (overtaking) {
    queue_.insert_by_stamp(std::move(frame), due);
  } else {
    queue_.push_back(std::move(frame), due);
  }
  // Behind others its turn comes when the one before it is delivered.
  if (queue_.size() == 1 || overtaking) wake_at(due);
}

uint64_t Flight::drop_all() {
  if (frontier_ != nullptr) frontier_->went_down(frontier_wire_);
  const uint64_t dropped = std::exchange(in_flight_, 0);
  queue_.clear();
  timer_.cancel();
  return dropped;
}

void Flight::expire(Timer&, Time now) {
  Frame frame;
  if (!queue_.empty() && queue_.front_stamp() <= now) {
    frame = queue_.pop_front();
    in_flight_ -= segment_count(frame);
  }
  // What the queue releases up to now may be the next head. Re-arming before the delivery lets the
  // next event take this one's place in the schedule.
  if (feeder_ != nullptr) feeder_->wake(now);
  if (!queue_.empty()) wake_at(queue_.front_stamp());
  if (frame) deliver(std::move(frame), now);
}

void Flight::deliver(Frame frame, Time now) {
  if (digested_ && !is_stand_in()) digest_.add(frame, now);
  if (frame.gso_size() == 0) [[likely]] {
    ++delivered_;
    delivered_bytes_ += frame.size();
  } else {
    const SegmentShape shape = segment_shape(frame);
    delivered_ += shape.count;
    delivered_bytes_ += shape.total_bytes;
  }
  if (is_stand_in()) return;
  if (observer_ != nullptr) observer_->observe(frame, now, /*outgoing=*/false);
#ifdef VIOLIN_REPARSE
  frame = from_its_bytes(frame);
#endif
  sink_->receive(std::move(frame), now);
}

}  // namespace violin
