#include "models/workload/udp_source.hh"

#include <utility>

#include "core/check.hh"
#include "core/distributions.hh"

namespace violin {

UdpSource::UdpSource(Host& host, UdpSourceSpec spec)
    : host_(host),
      spec_(std::move(spec)),
      stream_(stable_hash(spec_.name, 0)),
      random_(substream(host.seed(), host.name(), "udp " + spec_.name)),
      source_port_(host.udp().ephemeral_port()),
      timer_(host.scheduler(), host.entity(), *this) {
  CHECK(spec_.size >= UdpDatagramHeader::kSize && spec_.size <= kSizeMax);
  CHECK_COMPARE(spec_.rate.bps(), >, 0);
  CHECK_COMPARE(source_port_, !=, 0);
  CHECK(host.udp().bind(source_port_, *this));
}

UdpSource::~UdpSource() { host_.udp().unbind(source_port_); }

void UdpSource::start(Time at, Time end) {
  end_ = end;
  departure_ = at;
  if (spec_.poisson) departure_ = next_departure();
  if (departure_ < end_) timer_.arm(departure_);
}

Time UdpSource::next_departure() {
  using Wide = __int128;
  const Wide bit_nanoseconds = Wide{spec_.size} * 8 * 1'000'000'000;
  const int64_t rate = spec_.rate.bps();
  if (spec_.poisson) {
    const auto mean = static_cast<int64_t>((bit_nanoseconds + rate / 2) / rate);
    return departure_ + exponential(random_, Duration::nanoseconds(mean));
  }
  // remainder_ is how much of a nanosecond has been waited too long so far: it is at most 0.
  const Wide due = bit_nanoseconds + remainder_;
  const auto gap = static_cast<int64_t>((due + rate - 1) / rate);
  remainder_ = static_cast<int64_t>(due - Wide{gap} * rate);
  return departure_ + Duration::nanoseconds(gap);
}

void UdpSource::expire(Timer&, Time now) {
  departure_ = now;
  Frame data = host_.new_frame();
  UdpDatagramHeader{sent_, now}.write(data.append(UdpDatagramHeader::kSize));
  const uint32_t rest = spec_.size - UdpDatagramHeader::kSize;
  data.set_payload(Payload::of_stream(stream_, sent_ * rest, rest));
  ++sent_;
  const IpAddress source = host_.source_for(spec_.target);
  departure_ = next_departure();
  if (departure_ < end_) timer_.arm(departure_);
  if (source.is_unspecified()) {
    ++errors_;  // no route: a socket would say so
    return;
  }
  host_.udp().send(std::move(data), {source, source_port_, spec_.target, spec_.port}, spec_.ip,
                   now);
}

}  // namespace violin
