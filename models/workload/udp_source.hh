#pragma once

#include <cstdint>
#include <string>

#include "core/random.hh"
#include "core/scheduler.hh"
#include "core/units.hh"
#include "models/node/host.hh"
#include "models/workload/udp_datagram.hh"

namespace violin {

struct UdpSourceSpec {
  std::string name;  // of the workload; names the random substream of Poisson arrivals
  IpAddress target;
  uint16_t port = 5'001;
  BitRate rate =
      BitRate::megabits_per_second(1);  // of UDP data, without any header, as iperf has it
  uint32_t size = 1'470;                // bytes of data in a datagram: 16 to 65 507
  bool poisson = false;  // exponential gaps with the mean that `rate` gives, rather than equal ones
  IpSendOptions ip;
};

// The sending half of a udp workload: datagrams of one size, at a constant rate or as a Poisson
// process, whatever comes back. At a constant rate the remainder of the division is carried: N
// datagrams take ceil(N x bits / rate) nanoseconds.
class UdpSource final : private TimerTarget, private UdpReceiver {
 public:
  static constexpr uint32_t kSizeMax = 65'507;

  UdpSource(Host& host, UdpSourceSpec spec);
  ~UdpSource();

  // Sends the first datagram at `at` (a Poisson process: the first gap begins then), none at or
  // after `end`.
  void start(Time at, Time end);
  void stop() { timer_.cancel(); }

  const UdpSourceSpec& spec() const { return spec_; }
  uint64_t sent() const { return sent_; }
  uint64_t bytes_sent() const { return sent_ * spec_.size; }
  uint64_t errors() const { return errors_; }  // ICMP errors about our datagrams

 private:
  void expire(Timer&, Time now) override;
  void receive_datagram(Frame, const UdpReceived&, Time) override {}
  void receive_error(const IcmpError&, Time) override { ++errors_; }
  Time next_departure();

  Host& host_;
  UdpSourceSpec spec_;
  uint64_t stream_;
  Random random_;
  uint16_t source_port_;
  Timer timer_;
  Time departure_;
  Time end_;
  int64_t remainder_ = 0;  // of the gaps so far: bit nanoseconds modulo the rate
  uint64_t sent_ = 0;
  uint64_t errors_ = 0;
};

}  // namespace violin
