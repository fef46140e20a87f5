#pragma once

#include "core/drop_reason.hh"
#include "core/frame.hh"

namespace violin {

// Who gets what a guest sends by its VhostNic. All of it is called from within read_messages() and
// collect().
class VhostNicOwner {
 public:
  // Before the frames of a kick are read: the guest's clock is to be looked at. In band only.
  virtual void nic_kicked(int index) = 0;
  // The guest has put out more buffers, after VhostNic::awaits_room().
  virtual void nic_has_room(int index) = 0;
  // A frame that the guest sent: its checksums are finished, or it is a super-frame (gso_size).
  virtual void nic_received(int index, Frame frame) = 0;
  // A frame that the guest sent could not be taken in.
  virtual void nic_dropped(int index, DropReason reason) = 0;

 protected:
  ~VhostNicOwner() = default;
};

}  // namespace violin
