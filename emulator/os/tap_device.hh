#pragma once

#include <string>

#include "core/addresses.hh"
#include "core/units.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/os/network_namespace.hh"

namespace violin {

struct TapOptions {
  std::string name;  // 1 to 15 bytes
  MacAddress mac;    // of the kernel's side; unicast and not zero
  int mtu = 1500;
  // Each frame read or written has a virtio_net_hdr_v1 of 12 bytes in front (checksum still to be
  // made, size of a segment); else plain frames.
  bool offload = true;
  bool super_frames = true;  // the kernel may hand them over; with offload
  // No super-frame is longer, Ethernet header and all, without the 12 bytes.
  Bytes largest_frame{65'507};
  int queue_length = 1000;  // frames the kernel keeps for a slow reader; more are dropped there
  bool up = true;
};

// An Ethernet interface of a network namespace whose cable ends in a descriptor: what the namespace
// sends is read there, what is written arrives in the namespace, one frame each. The descriptor
// does not block; reading and writing it is the user's. The interface goes away with it.
class TapDevice {
 public:
  static constexpr int kHeaderBytes = 12;

  // Needs /dev/net/tun and CAP_NET_ADMIN in the namespace. Throws std::system_error naming the
  // interface.
  TapDevice(const NetworkNamespace& where, const TapOptions& options);

  int fd() const { return descriptor_.get(); }
  const std::string& name() const { return name_; }
  // The kernel hands over UDP super-frames too (Linux 6.2), not only those of TCP.
  bool takes_udp_super_frames() const { return udp_super_frames_; }
  // Plugs the cable in or out, as the namespace sees it; a new device has one. Nothing where the
  // namespace has removed the device, which leaves the descriptor readable and without use
  // (EBADFD). Throws std::system_error.
  void set_carrier(bool on);

 private:
  void open_in_this_namespace(const TapOptions& options);
  void ask_for_offloads(bool super_frames);

  std::string name_;
  FileDescriptor descriptor_;
  bool udp_super_frames_ = false;
};

}  // namespace violin
