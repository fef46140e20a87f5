#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/drop_reason.hh"
#include "models/node/udp_layer.hh"
#include "models/tunnel/tunnel_end.hh"

namespace violin {

// The tunnel port of one overlay host: hands each datagram to the tunnel end whose session it
// names. All violins share the port; the session alone tells their frames apart, and a datagram of
// no session here is dropped as kWrongSession without an answer.
class TunnelTerminal final : public UdpReceiver {
 public:
  // Binds TunnelHeader::kUdpPort. The layer outlives the terminal.
  TunnelTerminal(std::string name, UdpLayer& udp);
  ~TunnelTerminal();
  TunnelTerminal(const TunnelTerminal&) = delete;
  TunnelTerminal& operator=(const TunnelTerminal&) = delete;

  // `end` receives the datagrams of its receive_session(), which nobody else has.
  void attach(TunnelEnd& end);

  void receive_datagram(Frame data, const UdpReceived& from, Time now) override;
  void receive_error(const IcmpError& error, Time now) override;
  const std::string& name() const { return name_; }
  const DropCounters& drops() const { return drops_; }

 private:
  TunnelEnd* find(uint64_t session) const;

  std::string name_;
  UdpLayer& udp_;
  std::vector<std::pair<uint64_t, TunnelEnd*>> ends_;  // by session
  DropCounters drops_;
};

}  // namespace violin
