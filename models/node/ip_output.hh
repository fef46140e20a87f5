#pragma once

#include <cstdint>

#include "core/addresses.hh"
#include "core/frame.hh"
#include "core/ip_header.hh"
#include "core/time.hh"

namespace violin {

// Who talks to whom, seen from the sending side.
struct IpFlow {
  IpAddress source;
  IpAddress destination;
  uint8_t protocol = 0;
};

struct IpSendOptions {
  uint8_t ttl = 64;
  uint8_t dscp = 0;
  Ecn ecn = Ecn::kNotCapable;
  bool dont_fragment = false;
};

// What a transport needs of the node below it. Implemented by IpNode; tests give their own.
class IpOutput {
 public:
  // A fresh frame to build a packet in: set the payload, push the transport header.
  virtual Frame new_frame() = 0;
  // Sends a frame that starts at its transport header, checksum filled in (checksum_good is set by
  // the transport): adds IP and Ethernet headers, looks up the route, resolves the neighbour,
  // fragments where allowed. Drops are counted by the node.
  virtual void send_ip(Frame transport, const IpFlow& flow, const IpSendOptions& options,
                       Time now) = 0;
  // The largest IP packet, in bytes, that the first link to `destination` takes.
  virtual int64_t mtu_towards(IpAddress destination) const = 0;

 protected:
  ~IpOutput() = default;
};

}  // namespace violin
