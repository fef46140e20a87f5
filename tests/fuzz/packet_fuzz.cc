#include <cstddef>
#include <cstdint>
#include <span>

#include "core/check.hh"
#include "core/pacer.hh"
#include "core/scheduler.hh"
#include "models/node/host.hh"
#include "models/node/learning_switch.hh"
#include "models/node/router.hh"
#include "models/workload/ping.hh"
#include "models/workload/traceroute.hh"

// Arbitrary frames into a switch, a router and a host. Input: records of a control byte, a length
// byte and that many bytes of frame. The control byte says at which node and interface the frame
// arrives, whether its destination is made that node's (random bytes seldom hit it), and whether
// its checksums are said to be right. Nothing may crash, leak or lose count of a frame.

namespace violin {
namespace {

struct NullSink final : FrameSink {
  void receive(Frame, Time) override {}
};

struct Nodes {
  Nodes() {
    for (Node* node : all) {
      for (const char* address : {"10.0.0.1/24", "10.0.1.1/24"}) {
        const int index = static_cast<int>(node->nic_count());
        NicSpec spec;
        spec.mac = MacAddress::from_bits(0x02'00'00'00'00'01 + static_cast<uint64_t>(index));
        spec.addresses.push_back(InterfaceAddress::parse(address).value());
        spec.addresses.push_back(
            InterfaceAddress::parse(index == 0 ? "fd00::1/64" : "fd00:1::1/64").value());
        spec.mtu = index == 0 ? 1500 : 100;
        node->add_nic(std::move(spec)).connect(out);
      }
    }
    ping.start(Time::zero());
    trace.start(Time::zero());
    scheduler.run_until(Time::zero(), warp);
  }

  NullSink out;
  Warp warp;
  Scheduler scheduler;
  BufferPools pools;
  NodeContext context{scheduler, pools, 1};
  LearningSwitch lan{"s1", context, {.stations_max = 4}};
  Router router{"r1", context};
  Host host{"h1", context};
  Node* all[3] = {&lan, &router, &host};
  Ping ping{host, {.name = "p", .target = IpAddress::v4(0x0a000002), .ip = {}}};
  Traceroute trace{host, {.name = "t", .target = IpAddress::v4(0x0a000102)}};
};

}  // namespace
}  // namespace violin

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace violin;
  Nodes nodes;
  std::span<const std::byte> rest(reinterpret_cast<const std::byte*>(data), size);
  while (rest.size() >= 2) {
    const auto control = static_cast<uint8_t>(rest[0]);
    const size_t length = std::min(rest.size() - 2, static_cast<size_t>(rest[1]));
    Node& node = *nodes.all[control % 3];
    Nic& at = node.nic(control >> 2 & 1);
    Frame frame = Frame::from_bytes(nodes.pools, rest.subspan(2, length));
    if ((control & 0x10) != 0 && frame.header_size() >= 6) {
      store_be48(frame.headers().data(), at.mac().bits());
    }
    frame.set_checksum_good((control & 0x20) != 0);
    at.receive(std::move(frame), nodes.scheduler.now());
    CHECK(node.counters().balanced());
    if ((control & 0x40) != 0) {
      nodes.scheduler.run_until(nodes.scheduler.now() + Duration::milliseconds(700), nodes.warp);
    }
    rest = rest.subspan(2 + length);
  }
  nodes.scheduler.run_until(nodes.scheduler.now() + Duration::seconds(60), nodes.warp);
  for (Node* node : nodes.all) CHECK(node->counters().balanced());
  return 0;
}
