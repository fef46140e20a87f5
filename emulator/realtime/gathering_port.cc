#include "emulator/realtime/gathering_port.hh"

#include <algorithm>
#include <optional>
#include <utility>

namespace violin {

void GatheringPort::write(Frame frame, Time due) {
  flush_soon();
  if (!has_room_ || !try_write(frame, due)) wait(std::move(frame), due);
}

void GatheringPort::flush_soon() {
  if (!is_due_) realtime_.flush_later(*this);
  is_due_ = true;
}

bool GatheringPort::try_write(Frame& frame, Time due) {
  const std::optional<TransportLayout> layout =
      realtime_.data_plane().gather && frame.gso_size() == 0 ? transport_layout(frame)
                                                             : std::nullopt;
  frame.store_payload();
  if (layout && may_gather(*layout)) return gather(frame, *layout, due);
  // What it belongs to is not known: it may overtake nothing.
  return write_trains() && write_alone(frame, due);
}

bool GatheringPort::gather(Frame& frame, const TransportLayout& layout, Time due) {
  for (size_t i = 0; i < used_; ++i) {
    FrameTrain& train = *trains_[i];
    if (!train.is_of_flow(frame, layout)) continue;
    if (due - train.due().front() <= kGatherMax && train.append(frame, layout, due)) return true;
    if (!write_train(train)) return false;
    std::rotate(trains_.begin() + static_cast<ptrdiff_t>(i),
                trains_.begin() + static_cast<ptrdiff_t>(i) + 1,
                trains_.begin() + static_cast<ptrdiff_t>(used_));
    --used_;
    break;
  }
  if (!FrameTrain::can_begin(frame, layout)) return write_alone(frame, due);
  if (used_ == kFlows && !write_trains()) return false;
  free_train().begin(std::move(frame), layout, due);
  return true;
}

FrameTrain& GatheringPort::free_train() {
  if (used_ == trains_.size()) trains_.push_back(std::make_unique<FrameTrain>());
  return *trains_[used_++];
}

void GatheringPort::flush() {
  is_due_ = false;
  if (has_room_) write_trains();
  finish_round();
}

bool GatheringPort::write_trains() {
  size_t written = 0;
  while (written < used_ && write_train(*trains_[written])) ++written;
  std::rotate(trains_.begin(), trains_.begin() + static_cast<ptrdiff_t>(written),
              trains_.begin() + static_cast<ptrdiff_t>(used_));
  used_ -= written;
  return used_ == 0;
}

bool GatheringPort::write_train(FrameTrain& train) {
  // Before it is given, whereupon the guest's kernel may already do its own work with the frames.
  const Time at = realtime_.clock_now();
  const Given given = give(train);
  has_room_ = given != Given::kNoRoom;
  if (!has_room_) return false;
  longest_ = std::max(longest_, train.due().back() - train.due().front());
  owner_.port_wrote(index_, train.due(), at, given == Given::kTaken);
  train.clear();
  return true;
}

bool GatheringPort::write_alone(Frame& frame, Time due) {
  const Time at = realtime_.clock_now();
  const Given given = give(frame);
  has_room_ = given != Given::kNoRoom;
  if (has_room_) owner_.port_wrote(index_, {&due, 1}, at, given == Given::kTaken);
  return has_room_;
}

// ---- without room -----------------------------------------------------------------------------

void GatheringPort::wait(Frame frame, Time due) {
  if (waiting_.size() < kWaitingMax) {
    waiting_.push_back({std::move(frame), due});
  } else {
    owner_.port_wrote(index_, {&due, 1}, realtime_.clock_now(), false);
  }
}

void GatheringPort::resume() {
  if (has_room_) return;
  flush_soon();
  has_room_ = true;
  if (!write_trains()) return;
  while (!waiting_.empty() && try_write(waiting_.front().frame, waiting_.front().due)) {
    waiting_.pop_front();
  }
}

void GatheringPort::give_up() {
  const Time now = realtime_.clock_now();
  for (; used_ > 0; --used_) {
    owner_.port_wrote(index_, trains_[used_ - 1]->due(), now, false);
    trains_[used_ - 1]->clear();
  }
  for (; !waiting_.empty(); waiting_.pop_front()) {
    owner_.port_wrote(index_, {&waiting_.front().due, 1}, now, false);
  }
  has_room_ = true;
}

uint64_t GatheringPort::frames_held() const {
  uint64_t held = waiting_.size();
  for (size_t i = 0; i < used_; ++i) held += trains_[i]->frames();
  return held;
}

}  // namespace violin
