#include "emulator/realtime/gathering_port.hh"

#include <algorithm>
#include <optional>
#include <utility>

namespace violin {

void GatheringPort::write(Frame frame, Time due) {
  if (!is_due_) realtime_.flush_later(*this);
  is_due_ = true;
  const std::optional<TransportLayout> layout =
      realtime_.data_plane().gather && frame.gso_size() == 0 ? transport_layout(frame)
                                                             : std::nullopt;
  frame.store_payload();
  if (layout && may_gather(*layout)) return gather(std::move(frame), *layout, due);
  // What it belongs to is not known: it may overtake nothing.
  write_trains();
  write_alone(std::move(frame), due);
}

void GatheringPort::gather(Frame frame, const TransportLayout& layout, Time due) {
  for (size_t i = 0; i < used_; ++i) {
    FrameTrain& train = *trains_[i];
    if (!train.is_of_flow(frame, layout)) continue;
    if (due - train.due().front() <= kGatherMax && train.append(frame, layout, due)) return;
    write_train(train);
    std::rotate(trains_.begin() + static_cast<ptrdiff_t>(i),
                trains_.begin() + static_cast<ptrdiff_t>(i) + 1,
                trains_.begin() + static_cast<ptrdiff_t>(used_));
    --used_;
    break;
  }
  if (!FrameTrain::can_begin(frame, layout)) {
    write_alone(std::move(frame), due);
    return;
  }
  free_train().begin(std::move(frame), layout, due);
}

FrameTrain& GatheringPort::free_train() {
  if (used_ == kFlows) write_trains();
  if (used_ == trains_.size()) trains_.push_back(std::make_unique<FrameTrain>());
  return *trains_[used_++];
}

void GatheringPort::flush() {
  is_due_ = false;
  write_trains();
  finish_round();
}

void GatheringPort::write_trains() {
  for (size_t i = 0; i < used_; ++i) write_train(*trains_[i]);
  used_ = 0;
}

uint64_t GatheringPort::frames_held() const {
  uint64_t held = 0;
  for (size_t i = 0; i < used_; ++i) held += trains_[i]->frames();
  return held;
}

void GatheringPort::write_train(FrameTrain& train) {
  longest_ = std::max(longest_, train.due().back() - train.due().front());
  // Before it is given, whereupon the guest's kernel may already do its own work with the frames.
  const Time at = realtime_.clock_now();
  const bool taken = give(train);
  owner_.port_wrote(index_, train.due(), at, taken);
  train.clear();
}

void GatheringPort::write_alone(Frame frame, Time due) {
  const Time at = realtime_.clock_now();
  const bool taken = give(frame);
  owner_.port_wrote(index_, {&due, 1}, at, taken);
}

}  // namespace violin
