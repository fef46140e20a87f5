#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/pacer.hh"
#include "core/scheduler.hh"
#include "models/node/host.hh"
#include "models/node/learning_switch.hh"
#include "models/node/router.hh"

namespace violin::testing {

// One direction of a cable without rate, queue or loss: every frame arrives `delay` later. Like a
// wire of the release it hands on the frame itself; `filter` decides which frames get through.
class TestCable final : public FrameSink, private TimerTarget {
 public:
  TestCable(Scheduler& scheduler, Nic& to, Duration delay)
      : entity_("cable to " + to.node().name() + ":" + to.name()),
        timer_(scheduler, entity_, *this),
        to_(to),
        delay_(delay) {}
  void receive(Frame frame, Time now) override {
    ++carried;
    if (cut) return;
    if (!keep_flags) frame.set_checksum_good(false);
    flight_.push_back(std::move(frame), now + delay_);
    if (!timer_.armed()) timer_.arm(flight_.front_stamp());
  }

  bool cut = false;
  bool keep_flags = true;  // false: as if from a real wire, so that every checksum is verified
  uint64_t carried = 0;

 private:
  void expire(Timer&, Time now) override {
    while (!flight_.empty() && flight_.front_stamp() <= now) to_.receive(flight_.pop_front(), now);
    if (!flight_.empty()) timer_.arm(flight_.front_stamp());
  }
  Entity entity_;
  Timer timer_;
  Nic& to_;
  Duration delay_;
  FrameQueue flight_;
};

// A few nodes on TestCables, driven by the virtual clock from time 0 on.
class NodeNetwork {
 public:
  NodeNetwork() { run_to(Time::zero()); }

  NodeContext context() { return {scheduler, pools, 1}; }
  Host& host(const std::string& name) { return add<Host>(name); }
  Router& router(const std::string& name) { return add<Router>(name); }
  LearningSwitch& lan(const std::string& name, LearningSwitchLimits limits = {}) {
    auto made = std::make_unique<LearningSwitch>(name, context(), limits);
    LearningSwitch& node = *made;
    nodes.push_back(std::move(made));
    return node;
  }
  // An interface with one address, "10.0.0.1/24", or none; its MAC is the number of interfaces.
  Nic& nic(Node& node, const std::string& address = {}, int64_t mtu = 1500) {
    NicSpec spec;
    spec.name = "eth" + std::to_string(node.nic_count());
    spec.mac = MacAddress::from_bits(0x0200'0000'0000 | ++macs_);
    if (!address.empty()) spec.addresses.push_back(InterfaceAddress::parse(address).value());
    spec.mtu = mtu;
    return node.add_nic(std::move(spec));
  }
  struct Pair {
    TestCable& to_right;
    TestCable& to_left;
  };
  Pair join(Nic& left, Nic& right, Duration delay = Duration::milliseconds(1)) {
    cables.push_back(std::make_unique<TestCable>(scheduler, right, delay));
    TestCable& to_right = *cables.back();
    cables.push_back(std::make_unique<TestCable>(scheduler, left, delay));
    left.connect(to_right);
    right.connect(*cables.back());
    return {to_right, *cables.back()};
  }
  void route(IpNode& node, const std::string& prefix, const std::string& via, int nic = 0) {
    node.add_routes({{IpPrefix::parse(prefix).value(), nic, IpAddress::parse(via).value()}});
  }
  void run_to(Time end) { scheduler.run_until(end, warp); }
  void run_for(Duration span) { run_to(scheduler.now() + span); }
  Time now() const { return scheduler.now(); }
  bool balanced() const {
    for (const auto& node : nodes) {
      if (!node->counters().balanced()) return false;
    }
    return true;
  }

  Scheduler scheduler;
  BufferPools pools;
  Warp warp;
  std::vector<std::unique_ptr<TestCable>> cables;
  std::vector<std::unique_ptr<Node>> nodes;

 private:
  template <typename Kind>
  Kind& add(const std::string& name) {
    auto made = std::make_unique<Kind>(name, context());
    Kind& node = *made;
    nodes.push_back(std::move(made));
    return node;
  }
  uint64_t macs_ = 0;
};

inline IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }

}  // namespace violin::testing
