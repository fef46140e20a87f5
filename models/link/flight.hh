#pragma once

#include <cstdint>

#include "core/digest.hh"
#include "core/entity.hh"
#include "core/frame.hh"
#include "core/frame_observer.hh"
#include "core/frame_sink.hh"
#include "core/scheduler.hh"

namespace violin {

class Wire;

// The edge of a slice: takes the frames of a wire whose far end is in another slice of the network.
class Frontier {
 public:
  // `due` is when the frame leaves the far end, at least the wire's delay after it was called. What
  // is kept of the frame is a copy: its memory is this slice's.
  virtual void cross(uint32_t wire, const Frame& frame, Time due) = 0;
  // The wire went down: the frames that crossed before this call and are still under way are lost.
  virtual void went_down(uint32_t wire) = 0;

 protected:
  ~Frontier() = default;
};

// The far half of one direction of a link: what is in flight, and what came out. One pending event
// for the whole wire, the head of the flight; a wire that is cut between two slices has its Wire in
// one and its Flight in the other.
class Flight final : public TimerTarget {
 public:
  // `name` as in "v1/h1->s1"; it names the wire's events, digest and counters.
  Flight(Scheduler& scheduler, std::string name);

  Entity& entity() { return entity_; }
  const std::string& name() const { return entity_.name(); }
  // Where frames go. To be set before the first one.
  void set_sink(FrameSink& sink) { sink_ = &sink; }
  // The near half when it is in the same slice: it is brought up to date before each delivery.
  void set_feeder(Wire& feeder) { feeder_ = &feeder; }
  // Makes this a stand-in: frames cross to the slice that has the far end, and are kept here as
  // well until they would come out, so that what this half counts, and loses when the link goes
  // down, is what the far half counts and loses. They have no receiver, observer or digest here.
  void set_frontier(Frontier& frontier, uint32_t wire) {
    frontier_ = &frontier;
    frontier_wire_ = wire;
  }
  bool is_stand_in() const { return frontier_ != nullptr; }
  // Sees every frame that comes out, before its receiver does.
  void set_observer(FrameObserver* observer) { observer_ = observer; }

  // Whether what comes out is taken into the digest (the default). Under the real clock no two runs
  // are alike, and a sum over every payload byte would be paid for nothing.
  void set_digested(bool digested) { digested_ = digested; }

  // Puts a frame on its way, to come out at `due`. Not earlier than those before it unless
  // `overtaking`.
  void launch(Frame frame, Time due, bool overtaking);
  // The feeder has something to do at `when` although nothing may be in flight.
  void wake_at(Time when) { timer_.arm(std::min(when, timer_.deadline())); }
  // Ends all that is in flight; returns how many frames, super-frames counted as their segments. A
  // stand-in tells its frontier.
  uint64_t drop_all();

  // Super-frames count as their segments.
  uint64_t in_flight() const { return in_flight_; }
  uint64_t delivered() const { return delivered_; }
  uint64_t delivered_bytes() const { return delivered_bytes_; }
  uint64_t digest() const { return digest_.value(); }
  void expire(Timer& timer, Time now) override;

 private:
  void deliver(Frame frame, Time now);

  Entity entity_;
  Timer timer_;
  FrameQueue queue_;
  FrameSink* sink_ = nullptr;
  Wire* feeder_ = nullptr;
  Frontier* frontier_ = nullptr;
  FrameObserver* observer_ = nullptr;
  uint32_t frontier_wire_ = 0;
  DigestChain digest_;
  bool digested_ = true;
  uint64_t in_flight_ = 0;
  uint64_t delivered_ = 0;
  uint64_t delivered_bytes_ = 0;
};

}  // namespace violin
