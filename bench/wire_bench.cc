#include "models/link/wire.hh"

#include <benchmark/benchmark.h>

// What one frame-hop costs: through the queue, over the wire, out of the far end with its digest,
// and back into the same wire. `load` frames circulate, so that the queue is never empty.

namespace violin {
namespace {

class Returner final : public FrameSink {
 public:
  void receive(Frame frame, Time now) override { wire->receive(std::move(frame), now); }
  Wire* wire = nullptr;
};

Frame segment_like_frame(BufferPools& pools) {
  Frame frame = Frame::allocate(pools);
  std::byte* headers = frame.append(66);  // Ethernet, IPv4, TCP with timestamps
  for (int i = 0; i < 66; ++i) headers[i] = static_cast<std::byte>(i);
  frame.set_payload(Payload::of_stream(1, 0, 1448));
  return frame;
}

void hops(benchmark::State& state, const WireSpec& spec) {
  BufferPools pools;
  Scheduler scheduler;
  Warp warp;
  const MeasureWindow window;
  Returner returner;
  Flight flight(scheduler, "a->b");
  flight.set_sink(returner);
  Wire wire(flight, spec, {1, window});
  flight.set_feeder(wire);
  returner.wire = &wire;
  scheduler.run_until(Time::zero(), warp);
  for (int i = 0; i < 100; ++i) wire.receive(segment_like_frame(pools), Time::zero());
  const uint64_t before = flight.delivered();
  constexpr uint64_t kBatch = 1'000;
  for (auto _ : state) scheduler.run_until(Time::never(), warp, kBatch);
  state.SetItemsProcessed(static_cast<int64_t>(flight.delivered() - before));
}

constexpr BitRate kRate = BitRate::megabits_per_second(100);
constexpr Duration kDelay = Duration::milliseconds(1);

void plain(benchmark::State& state) { hops(state, {.rate = kRate, .delay = kDelay}); }
BENCHMARK(plain);

void without_rate(benchmark::State& state) { hops(state, {.delay = kDelay}); }
BENCHMARK(without_rate);

void with_jitter_and_loss(benchmark::State& state) {
  hops(state, {.rate = kRate,
               .delay = kDelay,
               .jitter = {.stddev = Duration::microseconds(100)},
               .loss = BernoulliLoss{Probability::from_parts(1), {}}});
}
BENCHMARK(with_jitter_and_loss);

void with_discipline(benchmark::State& state) {
  hops(state, {.rate = kRate,
               .delay = kDelay,
               .queue = {.kind = static_cast<QueueSpec::Kind>(state.range(0)),
                         // Targets that never drop: the same frames circulate for ever.
                         .red_min = Bytes(10'000'000),
                         .red_max = Bytes(20'000'000),
                         .codel_target = Duration::seconds(10),
                         .pie_target = Duration::seconds(10)}});
}
BENCHMARK(with_discipline)
    ->ArgName("kind")
    ->Arg(static_cast<int>(QueueSpec::Kind::kRed))
    ->Arg(static_cast<int>(QueueSpec::Kind::kCodel))
    ->Arg(static_cast<int>(QueueSpec::Kind::kFqCodel))
    ->Arg(static_cast<int>(QueueSpec::Kind::kPie));

}  // namespace
}  // namespace violin
