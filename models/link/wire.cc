#include "models/link/wire.hh"

#include <algorithm>
#include <utility>

#include "core/check.hh"
#include "core/ethernet.hh"
#include "core/segmentation.hh"

namespace violin {
namespace {

// An Ethernet header and one VLAN tag beside the L3 packet that the MTU is about.
constexpr int64_t kLinkHeaderMax = EthernetHeader::kSize + 4;

// What limits given as a time, and PIE, reckon with.
BitRate rate_of(const WireSpec& spec) {
  return spec.trace != nullptr ? mean_rate(*spec.trace) : spec.rate;
}

}  // namespace

Wire::Wire(Flight& flight, const WireSpec& spec, const Context& context)
    : flight_(flight),
      window_(context.window),
      serialiser_(spec.rate, spec.trace),
      delay_(spec.delay),
      fifo_(spec.queue.limit, rate_of(spec)),
      real_time_(context.real_time),
      spec_(spec),
      seed_(context.seed) {
  if (spec.queue.kind != QueueSpec::Kind::kDropTail) {
    discipline_ =
        make_queue_discipline(spec.queue, rate_of(spec), substream(seed_, flight.name(), "queue"));
  }
  renew_impairments();
}

void Wire::receive(Frame frame, Time now) {
  if (frame.gso_size() == 0) {
    receive_one(std::move(frame), now);
    return;
  }
  if (carries_whole()) return receive_whole(std::move(frame), now);
  receive_split(std::move(frame), now);
}

void Wire::receive_split(Frame frame, Time now) {
  uint32_t left = segment_count(frame);
  Segmenter segmenter(std::move(frame));
  try {
    while (Frame part = segmenter.next()) {
      --left;
      receive_one(std::move(part), now);
    }
  } catch (const PoolExhausted&) {
    if (!real_time_) throw;
    counters_.received += left;
    counters_.drops.count(DropReason::kNoBuffer, left);
  }
}

// Without rate and impairments there is no decision: all segments would leave at one instant.
bool Wire::carries_whole() const {
  return real_time_ && spec_.rate.unlimited() && spec_.trace == nullptr &&
         impairments_ == nullptr && !down_;
}

void Wire::receive_whole(Frame frame, Time now) {
  const SegmentShape shape = segment_shape(frame);
  counters_.received += shape.count;
  if (shape.size > spec_.mtu + kLinkHeaderMax) {
    counters_.drops.count(DropReason::kTooLongForLink, shape.count);
    return;
  }
  if (window_.contains(now)) {
    const int64_t overhead = spec_.overhead.bits() * shape.count;
    counters_.sent_bits_in_window += shape.total_bytes * 8 + static_cast<uint64_t>(overhead);
  }
  last_due_ = std::max(last_due_, now + delay_);
  flight_.launch(std::move(frame), last_due_, /*overtaking=*/false);
}

void Wire::receive_one(Frame frame, Time now) {
  ++counters_.received;
  if (down_) {
    counters_.drops.count(DropReason::kLinkDown);
    return;
  }
  if (frame.size() > spec_.mtu + kLinkHeaderMax) {
    counters_.drops.count(DropReason::kTooLongForLink);
    return;
  }
  catch_up(now);
  if (serialiser_.busy_until() <= now) {
    transmit(std::move(frame), now);
    return;
  }
  if (discipline_ == nullptr) {
    fifo_.enqueue(std::move(frame), now, *this);
  } else {
    discipline_->enqueue(std::move(frame), now, *this);
  }
  counters_.queue_packets_max = std::max(counters_.queue_packets_max, queue_packets());
  counters_.queue_bytes_max = std::max(counters_.queue_bytes_max, queue_bytes());
  see_to_next_service();
}

void Wire::see_to_next_service() {
  // With nothing in flight (the frame being sent was lost) no delivery will look at the queue; and
  // a frame that overtakes, or crosses to another slice, must be sent off in time.
  const bool unobserved =
      flight_.in_flight() == 0 || flight_.is_stand_in() || !spec_.reorder.probability.is_never();
  if (unobserved && queue_packets() != 0) flight_.wake_at(serialiser_.busy_until());
}

Frame Wire::dequeue(Time now) {
  Frame frame =
      discipline_ == nullptr ? fifo_.dequeue(now, *this) : discipline_->dequeue(now, *this);
  if (frame) {
    record_sojourn(discipline_ == nullptr ? fifo_.last_sojourn() : discipline_->last_sojourn(),
                   now);
  }
  return frame;
}

void Wire::serve_queue(Time now) {
  // An empty queue is not asked: FQ-CoDel would put its last flow among the old ones, and whether
  // it is asked would depend on how late the wire is looked at.
  while (serialiser_.busy_until() <= now && queue_packets() != 0) {
    const Time begin = serialiser_.busy_until();
    Frame frame = dequeue(begin);
    if (!frame) break;
    transmit(std::move(frame), begin);
  }
  see_to_next_service();
}

void Wire::transmit(Frame frame, Time begin) {
  const Bytes length = length_on_link(frame.size());
  const Serialiser::Slot slot = serialiser_.send(length, begin);
  if (window_.contains(begin)) {
    counters_.sent_bits_in_window += static_cast<uint64_t>(length.bits());
    counters_.busy_in_window += std::min(slot.end, window_.to) - slot.begin;
  }
  if (impairments_ != nullptr) {
    impair(std::move(frame), slot.end);
    return;
  }
  // A patched, shorter delay does not let a frame overtake those before it.
  last_due_ = std::max(last_due_, slot.end + delay_);
  flight_.launch(std::move(frame), last_due_, /*overtaking=*/false);
}

void Wire::record_sojourn(Duration waited, Time end) {
  if (!window_.contains(end)) return;
  if (sojourn_ == nullptr) sojourn_ = std::make_unique<LogHistogram>();
  sojourn_->add(waited);
}

void Wire::apply(const WirePatch& patch, Time now) {
  catch_up(now);
  if (patch.rate) {
    spec_.rate = *patch.rate;
    spec_.trace = nullptr;
    serialiser_.set_rate(*patch.rate);
    fifo_.set_rate(*patch.rate);
    if (discipline_ != nullptr) discipline_->set_rate(*patch.rate);
  }
  if (patch.delay) delay_ = spec_.delay = *patch.delay;
  if (patch.overhead) spec_.overhead = *patch.overhead;
  if (patch.duplicate) spec_.duplicate = *patch.duplicate;
  if (patch.corrupt) spec_.corrupt = *patch.corrupt;
  if (patch.reorder) spec_.reorder = *patch.reorder;
  if (patch.loss) spec_.loss = *patch.loss;
  if (patch.jitter) spec_.jitter = *patch.jitter;
  if (impairments_ == nullptr || patch.loss || patch.jitter || patch.reorder) renew_impairments();
}

void Wire::set_down(bool down, Time now) {
  catch_up(now);
  down_ = down;
  if (!down) return;
  if (discipline_ == nullptr) {
    fifo_.flush(DropReason::kLinkDown, now, *this);
  } else {
    discipline_->flush(DropReason::kLinkDown, now, *this);
  }
  counters_.drops.count(DropReason::kLinkDown, flight_.drop_all());
}

void Wire::queue_dropped(Frame, DropReason reason, Time) { counters_.drops.count(reason); }

void Wire::queue_marked(Time) { ++counters_.marked; }

void Wire::check_conservation() const {
  CHECK_MESSAGE(
      counters_.received + counters_.duplicated ==
          flight_.delivered() + counters_.drops.total() + queue_packets() + flight_.in_flight(),
      name());
}

}  // namespace violin
