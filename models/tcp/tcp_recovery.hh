#pragma once

#include <cstdint>

#include "core/time.hh"

namespace violin {

// Where the sender is in repairing a loss, the walk of the congestion window down to its new size
// (proportional rate reduction, RFC 6937 with the SafeACK rule of RFC 9937), and what is needed to
// take it back when the loss was none.
class TcpRecovery {
 public:
  enum class State : uint8_t {
    kOpen,       // nothing is wrong
    kReducing,   // the window shrinks after an ECN mark or a repaired tail; nothing to repair
    kRepairing,  // fast recovery
    kTimedOut,   // after a retransmission timeout, until what was outstanding then has arrived
  };

  State state() const { return state_; }
  bool open() const { return state_ == State::kOpen; }
  bool reducing() const { return state_ == State::kReducing || state_ == State::kRepairing; }
  // The episode ends when everything before this position has arrived.
  int64_t point() const { return point_; }
  // The window that the walk arrives at, bytes.
  int64_t threshold() const { return threshold_; }

  struct Start {
    int64_t window = 0;  // to walk down from, bytes
    int64_t nxt = 0;
    int64_t threshold = 0;  // the window to arrive at, bytes
  };
  void reduce(const Start& start) { begin(State::kReducing, start); }
  // From kReducing this continues the walk that is under way.
  void repair(const Start& start);
  void time_out(int64_t nxt) {
    state_ = State::kTimedOut;
    point_ = nxt;
  }
  void finish() { state_ = State::kOpen; }

  // The congestion window after an ACK; bytes.
  struct Step {
    int64_t delivered = 0;
    int64_t pipe = 0;
    int64_t segment_size = 0;
    bool safe = false;  // the cumulative ACK advanced and no further loss was found
  };
  int64_t window_after(const Step& step);
  void sent(int64_t bytes) { sent_ += bytes; }

  // What undoing restores.
  struct Undo {
    bool possible = false;
    int64_t window = 0;
    int64_t threshold = 0;
    Time first_retransmission = Time::never();
  };
  struct Window {
    int64_t congestion_window = 0;
    int64_t threshold = 0;
  };
  // Repairs of an earlier recovery that are still above `una` count as this one's: their ACKs echo
  // times before its own first repair, and must not look like answers to what was never lost (as
  // Linux keeps retrans_stamp while anything is retransmitted).
  void remember(const Window& window, int64_t una) {
    const Time first = repaired_to_ > una ? undo_.first_retransmission : Time::never();
    undo_ = {true, window.congestion_window, window.threshold, first};
  }
  void retransmitted(int64_t end, Time now) {
    if (now < undo_.first_retransmission) undo_.first_retransmission = now;
    if (end > repaired_to_) repaired_to_ = end;
  }
  void forget() { undo_.possible = false; }
  const Undo& undo() const { return undo_; }

 private:
  void begin(State state, const Start& start);

  State state_ = State::kOpen;
  int64_t point_ = 0;
  int64_t threshold_ = 0;
  int64_t window_ = 1;     // RecoverFS, in Linux prior_cwnd
  int64_t delivered_ = 0;  // prr_delivered
  int64_t sent_ = 0;       // prr_out
  Undo undo_;
  int64_t repaired_to_ = 0;  // the end of the furthest repair so far
};

}  // namespace violin
