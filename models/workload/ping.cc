#include "models/workload/ping.hh"

#include <algorithm>
#include <utility>

#include "core/check.hh"
#include "core/random.hh"

namespace violin {

Ping::Ping(IpNode& node, PingSpec spec)
    : node_(node), spec_(std::move(spec)), timer_(node.scheduler(), node.entity(), *this) {
  CHECK(spec_.target.is_v4());
  CHECK_COMPARE(spec_.count, <=, kCountMax);
  CHECK_COMPARE(spec_.size, <=, kSizeMax);
  CHECK_COMPARE(spec_.interval.ns(), >, 0);
  identifier_ = node.icmp().attach(static_cast<uint16_t>(stable_hash(spec_.name, 0)), *this);
}

Ping::~Ping() { node_.icmp().detach(*this); }

void Ping::expire(Timer&, Time now) {
  if (records_.size() >= spec_.count) return;
  const auto sequence = static_cast<uint16_t>(records_.size());
  records_.push_back({now, std::nullopt});
  if (records_.size() < spec_.count) timer_.arm(now + spec_.interval);
  Frame data = node_.new_frame();
  // Each request carries other bytes, as iputils' ping does with its timestamp.
  data.set_payload(Payload::of_stream(identifier_, records_.size(), spec_.size));
  node_.icmp().send_echo(std::move(data), identifier_, sequence,
                         {IpAddress(), spec_.target, ip_protocol::kIcmp}, spec_.ip, now);
}

void Ping::receive_echo_reply(uint16_t sequence, const IpReceived&, Time now) {
  if (records_.empty()) return;
  // The latest request with these low 16 bits.
  const size_t last = records_.size() - 1;
  const size_t back = (last - sequence) & 0xffff;
  if (back > last) return;  // a number never sent
  PingRecord& record = records_[last - back];
  const Duration rtt = now - record.sent;
  if (record.rtt) {
    ++duplicates_;
  } else if (rtt > spec_.timeout) {
    ++late_;
  } else {
    record.rtt = rtt;
    ++received_;
    first_reply_ = std::min(first_reply_, now);
  }
}

uint64_t Ping::lost(Time end) const {
  uint64_t lost = 0;
  for (const PingRecord& record : records_) {
    if (!record.rtt && end - record.sent >= spec_.timeout) ++lost;
  }
  return lost;
}

uint64_t Ping::outstanding(Time end) const { return records_.size() - received_ - lost(end); }

}  // namespace violin
