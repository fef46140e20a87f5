#pragma once

#include <cstdint>
#include <vector>

#include "core/drop_reason.hh"
#include "core/frame.hh"
#include "models/node/icmp.hh"
#include "models/node/ip_output.hh"
#include "models/node/ip_received.hh"

namespace violin {

struct UdpReceived {
  IpReceived ip;
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
};

// Who listens at a UDP port.
class UdpReceiver {
 public:
  // The frame holds the datagram's data alone.
  virtual void receive_datagram(Frame data, const UdpReceived& from, Time now) = 0;
  // An ICMP error about a datagram that was sent from this port.
  virtual void receive_error(const IcmpError&, Time) {}

 protected:
  ~UdpReceiver() = default;
};

struct UdpAddresses {
  IpAddress source;
  uint16_t source_port = 0;
  IpAddress destination;
  uint16_t destination_port = 0;
};

// UDP (RFC 768): ports, lengths and checksums. A port has one listener, at all addresses of the
// node; there is nothing to queue, so datagrams are handed over at once.
class UdpLayer {
 public:
  // The ports that ephemeral_port() goes round in (RFC 6335 section 6).
  static constexpr uint16_t kEphemeralFirst = 49'152;

  UdpLayer(IpOutput& output, DropCounters& drops) : output_(output), drops_(drops) {}

  // False when somebody listens there already.
  bool bind(uint16_t port, UdpReceiver& receiver);
  void unbind(uint16_t port);
  // A port nobody listens at, each time the next one; 0 when all are taken.
  uint16_t ephemeral_port();

  // Sends a frame that holds the data alone. The source must be given (IpNode::source_for), as the
  // checksum covers it; at most 65 527 bytes of data.
  void send(Frame data, const UdpAddresses& addresses, const IpSendOptions& options, Time now);

  // Takes a datagram that starts at its UDP header. Gives it back untouched when nobody listens at
  // its port, for the node to say so to the sender.
  Frame receive(Frame frame, const IpReceived& ip, Time now);
  void receive_error(const IcmpError& error, Time now);

 private:
  struct Binding {
    uint16_t port;
    UdpReceiver* receiver;
  };
  std::vector<Binding>::iterator find(uint16_t port);
  UdpReceiver* receiver_at(uint16_t port);
  void drop(Frame frame, DropReason reason);

  IpOutput& output_;
  DropCounters& drops_;
  std::vector<Binding> bindings_;  // by port
  uint16_t next_ephemeral_ = kEphemeralFirst;
};

}  // namespace violin
