#include "models/workload/udp_sink.hh"

#include <utility>

#include "core/check.hh"

namespace violin {

UdpSink::UdpSink(Host& host, UdpSinkSpec spec)
    : host_(host),
      spec_(std::move(spec)),
      arrivals_(spec_.window, substream(host.seed(), host.name(), "udp delays " + spec_.name)) {
  CHECK(host.udp().bind(spec_.port, *this));
}

UdpSink::~UdpSink() { host_.udp().unbind(spec_.port); }

void UdpSink::receive_datagram(Frame data, const UdpReceived&, Time now) {
  const uint32_t size = data.size();
  const auto header = UdpDatagramHeader::read(data);
  if (!header || !arrivals_.add(*header, size, now)) ++malformed_;
}

}  // namespace violin
