#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "emulator/os/udp_socket.hh"
#include "emulator/realtime/alarm.hh"
#include "emulator/realtime/realtime.hh"
#include "emulator/tunnel/join_client.hh"
#include "emulator/tunnel/join_server.hh"
#include "emulator/tunnel/udp_tunnel.hh"

namespace violin {

// The control port of an overlay host: the UDP socket over which its tunnels are joined. At one end
// of each link we ask to join, at the other we answer; what comes of it goes to the tunnels. Its
// times are CLOCK_MONOTONIC's, for joining goes on before scenario time begins. What a datagram or
// a deadline costs does not grow with the number of links, but for a logarithm.
class ControlPort final : public InputSource, private TunnelKeeper {
 public:
  static constexpr uint16_t kUdpPort = 52005;

  struct Options {
    bool v6 = false;
    uint16_t port = kUdpPort;
    KeyPair own;
    uint16_t data_port = TunnelHeader::kUdpPort;  // where our datagrams come in
  };
  // One link, as both of its ends know it.
  struct Link {
    std::string violin;
    std::string name;
    Encryption encryption = Encryption::kNone;
    PublicKey peer{};
    IpAddress peer_address;
  };

  ControlPort(Realtime& realtime, const Options& options);
  ~ControlPort();
  ControlPort(const ControlPort&) = delete;
  ControlPort& operator=(const ControlPort&) = delete;

  void add_violin(const std::string& name, const SecretKey& key);
  // We join at the peer; start() begins. The tunnel outlives the port.
  void join(const Link& link, UdpTunnel& tunnel);
  // The peer joins here.
  void admit(const Link& link, UdpTunnel& tunnel);
  // Sends the first requests.
  void start();
  // Tells every peer that we go; does not wait for answers.
  void leave();

  // Every tunnel can send.
  bool is_ready() const;
  // In words, for the first tunnel that cannot: "v1/h1--h2: nobody answers at 10.0.0.2".
  std::string what_is_missing() const;
  // Control datagrams that were met with silence.
  const JoinServerCounters& counters() const { return server_.counters(); }

  size_t read_input(Time now) override;

 private:
  struct Client {
    Link link;
    UdpTunnel* tunnel;
    std::unique_ptr<JoinClient> joining;
    std::string failure;
  };
  struct Admitted {
    Link link;
    UdpTunnel* tunnel;
  };
  // Which end of which link a tunnel is.
  struct Role {
    bool asks;
    uint32_t index;  // of clients_ or admitted_
  };
  // Former keys that are still received, for datagrams under way.
  struct Former {
    UdpTunnel* tunnel;
    uint64_t receive_session;
  };
  static Time now();
  void session_heard(UdpTunnel& tunnel, uint64_t receive_session) override;
  void take(std::span<const std::byte> datagram, const UdpEndpoint& from);
  // The one way by which a client's state changes, so that `deadlines_` follows.
  template <typename Change>
  void change(uint32_t index, Change&& change);
  void expire();
  void count_datagrams(Time at);
  void set_alarm();
  void carry_out(const JoinOutput& output, Client* client);
  void happened(const JoinEvent& event, UdpTunnel& tunnel, Client* client);
  void send(const ControlDatagram& datagram);

  Realtime& realtime_;
  Options options_;
  UdpSocket socket_;
  JoinServer server_;
  std::vector<std::pair<std::string, SecretKey>> violins_;
  std::vector<Client> clients_;                       // by their index
  std::vector<Admitted> admitted_;                    // by the server's number
  std::unordered_map<const UdpTunnel*, Role> roles_;  // only looked up
  std::set<std::pair<Time, uint32_t>> deadlines_;     // of clients
  std::multimap<Time, Former> former_;                // by when they end
  Time next_count_ = Time::beginning();               // when counters are looked at again
  Alarm alarm_;
};

}  // namespace violin
