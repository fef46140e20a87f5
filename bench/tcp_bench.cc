#include <benchmark/benchmark.h>

#include <memory>

#include "core/frame.hh"
#include "core/pacer.hh"
#include "core/scheduler.hh"
#include "models/tcp/tcp_connection.hh"
#include "models/tcp/tcp_layer.hh"
#include "models/workload/tcp_sink.hh"
#include "models/workload/tcp_source.hh"

// What the two ends of a bulk transfer cost per data segment, over an ideal pipe in memory: frames
// with real headers, no IP, no wire. Delivery is in bursts, one timer event per millisecond, so the
// scheduler's share is small: what is measured is TCP.

namespace violin {
namespace {

using namespace literals;

class Pipe final : private TimerTarget {
 public:
  class End final : public Entity, public IpOutput {
   public:
    End(Pipe& pipe, const char* name, uint32_t number)
        : Entity(name),
          address(IpAddress::v4(number)),
          layer(pipe.scheduler, *this, *this, Random(number), drops),
          pipe_(pipe) {}
    Frame new_frame() override { return Frame::allocate(pipe_.pools); }
    void send_ip(Frame frame, const IpFlow&, const IpSendOptions&, Time now) override {
      ++sent;
      outbox.push_back(std::move(frame), now + 1_ms);
      if (!pipe_.timer_.armed()) pipe_.timer_.arm(now + 1_ms);
    }
    int64_t mtu_towards(IpAddress) const override { return 1'500; }

    const IpAddress address;
    DropCounters drops;
    TcpLayer layer;
    FrameQueue outbox;
    uint64_t sent = 0;

   private:
    Pipe& pipe_;
  };

  Pipe() : a(*this, "a", 1), b(*this, "b", 2), timer_(scheduler, a, *this) {}

  void deliver(End& from, End& to, Time now) {
    const IpReceived ip{from.address, to.address, ip_protocol::kTcp, 64, 0, Ecn::kNotCapable};
    while (!from.outbox.empty() && from.outbox.front_stamp() <= now) {
      Frame frame = from.outbox.pop_front();
      // Every `drop_every`th segment of the bulk direction is lost.
      if (drop_every > 0 && &from == &a && ++passed_ % drop_every == 0) continue;
      to.layer.receive(std::move(frame), ip, now);
    }
  }
  void expire(Timer&, Time now) override {
    deliver(a, b, now);
    deliver(b, a, now);
    Time next = Time::never();
    for (const End* end : {&a, &b}) {
      if (!end->outbox.empty()) next = std::min(next, end->outbox.front_stamp());
    }
    if (next != Time::never()) timer_.arm(next);
  }

  uint64_t drop_every = 0;
  BufferPools pools;
  Scheduler scheduler;
  End a;
  End b;

 private:
  uint64_t passed_ = 0;
  Timer timer_;
};

// Argument: every how manieth data segment is lost; 0 = none.
void transfer(benchmark::State& state) {
  Pipe pipe;
  TcpSinkSpec sink_spec;
  sink_spec.name = "bulk";
  sink_spec.port = 80;
  // 2 ms of round trip: a window of 300 segments.
  sink_spec.options.receive_buffer = Bytes(300 * 1'448);
  TcpSink sink(pipe.scheduler, pipe.b, pipe.b.layer, sink_spec);
  TcpSourceSpec source_spec;
  source_spec.name = "bulk";
  source_spec.local = pipe.a.address;
  source_spec.remote = {pipe.b.address, 80};
  source_spec.duration = Duration::seconds(1'000'000);
  TcpSource source(pipe.scheduler, pipe.a, pipe.a.layer, source_spec, Random(1));
  source.start();
  Warp warp;
  Time now = Time::zero() + 1_s;
  pipe.scheduler.run_until(now, warp);
  pipe.drop_every = static_cast<uint64_t>(state.range(0));
  const uint64_t sent_before = pipe.a.sent;
  for (auto _ : state) {
    now += 100_ms;
    pipe.scheduler.run_until(now, warp);
  }
  const auto segments = static_cast<double>(pipe.a.sent - sent_before);
  state.counters["ns_per_segment"] = benchmark::Counter(
      segments * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["wrong_bytes"] = static_cast<double>(sink.wrong_bytes());
  state.counters["retransmissions"] = static_cast<double>(source.retransmissions());
  state.counters["connection_bytes"] = static_cast<double>(sizeof(TcpConnection));
}
BENCHMARK(transfer)->Arg(0)->Arg(1'000)->Arg(100);

}  // namespace
}  // namespace violin
