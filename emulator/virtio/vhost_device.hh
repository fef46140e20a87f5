#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace violin {

// The device that a guest reaches through a VhostSession.
class VhostDevice {
 public:
  // Writes its configuration space from the beginning; what is behind its end stays zero.
  virtual void read_config(std::span<std::byte> to) const = 0;
  // A queue may be used from now on.
  virtual void queue_enabled(int queue) = 0;
  // There may be something in it. May use the queue, end the session, and throw. False when
  // something is left in it for the next round, in which this is called again; not in band.
  virtual bool queue_kicked(int queue) = 0;

 protected:
  ~VhostDevice() = default;
};

struct VhostSessionOptions {
  uint64_t features = 0;  // of the device, those of its rings among them
  size_t queues = 2;      // at most 64
  // Kicks are messages, answered when they have been dealt with, and interrupts are messages on the
  // guest's request channel; a guest that cannot do that is refused. Otherwise both are events of
  // descriptors.
  bool in_band = true;
  // The guest is asked to answer each interrupt in band (VhostSession::read_answers).
  bool confirm_interrupts = false;
};

struct VhostCounters {
  uint64_t messages = 0;
  uint64_t refused = 0;     // messages that nobody here understands, or that ask too much
  uint64_t kicks = 0;       // in band, or seen at a descriptor
  uint64_t interrupts = 0;  // raised
  uint64_t resets = 0;      // the guest broke a rule, and was cut off
};

}  // namespace violin
