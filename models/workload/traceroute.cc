#include "models/workload/traceroute.hh"

#include <utility>

#include "core/byte_order.hh"
#include "core/check.hh"
#include "core/checksum.hh"
#include "core/random.hh"
#include "core/transport_header.hh"

namespace violin {

Traceroute::Traceroute(IpNode& node, TracerouteSpec spec)
    : node_(node),
      spec_(std::move(spec)),
      // Above what UdpLayer and TcpLayer would give out by themselves only by chance: the port is
      // not bound, and only tells our probes apart in what errors quote.
      source_port_(static_cast<uint16_t>(stable_hash(spec_.name, 0) | 0x8000)),
      timer_(node.scheduler(), node.entity(), *this) {
  CHECK(spec_.target.is_v4());
  CHECK(spec_.hops_max >= 1 && spec_.hops_max <= 255);
  CHECK_COMPARE(spec_.size, <=, 65'507);
  node.icmp().attach_errors(*this);
}

Traceroute::~Traceroute() { node_.icmp().detach_errors(*this); }

void Traceroute::expire(Timer&, Time now) { next_probe(now); }

void Traceroute::next_probe(Time now) {
  waiting_ = false;
  const bool hop_done = hops_.empty() || probe_ + 1 >= kProbesPerHop;
  if (!hop_done) {
    ++probe_;
    return send_probe(now);
  }
  if (unreachable_ || hops_.size() == static_cast<size_t>(spec_.hops_max)) {
    finished_ = true;
    return;
  }
  hops_.emplace_back();
  probe_ = 0;
  send_probe(now);
}

void Traceroute::send_probe(Time now) {
  const IpFlow flow{node_.source_for(spec_.target), spec_.target, ip_protocol::kUdp};
  UdpHeader header;
  header.source_port = source_port_;
  header.destination_port = probe_port();
  header.length = static_cast<uint16_t>(UdpHeader::kSize + spec_.size);
  Frame probe = node_.new_frame();
  probe.set_payload(Payload::of_stream(source_port_, probe_port(), spec_.size));
  header.write(probe.append(UdpHeader::kSize));
  header.checksum =
      checksum_of(probe.sums().word_sum() + pseudo_header_sum(flow.source, flow.destination,
                                                              ip_protocol::kUdp, header.length));
  if (header.checksum == 0) header.checksum = 0xffff;
  header.write(probe.headers().data());
  probe.set_checksum_good(true);
  sent_ = now;
  waiting_ = true;
  timer_.arm(now + spec_.timeout);
  IpSendOptions options;
  options.ttl = static_cast<uint8_t>(hops_.size());
  node_.send_ip(std::move(probe), flow, options, now);
}

void Traceroute::receive_icmp_error(const IcmpError& error, Time now) {
  const bool about_probe = waiting_ && error.sent.protocol == ip_protocol::kUdp &&
                           error.sent.destination == spec_.target &&
                           error.source_port() == source_port_ &&
                           error.destination_port() == probe_port();
  const bool ends_way = error.type == IcmpHeader::kDestinationUnreachable;
  if (!about_probe || (!ends_way && error.type != IcmpHeader::kTimeExceeded)) return;
  hops_.back()[probe_] = {error.reporter, now - sent_};
  if (ends_way) unreachable_ = true;
  if (ends_way && error.code == IcmpHeader::kPortUnreachable) reached_ = true;
  waiting_ = false;
  timer_.arm(now);  // from an event of its own: this one belongs to the packet that came in
}

}  // namespace violin
