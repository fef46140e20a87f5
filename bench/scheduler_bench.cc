#include "core/scheduler.hh"

#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "core/random.hh"

// What one event costs with `n` of them pending: each timer re-arms itself at a random later time,
// as the head of a wire's flight does ("hold model").

namespace violin {
namespace {

class Holder final : public TimerTarget {
 public:
  Holder(Scheduler& scheduler, Random& random)
      : entity_("holder"), timer_(scheduler, entity_, *this), random_(random) {}
  void start(Time now) { timer_.arm(now + next()); }
  void expire(Timer& timer, Time now) override { timer.arm(now + next()); }

 private:
  Duration next() {
    return Duration::nanoseconds(1 + static_cast<int64_t>(random_.below(1'000'000)));
  }
  Entity entity_;
  Timer timer_;
  Random& random_;
};

void events(benchmark::State& state) {
  Scheduler scheduler;
  Random random(1);
  std::vector<std::unique_ptr<Holder>> holders;
  for (int64_t i = 0; i < state.range(0); ++i) {
    holders.push_back(std::make_unique<Holder>(scheduler, random));
    holders.back()->start(Time::zero());
  }
  Warp warp;
  constexpr uint64_t kBatch = 1'000;
  for (auto _ : state) scheduler.run_until(Time::never(), warp, kBatch);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatch));
}
BENCHMARK(events)->Arg(10)->Arg(100)->Arg(1'000)->Arg(10'000)->Arg(100'000);

// Re-arming a pending timer to a later deadline: what TCP does on every acknowledgment.
void rearm_later(benchmark::State& state) {
  Scheduler scheduler;
  Entity entity("timer");
  struct Nobody final : TimerTarget {
    void expire(Timer&, Time) override {}
  } nobody;
  Timer timer(scheduler, entity, nobody);
  Time deadline = Time::zero();
  for (auto _ : state) timer.arm(deadline += Duration::nanoseconds(1));
}
BENCHMARK(rearm_later);

}  // namespace
}  // namespace violin
