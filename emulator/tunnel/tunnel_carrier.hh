#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/drop_reason.hh"
#include "emulator/os/udp_socket.hh"
#include "emulator/realtime/realtime.hh"
#include "emulator/tunnel/datagram_batch.hh"
#include "emulator/tunnel/udp_tunnel.hh"

namespace violin {

// The data port of an overlay host under the real clock: the UDP socket that all its tunnels of one
// address family share. Hands each datagram to the tunnel whose session it names; what names none
// is dropped without an answer.
class TunnelCarrier final : public InputSource, public OutputBatch {
 public:
  struct Options {
    bool v6 = false;
    uint16_t port = TunnelHeader::kUdpPort;  // 0 = any
  };

  TunnelCarrier(Realtime& realtime, const Options& options);
  ~TunnelCarrier();
  TunnelCarrier(const TunnelCarrier&) = delete;
  TunnelCarrier& operator=(const TunnelCarrier&) = delete;

  // To add datagrams to; what it holds is sent with the next flush.
  DatagramBatch& batch() {
    if (!std::exchange(pending_, true)) realtime_.flush_later(*this);
    return batch_;
  }
  uint16_t port() const { return socket_.port(); }
  // The tunnel is told of path MTUs until it is removed.
  void add_member(UdpTunnel& tunnel) { members_.push_back(&tunnel); }
  void remove_member(UdpTunnel& tunnel) { std::erase(members_, &tunnel); }
  // The tunnel gets the datagrams of a session until that is detached.
  void attach(uint64_t receive_session, UdpTunnel& tunnel);
  void detach(uint64_t receive_session) { tunnels_.erase(receive_session); }

  size_t read_input(Time now) override;
  void flush() override {
    pending_ = false;
    batch_.flush();
  }
  // Datagrams of no session here, or no tunnel datagrams at all.
  const DropCounters& drops() const { return drops_; }
  // Datagrams lost because they came faster than we read, and those the kernel would not send.
  uint64_t overruns() const { return socket_.drops() + batch_.counters().refused; }
  uint64_t receives() const { return receives_; }

 private:
  bool receive_once(Time now);
  void read_errors();
  void take(std::span<std::byte> datagrams, uint32_t stride, Time now);

  Realtime& realtime_;
  UdpSocket socket_;
  DatagramBatch batch_;
  bool pending_ = false;
  std::unordered_map<uint64_t, UdpTunnel*> tunnels_;  // by receive session; only looked up
  std::vector<UdpTunnel*> members_;
  std::vector<std::byte> buffer_;
  SocketAddress from_;  // of what is being received
  DropCounters drops_;
  uint64_t receives_ = 0;
  uint64_t runs_ = 0;  // of datagrams that belong to one frame
};

}  // namespace violin
