#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/drop_reason.hh"
#include "core/ethernet.hh"
#include "core/frame_sink.hh"
#include "core/random.hh"
#include "models/link/flight.hh"
#include "models/link/jitter_model.hh"
#include "models/link/log_histogram.hh"
#include "models/link/loss_model.hh"
#include "models/link/serialiser.hh"
#include "models/link/wire_spec.hh"
#include "models/queue/drop_tail.hh"
#include "models/queue/queue_discipline.hh"
#include "models/workload/measurement.hh"

namespace violin {

// What happened to the frames of one direction of a link. Super-frames count as their segments.
struct WireCounters {
  uint64_t received = 0;    // frames handed to the wire
  uint64_t duplicated = 0;  // copies the wire made
  uint64_t corrupted = 0;
  uint64_t marked = 0;  // with "congestion experienced"
  // Within the measure window: what was serialised (overhead included) and how long it took.
  uint64_t sent_bits_in_window = 0;
  Duration busy_in_window;
  uint32_t queue_packets_max = 0;
  Bytes queue_bytes_max;
  DropCounters drops;
};

// The near half of one direction of a link, in the physical order: queue, serialise, lose or
// corrupt or duplicate, then delay with jitter. So a lost frame has used link time (netem drops
// before its rate, and carries more on a saturated lossy link). Jitter keeps order unless `reorder`
// is asked for. Every decision is taken per frame; a super-frame is decided segment by segment.
//
// A frame is taken from the queue at the nominal instant at which the one before it has been
// serialised, whenever the wire is next looked at: catch_up() makes this exact, so that no event is
// needed for the end of a serialisation and a wire has one pending event, the head of its Flight.
// At equal instants a departure comes before an arrival.
class Wire final : public FrameSink, private QueueEvents {
 public:
  struct Context {
    uint64_t seed = 0;
    const MeasureWindow& window;
    // Super-frames pass whole where no decision could tell their segments apart; without memory to
    // split one it is dropped, which ends a virtual run.
    bool real_time = false;
  };

  // `flight` is this wire's far half (or stands for it); its name names the random substreams.
  Wire(Flight& flight, const WireSpec& spec, const Context& context);

  void receive(Frame frame, Time now) override;
  // Does what was due up to `now`. Calls come in time order.
  void catch_up(Time now) {
    if (serialiser_.busy_until() <= now && queue_packets() != 0) serve_queue(now);
  }

  // The flight's event came up: does what was due, and asks for the next event where it must. An
  // event that comes up before the end of a serialisation has swallowed the one asked for then.
  void wake(Time now) {
    if (queue_packets() == 0) return;
    if (serialiser_.busy_until() <= now) {
      serve_queue(now);
    } else {
      see_to_next_service();
    }
  }

  void apply(const WirePatch& patch, Time now);  // live; queue and flight are kept
  // Down: what is queued or in flight, and whatever comes, is dropped as kLinkDown.
  void set_down(bool down, Time now);
  bool is_down() const { return down_; }

  const std::string& name() const { return flight_.name(); }
  const Flight& flight() const { return flight_; }
  const WireSpec& spec() const { return spec_; }
  const WireCounters& counters() const { return counters_; }
  uint32_t queue_packets() const {
    return discipline_ == nullptr ? fifo_.packets() : discipline_->packets();
  }
  // The queue as it is at `now`; changes nothing.
  uint32_t queue_packets_at(Time now) {
    catch_up(now);
    return queue_packets();
  }
  Bytes queue_bytes() const {
    return discipline_ == nullptr ? fifo_.bytes() : discipline_->bytes();
  }
  // How long frames waited that left the queue within the measure window; null when none did.
  const LogHistogram* sojourn() const { return sojourn_.get(); }
  // Asserts received + duplicated = delivered + dropped + held (the Flight is in this slice).
  void check_conservation() const;

  // The length that a frame of `size` bytes takes on the link.
  Bytes length_on_link(uint32_t size) const {
    return Bytes(std::max<int64_t>(size, EthernetHeader::kMinimumFrame)) + spec_.overhead;
  }

 private:
  struct Impairments {  // which most wires do not have: state and randomness
    Impairments(const std::string& name, uint64_t seed);
    std::unique_ptr<LossModel> loss;
    JitterModel jitter;
    CorrelatedChance reorder;
    uint32_t since_reordered = 0;
    Random loss_random, jitter_random, duplicate_random, corrupt_random, reorder_random;
  };

  bool carries_whole() const;
  void receive_whole(Frame frame, Time now);
  void receive_split(Frame frame, Time now);
  void receive_one(Frame frame, Time now);
  void serve_queue(Time now);
  void see_to_next_service();
  void transmit(Frame frame, Time begin);
  void impair(Frame frame, Time end);
  void launch_with_jitter(Frame frame, Time end);
  bool leaves_at_once();
  Frame dequeue(Time now);
  void record_sojourn(Duration waited, Time end);
  void renew_impairments();
  bool wants_impairments() const;
  void queue_dropped(Frame frame, DropReason reason, Time now) override;
  void queue_marked(Time now) override;

  Flight& flight_;
  const MeasureWindow& window_;
  Serialiser serialiser_;
  Duration delay_;
  Time last_due_ = Time::beginning();
  DropTail fifo_;                                // the queue, unless …
  std::unique_ptr<QueueDiscipline> discipline_;  // … another discipline is asked for
  std::unique_ptr<Impairments> impairments_;
  bool down_ = false;
  bool real_time_;
  WireCounters counters_;
  std::unique_ptr<LogHistogram> sojourn_;
  WireSpec spec_;
  uint64_t seed_;
};

}  // namespace violin
