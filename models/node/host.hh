#pragma once

#include <memory>
#include <string>

#include "models/node/ip_node.hh"
#include "models/node/udp_layer.hh"

namespace violin {

class TcpLayer;

// A host: the end of conversations. It forwards nothing for others, whatever its routes, answers
// echo requests, and has UDP and TCP. An idle host costs well under 2 KB: transports, caches and
// timers are made when they are first needed.
class Host final : public IpNode {
 public:
  Host(std::string name, const NodeContext& context);
  ~Host() override;

  UdpLayer& udp() { return udp_; }
  // Made when first asked for. Until then segments are for no one, and their sender is told so with
  // a reset, for which it is made, too.
  TcpLayer& tcp();

 private:
  Frame receive_transport(Frame frame, const IpReceived& ip, Time now) override;
  void receive_transport_error(const IcmpError& error, Time now) override;
  void forget_soft_state(Time now) override;

  UdpLayer udp_;
  std::unique_ptr<TcpLayer> tcp_;
};

}  // namespace violin
