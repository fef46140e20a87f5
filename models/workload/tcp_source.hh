#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/addresses.hh"
#include "core/random.hh"
#include "core/scheduler.hh"
#include "core/time.hh"
#include "core/units.hh"
#include "models/tcp/tcp_connection.hh"
#include "models/tcp/tcp_layer.hh"
#include "models/tcp/tcp_options.hh"
#include "models/workload/tcp_flow_stream.hh"

namespace violin {

enum class TcpLoad : uint8_t {
  kDuration,  // one flow that always has more to send, for `duration`
  kSize,      // one flow of `size` bytes
  kPoisson,   // flows of `size` bytes, begun at random instants for `duration`
};

struct TcpSourceSpec {
  std::string name;  // of the workload; the sink must have the same
  IpAddress local;
  TcpEndpoint remote;
  TcpOptions options;
  TcpLoad load = TcpLoad::kDuration;
  Time at;
  Duration duration;       // kDuration and kPoisson
  Bytes size;              // kSize and kPoisson; at least TcpFlowStream::kNumberSize
  Duration mean_distance;  // kPoisson: between the beginnings of two flows
  bool samples = false;    // keep the series for plots
};

// What the sending half knows about a flow. Instants that did not come are Time::never().
struct TcpSourceFlow {
  uint64_t number = 0;
  Time started = Time::never();  // first SYN
  Time established = Time::never();
  Time finished = Time::never();  // the last byte was acknowledged: finished - started is the FCT
  Time closed = Time::never();
  TcpOutcome outcome = TcpOutcome::kClosed;  // once closed
  int64_t bytes = 0;                         // acknowledged
  uint64_t retransmissions = 0;
  uint64_t timeouts = 0;
  Duration smoothed_rtt;  // at the end
  Duration minimum_rtt;
  Bytes window_max;  // congestion window
};

// A flow at one instant, for plots.
struct TcpSourceSample {
  Time at;
  uint64_t flow = 0;
  Bytes congestion_window;
  Bytes in_flight;
  Duration smoothed_rtt;
};

// The sending half of a tcp workload: opens flows from its node and keeps them supplied. Its
// numbers are the sender's; what arrived is TcpSink's to say.
//
// At the end of `duration` a flow takes back what it has not sent yet and closes, as a program that
// is told to stop; what is in flight is still repaired.
// Limits: kFlowsKept records and kSamplesKept samples; counts go on beyond.
class TcpSource final : private TimerTarget {
 public:
  static constexpr size_t kFlowsKept = 1'000'000;
  static constexpr size_t kSamplesKept = 1'000'000;
  static constexpr Duration kSampleInterval = Duration::milliseconds(100);

  // `random` is the workload's own substream for arrivals.
  TcpSource(Scheduler& scheduler, Entity& node, TcpLayer& tcp, TcpSourceSpec spec, Random random);
  ~TcpSource();
  TcpSource(const TcpSource&) = delete;
  TcpSource& operator=(const TcpSource&) = delete;

  // Arms the first event; to be called once, when all entities have their ranks.
  void start();

  const std::string& name() const { return spec_.name; }
  uint64_t flows_started() const { return flows_started_; }
  uint64_t flows_finished() const { return flows_finished_; }
  // Flows that could not begin: every ephemeral port towards the sink was taken.
  uint64_t flows_without_port() const { return flows_without_port_; }
  // Records of flows that are over and, as they stand, of those that are not; by number.
  std::vector<TcpSourceFlow> flows() const;
  const std::vector<TcpSourceSample>& samples() const { return samples_; }
  // Of all flows so far.
  uint64_t retransmissions() const;
  uint64_t timeouts() const;
  // Of the oldest active flow, or of the last one that ended; zero before any sample.
  Duration smoothed_rtt() const;
  bool active() const { return !flows_.empty(); }

 private:
  class Flow;

  void expire(Timer& timer, Time now) override;
  void begin_flow(Time now);
  void stop(Time now);
  void sample(Time now);
  void flow_is_over(Flow& flow);

  TcpLayer& tcp_;
  const TcpSourceSpec spec_;
  Random random_;
  Timer timer_;       // the next beginning
  Timer stop_timer_;  // the end of `duration`
  Timer sample_timer_;
  std::vector<std::unique_ptr<Flow>> flows_;  // active, by number
  std::vector<TcpSourceFlow> over_;
  std::vector<TcpSourceSample> samples_;
  uint64_t flows_started_ = 0;
  uint64_t flows_finished_ = 0;
  uint64_t flows_without_port_ = 0;
  uint64_t retransmissions_over_ = 0;
  uint64_t timeouts_over_ = 0;
  Duration latest_rtt_;
};

}  // namespace violin
