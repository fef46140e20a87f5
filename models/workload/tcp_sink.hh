#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/entity.hh"
#include "core/scheduler.hh"
#include "core/time.hh"
#include "models/tcp/tcp_connection.hh"
#include "models/tcp/tcp_layer.hh"
#include "models/workload/measurement.hh"
#include "models/workload/tcp_flow_stream.hh"

namespace violin {

struct TcpSinkSpec {
  struct Pause {
    Time at;
    Duration length;
  };
  std::string name;  // of the workload; the source must have the same
  uint16_t port = 0;
  TcpOptions options;
  MeasureWindow window;
  std::optional<Pause> pause;  // in which nothing is read: buffers fill, and windows close
};

// What the receiving half knows about a flow. Instants that did not come are Time::never().
struct TcpSinkFlow {
  static constexpr uint64_t kUnknown = ~uint64_t{0};
  uint64_t number = kUnknown;  // until its first eight bytes have come
  Time established = Time::never();
  Time first_byte = Time::never();
  Time last_byte = Time::never();
  int64_t bytes = 0;
  int64_t wrong_bytes = 0;
};

// The receiving half of a tcp workload: accepts connections, reads everything at once but in its
// pause, verifies every byte and counts. Goodput is what it read in order inside the measure
// window. Limits: kFlowsKept records; counts go on beyond.
class TcpSink final : private TcpAcceptor, private TimerTarget {
 public:
  static constexpr size_t kFlowsKept = 1'000'000;

  // Listens from now on. `tcp` must outlive the sink's last event.
  TcpSink(Scheduler& scheduler, Entity& node, TcpLayer& tcp, TcpSinkSpec spec);
  ~TcpSink();
  TcpSink(const TcpSink&) = delete;
  TcpSink& operator=(const TcpSink&) = delete;

  // Arms the pause, if there is one; to be called once, when all entities have their ranks.
  void start();

  const std::string& name() const { return spec_.name; }
  int64_t bytes() const { return bytes_; }
  int64_t bytes_in_window() const { return bytes_in_window_; }
  // Bytes that were not what the source sent: always zero, unless TCP or its checksum failed.
  int64_t wrong_bytes() const { return wrong_bytes_; }
  uint64_t flows_accepted() const { return flows_accepted_; }
  // Bytes read in each 100 ms.
  const BinnedSeries& series() const { return series_; }
  // By number; those whose number is not known come last, as they came.
  std::vector<TcpSinkFlow> flows() const;

 private:
  class Reader;

  TcpUser& accept(TcpConnection& connection, Time now) override;
  void expire(Timer& timer, Time now) override;
  void reader_is_over(Reader& reader);
  void count(int64_t bytes, Time now);

  const TcpSinkSpec spec_;
  Timer timer_;  // the beginning of the pause, then its end
  bool pauses_ = false;
  std::vector<std::unique_ptr<Reader>> readers_;  // active, as they came
  std::vector<TcpSinkFlow> over_;
  BinnedSeries series_;
  int64_t bytes_ = 0;
  int64_t bytes_in_window_ = 0;
  int64_t wrong_bytes_ = 0;
  uint64_t flows_accepted_ = 0;
};

}  // namespace violin
