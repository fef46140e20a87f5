#include "models/queue/fq_codel.hh"

#include <algorithm>
#include <utility>

#include "core/check.hh"
#include "models/queue/fifo.hh"
#include "models/queue/flow_hash.hh"

namespace violin {
namespace {

constexpr uint32_t kDropBatch = 64;

}  // namespace

struct FqCodel::Flow {
  Fifo fifo;
  CodelControl control;
  int64_t deficit = 0;  // bytes it may still send in this round
  bool is_listed = false;
  Flow* next = nullptr;
};

void FqCodel::FlowList::push_back(Flow* flow) {
  flow->next = nullptr;
  (head == nullptr ? head : tail->next) = flow;
  tail = flow;
}

FqCodel::Flow* FqCodel::FlowList::pop_front() {
  Flow* flow = head;
  head = flow->next;
  return flow;
}

FqCodel::FqCodel(const QueueSpec& spec, BitRate rate, Random random)
    : parameters_{spec.codel_target, spec.codel_interval, spec.ecn},
      bound_(spec.limit, rate),
      perturbation_(random.next()),
      flow_count_(spec.fq_flows),
      quantum_(spec.fq_quantum.count()) {
  CHECK_COMPARE(flow_count_, >, 0u);
  CHECK_COMPARE(quantum_, >, 0);
  CHECK_COMPARE(spec.codel_interval.ns(), >, 0);
}

FqCodel::~FqCodel() = default;

void FqCodel::enqueue(Frame frame, Time now, QueueEvents& events) {
  if (flows_ == nullptr) flows_ = std::make_unique<Flow[]>(flow_count_);
  const auto hash = static_cast<unsigned __int128>(flow_hash(frame, perturbation_));
  Flow& flow = flows_[static_cast<size_t>(hash * flow_count_ >> 64)];
  ++packets_;
  bytes_ += Bytes(frame.size());
  flow.fifo.push(std::move(frame), now);
  if (!flow.is_listed) {
    flow.is_listed = true;
    flow.deficit = quantum_;
    new_flows_.push_back(&flow);
  }
  while (!bound_.allows(packets_, bytes_)) drop_from_fattest(now, events);
}

FqCodel::Flow& FqCodel::fattest() {
  Flow* flow = &flows_[0];
  for (uint32_t i = 1; i < flow_count_; ++i) {
    if (flows_[i].fifo.bytes() > flow->fifo.bytes()) flow = &flows_[i];
  }
  return *flow;
}

void FqCodel::drop_from_fattest(Time now, QueueEvents& events) {
  Flow& flow = fattest();
  uint32_t drops = std::min((flow.fifo.packets() + 1) / 2, kDropBatch);
  CHECK_COMPARE(drops, >, 0u);
  for (; drops > 0; --drops) {
    Frame frame = flow.fifo.pop(now);
    --packets_;
    bytes_ -= Bytes(frame.size());
    events.queue_dropped(std::move(frame), DropReason::kQueueFull, now);
  }
}

Frame FqCodel::take_from(Flow& flow, Time now, QueueEvents& events) {
  packets_ -= flow.fifo.packets();
  bytes_ -= flow.fifo.bytes();
  Frame frame = flow.control.dequeue(flow.fifo, now, parameters_, events);
  packets_ += flow.fifo.packets();
  bytes_ += flow.fifo.bytes();
  return frame;
}

Frame FqCodel::dequeue(Time now, QueueEvents& events) {
  for (;;) {
    const bool is_new = new_flows_.head != nullptr;
    FlowList& list = is_new ? new_flows_ : old_flows_;
    if (list.head == nullptr) return {};
    Flow& flow = *list.head;
    if (flow.deficit <= 0) {
      flow.deficit += quantum_;
      old_flows_.push_back(list.pop_front());
      continue;
    }
    Frame frame = take_from(flow, now, events);
    if (frame) {
      flow.deficit -= frame.size();
      last_sojourn_ = flow.fifo.last_sojourn();
      return frame;
    }
    // An emptied new flow waits for its turn once among the old ones, so that a flow cannot keep
    // the others waiting by being new again and again (section 4.2).
    list.pop_front();
    if (is_new) {
      old_flows_.push_back(&flow);
    } else {
      flow.is_listed = false;
    }
  }
}

void FqCodel::flush(DropReason reason, Time now, QueueEvents& events) {
  if (flows_ == nullptr) return;
  // The flows stay listed; empty as they are they are passed over once and leave.
  for (uint32_t i = 0; i < flow_count_; ++i) flows_[i].fifo.flush(reason, now, events);
  packets_ = 0;
  bytes_ = Bytes();
}

}  // namespace violin
