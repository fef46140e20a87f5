#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/byte_order.hh"
#include "core/drop_reason.hh"
#include "core/frame.hh"
#include "core/transport_header.hh"
#include "models/node/ip_output.hh"
#include "models/node/ip_received.hh"

namespace violin {

// An ICMP error that came in about a packet which this node once sent.
struct IcmpError {
  uint8_t type = 0;
  uint8_t code = 0;
  int64_t mtu = 0;     // of "fragmentation needed": the next hop's, bytes; 0 when it was not told
  IpAddress reporter;  // who sent the error
  IpFlow sent;         // the packet it is about
  // The first bytes after that packet's IP header, at least 8. Valid during the call.
  std::span<const std::byte> quoted;

  bool is_fragmentation_needed() const {
    return type == IcmpHeader::kDestinationUnreachable && code == IcmpHeader::kFragmentationNeeded;
  }
  // Of a quoted UDP or TCP packet.
  uint16_t source_port() const { return load_be16(quoted.data()); }
  uint16_t destination_port() const { return load_be16(quoted.data() + 2); }
};

class IcmpErrorUser {
 public:
  virtual void receive_icmp_error(const IcmpError& error, Time now) = 0;

 protected:
  ~IcmpErrorUser() = default;
};

// What an IcmpLayer tells its node.
class IcmpOwner : public IcmpErrorUser {
 public:
  // An error was due and not sent, because too many were.
  virtual void icmp_error_withheld() = 0;

 protected:
  ~IcmpOwner() = default;
};

// An echo client: told of the replies with its identifier.
class EchoUser {
 public:
  virtual void receive_echo_reply(uint16_t sequence, const IpReceived& ip, Time now) = 0;
  virtual void receive_echo_error(uint16_t sequence, const IcmpError& error, Time now) = 0;

 protected:
  ~EchoUser() = default;
};

struct IcmpErrorSpec {
  uint8_t type = 0;
  uint8_t code = 0;
  int64_t mtu = 0;  // of "fragmentation needed", bytes
};

// ICMP for IPv4 (RFC 792, as RFC 1122 section 3.2.2 and RFC 1812 section 4.3 have it): answers
// echo requests, hands replies and errors to whom they are for, and sends errors. ICMPv6 comes
// later: its messages are counted as unsupported.
//
// Errors are never sent about ICMP errors, fragments but the first, or packets from or to a group
// or broadcast address. They quote the packet from its IP header on, up to 548 bytes, so that they
// fit in 576. At most 1000 a second with bursts of 50, as Linux does (icmp_msgs_per_sec); what goes
// beyond is counted as rate_limited. Like there, "fragmentation needed" is not limited.
class IcmpLayer {
 public:
  static constexpr uint32_t kQuoteMax = 548;
  static constexpr int64_t kErrorsPerSecond = 1'000;
  static constexpr int64_t kErrorsBurst = 50;

  // `drops` counts what reached this layer and was of no use.
  IcmpLayer(IpOutput& output, IcmpOwner& node, DropCounters& drops)
      : output_(output), node_(node), drops_(drops) {}

  // A message that starts at its ICMP header.
  void receive(Frame frame, const IpReceived& ip, Time now);

  // Tells the sender of the IPv4 packet at byte `ip_at` of `about` what became of it, where that
  // is allowed. The packet may already be fit for forwarding, and its transport is not checked.
  void send_error(const Frame& about, uint32_t ip_at, const IcmpErrorSpec& spec, Time now);

  // Sends an echo request whose data are those of `frame`.
  void send_echo(Frame frame, uint16_t identifier, uint16_t sequence, const IpFlow& flow,
                 const IpSendOptions& options, Time now);

  // Gives out `wanted`, or the next identifier that is free. At most 65 536 clients.
  uint16_t attach(uint16_t wanted, EchoUser& user);
  void detach(const EchoUser& user);
  void attach_errors(IcmpErrorUser& user) { error_users_.push_back(&user); }
  void detach_errors(const IcmpErrorUser& user);

 private:
  struct Client {
    uint16_t identifier;
    EchoUser* user;
  };
  EchoUser* client(uint16_t identifier) const;
  void drop(Frame frame, DropReason reason);
  void answer(Frame request, const IpReceived& ip, Time now);
  void receive_error(Frame frame, const IcmpHeader& header, const IpReceived& ip, Time now);
  bool take_token(Time now);

  IpOutput& output_;
  IcmpOwner& node_;
  DropCounters& drops_;
  std::vector<Client> clients_;
  std::vector<IcmpErrorUser*> error_users_;
  // The bucket holds its tokens as time: one is worth a second / kErrorsPerSecond.
  Duration credit_ = Duration::seconds(kErrorsBurst) / kErrorsPerSecond;
  Time credit_at_ = Time::zero();
};

}  // namespace violin
