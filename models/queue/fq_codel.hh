#pragma once

#include <cstdint>
#include <memory>

#include "core/random.hh"
#include "models/queue/codel_control.hh"
#include "models/queue/queue_bound.hh"
#include "models/queue/queue_discipline.hh"

namespace violin {

// FQ-CoDel (RFC 8290): flows told apart by a hash of their addresses and ports (flow_hash.hh, with
// a perturbation of this queue's own), each with its own CoDel queue, served by deficit round robin
// in bytes: flows that have just become busy before those that have been so for longer, so that a
// flow which sends less than its share never waits behind the others' queues (section 4.2).
//
// When the limit, which is that of all flows together, is exceeded, the flow with the most bytes
// loses half of its packets, 64 at most, from its head (section 4.1; kQueueFull); among equals
// the one of the lowest number. CoDel's test whether hardly anything waits looks at its own flow.
// Deficits count L2 bytes without the link's overhead.
//
// The table of `fq_flows` flows, about 100 bytes each, is made when the first frame waits.
class FqCodel final : public QueueDiscipline {
 public:
  FqCodel(const QueueSpec& spec, BitRate rate, Random random);
  ~FqCodel() override;

  void enqueue(Frame frame, Time now, QueueEvents& events) override;
  Frame dequeue(Time now, QueueEvents& events) override;
  uint32_t packets() const override { return packets_; }
  Bytes bytes() const override { return bytes_; }
  Duration last_sojourn() const override { return last_sojourn_; }
  void flush(DropReason reason, Time now, QueueEvents& events) override;
  void set_rate(BitRate rate) override { bound_.set_rate(rate); }

 private:
  struct Flow;

  // Flows in the order of service, linked through Flow::next.
  struct FlowList {
    Flow* head = nullptr;
    Flow* tail = nullptr;
    void push_back(Flow* flow);
    Flow* pop_front();
  };

  Flow& fattest();
  void drop_from_fattest(Time now, QueueEvents& events);
  Frame take_from(Flow& flow, Time now, QueueEvents& events);

  CodelControl::Parameters parameters_;
  QueueBound bound_;
  uint64_t perturbation_;
  uint32_t flow_count_;
  int64_t quantum_;
  std::unique_ptr<Flow[]> flows_;
  FlowList new_flows_;
  FlowList old_flows_;
  uint32_t packets_ = 0;
  Bytes bytes_;
  Duration last_sojourn_;
};

}  // namespace violin
