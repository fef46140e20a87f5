#include "models/node/learning_switch.hh"

#include <benchmark/benchmark.h>

#include "core/ethernet.hh"

// What a switch costs per unicast frame between `n` known stations on eight ports.

namespace violin {
namespace {

class Keeper final : public FrameSink {
 public:
  void receive(Frame frame, Time) override { kept = std::move(frame); }
  Frame kept;
};

void unicast(benchmark::State& state) {
  constexpr size_t kPorts = 8;
  const auto stations = static_cast<uint64_t>(state.range(0));
  Scheduler scheduler;
  BufferPools pools;
  LearningSwitch lan("s1", {scheduler, pools, 1});
  Keeper keeper;
  for (size_t i = 0; i < kPorts; ++i) {
    lan.add_nic({.name = "eth" + std::to_string(i)}).connect(keeper);
  }
  const auto mac = [](uint64_t station) {
    return MacAddress::local_from_hash(station * 0x9e3779b97f4a7c15);
  };
  keeper.kept = Frame::allocate(pools);
  keeper.kept.append(60);
  Time now = Time::zero();
  uint64_t station = 0;
  const auto send = [&](uint64_t from, uint64_t to) {
    EthernetHeader{mac(to), mac(from), ether_type::kIpv4}.write(keeper.kept.headers().data());
    lan.nic(from % kPorts).receive(std::move(keeper.kept), now);
  };
  for (uint64_t i = 0; i < stations; ++i) send(i, i + 1 < stations ? i + 1 : 0);
  for (auto _ : state) {
    send(station, (station + 1) % stations);
    station = (station + 1) % stations;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(unicast)->Arg(8)->Arg(1'000)->Arg(8'000);

}  // namespace
}  // namespace violin
