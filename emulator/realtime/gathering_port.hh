#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "core/drop_reason.hh"
#include "core/frame.hh"
#include "core/frame_train.hh"
#include "emulator/realtime/realtime.hh"

namespace violin {

// Who gets the frames that a kernel sends to a port.
class PortOwner {
 public:
  virtual void port_received(int port, Frame frame, Time now) = 0;
  // A frame from the kernel could not be taken in.
  virtual void port_dropped(int port, DropReason reason) = 0;
  // The kernel was given, at `at`, the frames that were due at these times; or would not take them.
  virtual void port_wrote(int port, std::span<const Time> due, Time at, bool taken) = 0;

 protected:
  ~PortOwner() = default;
};

// The way to a kernel that is the same for every kind of port: frames of one flow that are due in
// one round of the clock are given to the kernel as one super-frame: a call, and a way through its
// network stack, for all of them. While a kernel has no room, they wait for it.
class GatheringPort : public OutputBatch {
 public:
  virtual ~GatheringPort() { realtime_.forget(*this); }

  // Flows whose frames are gathered at a time.
  static constexpr size_t kFlows = 8;
  // No frame waits for one that is due so much later.
  static constexpr Duration kGatherMax = Duration::microseconds(100);
  // Frames that wait for room at most, as in Linux's own queue behind a device
  // (netdev_max_backlog).
  static constexpr size_t kWaitingMax = 1000;

  // Hands a frame to the kernel, now or with the next flush. Frames of a flow stay in order.
  void write(Frame frame, Time due);
  void flush() override;
  // Whether there is a kernel that receives.
  virtual bool is_there() const { return true; }
  // The kernel is told whether there is a cable in its interface; new ones have one. Throws
  // std::system_error.
  virtual void set_carrier(bool on) = 0;
  // Refuses what waits.
  void give_up();
  // Frames that wait for the next flush, or for room.
  uint64_t frames_held() const;
  // Link time of the longest train so far: no frame in it can have been placed better.
  Duration longest_gathering() const { return longest_; }

 protected:
  // `index` is what the owner is told.
  GatheringPort(Realtime& realtime, PortOwner& owner, int index)
      : realtime_(realtime), owner_(owner), index_(index) {}
  GatheringPort(const GatheringPort&) = delete;
  GatheringPort& operator=(const GatheringPort&) = delete;

  // Whether the kernel takes several of these as one super-frame.
  virtual bool may_gather(const TransportLayout& layout) const = 0;
  enum class Given {
    kTaken,
    kRefused,
    kNoRoom,  // now; resume() is called when there is more
  };
  // Gives the kernel a frame, or a train as one. Payload is stored.
  virtual Given give(Frame& frame) = 0;
  virtual Given give(FrameTrain& train) = 0;
  // There is more room.
  void resume();
  // All of a round was given.
  virtual void finish_round() {}

  Realtime& realtime_;
  PortOwner& owner_;
  int index_;

 private:
  struct Waiting {
    Frame frame;
    Time due;
  };
  // Each of these is false when there was no room; what was not given stays where it was.
  bool try_write(Frame& frame, Time due);
  bool gather(Frame& frame, const TransportLayout& layout, Time due);
  bool write_trains();
  bool write_train(FrameTrain& train);
  bool write_alone(Frame& frame, Time due);

  void wait(Frame frame, Time due);
  void flush_soon();
  FrameTrain& free_train();

  std::vector<std::unique_ptr<FrameTrain>> trains_;  // those in use stand first, oldest first
  size_t used_ = 0;
  bool is_due_ = false;  // the flush at the end of the round
  bool has_room_ = true;
  std::deque<Waiting> waiting_;  // behind the trains
  Duration longest_;
};

}  // namespace violin
