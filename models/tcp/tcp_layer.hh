#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "core/addresses.hh"
#include "core/drop_reason.hh"
#include "core/entity.hh"
#include "core/frame.hh"
#include "core/random.hh"
#include "core/scheduler.hh"
#include "core/tcp_header.hh"
#include "core/time.hh"
#include "models/node/ip_output.hh"
#include "models/node/ip_received.hh"
#include "models/tcp/tcp_flow_table.hh"
#include "models/tcp/tcp_options.hh"
#include "models/tcp/tcp_user.hh"

namespace violin {

class TcpConnection;

// The TCP of one node: finds the connection that a segment belongs to, makes new ones, answers
// segments that belong to none (RFC 9293 section 3.10.7.1), and owns all connections. It knows no
// routes and no neighbours (that is IpOutput), and keeps no statistics beyond what was dropped.
//
// The node's IpOutput must not hand a segment back to receive() before send_ip() has returned: a
// packet to the node's own address goes through an event.
//
// Limits: kHalfOpenMax handshakes that a peer began and has not completed, further SYNs are
// dropped; kTimeWaitMax connections in TIME-WAIT, further ones are forgotten at once (as Linux does
// above tcp_max_tw_buckets).
class TcpLayer final : private TimerTarget {
 public:
  static constexpr size_t kHalfOpenMax = 4'096;
  static constexpr size_t kTimeWaitMax = 16'384;
  // The ports of connect(): those that Linux takes by default.
  static constexpr uint16_t kEphemeralFirst = 32'768;
  static constexpr uint16_t kEphemeralLast = 60'999;

  // `random` is the node's own substream for TCP: initial sequence numbers, ports, timestamps.
  TcpLayer(Scheduler& scheduler, Entity& node, IpOutput& output, Random random,
           DropCounters& drops);
  ~TcpLayer();
  TcpLayer(const TcpLayer&) = delete;
  TcpLayer& operator=(const TcpLayer&) = delete;

  // Takes a segment addressed to this node; the frame starts at its TCP header.
  void receive(Frame frame, const IpReceived& ip, Time now);

  // Opens a connection from an ephemeral port: sends the SYN at once. Null when all ports towards
  // this remote port are taken. The connection lives until `user` was told closed().
  TcpConnection* connect(const TcpOptions& options, const IpAddress& local,
                         const TcpEndpoint& remote, TcpUser& user, Time now);
  // Accepts connections to `port` at any address of the node, from now on. One acceptor a port.
  void listen(uint16_t port, const TcpOptions& options, TcpAcceptor& acceptor);

  // ICMP errors about a segment of ours: `sent` is the quoted packet's flow, `quoted` the first
  // bytes after its IP header (at least 8, or nothing happens). Errors about a sequence number that
  // is not in flight are ignored (RFC 5927).
  // "Fragmentation needed" or "packet too big": lowers the segment size and retransmits.
  void fragmentation_needed(const IpFlow& sent, std::span<const std::byte> quoted, int64_t mtu,
                            Time now);
  // "Destination unreachable": a soft error (RFC 9293 section 3.9.2.2), remembered as the reason
  // should the connection fail.
  void unreachable(const IpFlow& sent, std::span<const std::byte> quoted);

  // The node went down: every connection ends without a word to the peer; listeners stay.
  void drop_all(Time now);

  size_t connections() const { return table_.size(); }
  // A payload of these bytes, which are copied.
  Payload real_bytes(std::span<const std::byte> bytes);

 private:
  friend class TcpConnection;
  struct Listener {
    TcpOptions options;
    TcpAcceptor* acceptor = nullptr;
  };

  void expire(Timer& timer, Time now) override;
  TcpAcceptor& acceptor_at(uint16_t port);
  bool checksum_is_right(const Frame& frame, const IpReceived& ip) const;
  void receive_unmatched(const TcpHeader& header, uint32_t payload_size, const IpReceived& ip,
                         Time now);
  void accept_syn(const TcpHeader& header, const IpReceived& ip, Listener& listener, Time now);
  void send_reset(const TcpHeader& header, uint32_t payload_size, const IpReceived& ip, Time now);
  TcpConnection* quoted_connection(const IpFlow& sent, std::span<const std::byte> quoted);
  // Called by a connection whose state became CLOSED: it is destroyed in an event of its own, when
  // nothing of it can be on the call stack any more.
  void bury(TcpConnection& connection, Time now);

  Scheduler& scheduler_;
  Entity& node_;
  IpOutput& output_;
  Random random_;
  DropCounters& drops_;
  TcpFlowTable table_;
  std::map<uint16_t, Listener> listeners_;
  size_t half_open_ = 0;
  size_t time_waits_ = 0;
  std::vector<std::unique_ptr<TcpConnection>> buried_;
  Timer bury_timer_;
};

}  // namespace violin
