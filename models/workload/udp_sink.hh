#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/node/host.hh"
#include "models/workload/measurement.hh"
#include "models/workload/udp_arrivals.hh"

namespace violin {

struct UdpSinkSpec {
  std::string name;  // of the workload; names the random substream of the sample of delays
  uint16_t port = 5'001;
  MeasureWindow window;
};

// The receiving half of a udp workload, for the datagrams of one UdpSource (udp_arrivals.hh).
class UdpSink final : private UdpReceiver {
 public:
  static constexpr size_t kDelaysMax = UdpArrivals::kDelaysMax;
  static constexpr uint64_t kHistory = UdpArrivals::kHistory;

  // The port must be free: a bug of the caller if not.
  UdpSink(Host& host, UdpSinkSpec spec);
  ~UdpSink();

  const UdpSinkSpec& spec() const { return spec_; }
  uint64_t received() const { return arrivals_.received(); }
  uint64_t duplicates() const { return arrivals_.duplicates(); }
  uint64_t reordered() const { return arrivals_.reordered(); }
  // What was lost at the very end is not seen here: compare with UdpSource::sent().
  uint64_t lost() const { return arrivals_.lost(); }
  uint64_t malformed() const { return malformed_; }  // not of a UdpSource
  uint64_t bytes() const { return arrivals_.bytes(); }
  uint64_t window_bytes() const { return arrivals_.window_bytes(); }
  const BinnedSeries& series() const { return arrivals_.series(); }
  const std::vector<Duration>& delays() const { return arrivals_.delays(); }
  Duration jitter() const { return arrivals_.jitter(); }

 private:
  void receive_datagram(Frame data, const UdpReceived& from, Time now) override;

  Host& host_;
  UdpSinkSpec spec_;
  UdpArrivals arrivals_;
  uint64_t malformed_ = 0;
};

}  // namespace violin
