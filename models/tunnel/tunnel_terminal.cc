#include "models/tunnel/tunnel_terminal.hh"

#include <algorithm>
#include <optional>

#include "core/check.hh"

namespace violin {

TunnelTerminal::TunnelTerminal(std::string name, UdpLayer& udp)
    : name_(std::move(name)), udp_(udp) {
  CHECK(udp_.bind(TunnelHeader::kUdpPort, *this));
}

TunnelTerminal::~TunnelTerminal() { udp_.unbind(TunnelHeader::kUdpPort); }

void TunnelTerminal::attach(TunnelEnd& end) {
  CHECK(find(end.receive_session()) == nullptr);
  ends_.emplace_back(end.receive_session(), &end);
  std::sort(ends_.begin(), ends_.end(),
            [](const auto& left, const auto& right) { return left.first < right.first; });
}

TunnelEnd* TunnelTerminal::find(uint64_t session) const {
  const auto at = std::lower_bound(ends_.begin(), ends_.end(), session,
                                   [](const auto& entry, uint64_t s) { return entry.first < s; });
  return at != ends_.end() && at->first == session ? at->second : nullptr;
}

void TunnelTerminal::receive_datagram(Frame data, const UdpReceived&, Time now) {
  data.make_contiguous(std::min(TunnelHeader::kSize + TunnelHeader::kTagSize, data.size()));
  const std::optional<TunnelHeader> header = TunnelHeader::read(data.headers());
  if (!header) {
    drops_.count(DropReason::kMalformed);
    return;
  }
  TunnelEnd* end = find(header->session);
  if (end == nullptr) {
    drops_.count(DropReason::kWrongSession);
    return;
  }
  end->receive_datagram(std::move(data), now);
}

void TunnelTerminal::receive_error(const IcmpError& error, Time) {
  if (!error.is_fragmentation_needed()) return;
  for (const auto& [session, end] : ends_) {
    if (end->spec().remote == error.sent.destination) end->reduce_path_mtu(error.mtu);
  }
}

}  // namespace violin
