// The dumbbell of bench/dumbbell.yaml in ns-3: N bulk CUBIC + SACK flows with 1448-byte segments
// and 8 MiB buffers, access links of 1 Gbit/s and 1 ms, one bottleneck with a drop-tail queue of
// 250 packets and 10 ms. Prints "wall_s packet_hops goodput_bps" on one line. Built by
// bench/side_by_side where ns-3's development files are installed; not part of the project's build.
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "ns3/traffic-control-module.h"

namespace {

constexpr uint16_t kPort = 5001;
uint64_t packet_hops = 0;

void CountHop(ns3::Ptr<const ns3::Packet>) { ++packet_hops; }

struct Options {
  uint32_t flows = 10;
  double seconds = 30;
  std::string rate = "100Mbps";
  std::string trace;
};

Options ReadOptions(int argc, char** argv) {
  Options options;
  ns3::CommandLine line;
  line.AddValue("flows", "number of flows", options.flows);
  line.AddValue("seconds", "simulated seconds", options.seconds);
  line.AddValue("rate", "rate of the bottleneck", options.rate);
  line.AddValue("trace", "file for time, flow and congestion window in bytes, every 100 ms",
                options.trace);
  line.Parse(argc, argv);
  return options;
}

void SetTcpDefaults() {
  using namespace ns3;
  Config::SetDefault("ns3::TcpL4Protocol::SocketType", StringValue("ns3::TcpCubic"));
  Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
  Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(8 << 20));
  Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(8 << 20));
  Config::SetDefault("ns3::TcpSocketBase::Sack", BooleanValue(true));
}

ns3::PointToPointHelper MakeLink(const std::string& rate, const std::string& delay,
                                 const std::string& queue) {
  ns3::PointToPointHelper link;
  link.SetDeviceAttribute("DataRate", ns3::StringValue(rate));
  link.SetChannelAttribute("Delay", ns3::StringValue(delay));
  link.SetQueue("ns3::DropTailQueue", "MaxSize", ns3::StringValue(queue));
  return link;
}

// A subnet of its own for each link, without ns-3's second queue above the device's.
class Addresser {
 public:
  ns3::Ipv4InterfaceContainer Assign(const ns3::NetDeviceContainer& devices) {
    ns3::Ipv4AddressHelper helper(ns3::Ipv4Address(0x0a000000u + (next_++ << 8)), "255.255.255.0");
    ns3::Ipv4InterfaceContainer interfaces = helper.Assign(devices);
    ns3::TrafficControlHelper().Uninstall(devices);
    return interfaces;
  }

 private:
  uint32_t next_ = 0;
};

// Writes the congestion window of every flow each 100 ms: t_s,flow,cwnd_bytes.
class WindowTrace {
 public:
  WindowTrace(const std::string& path, const ns3::ApplicationContainer& sources)
      : file_(path), sources_(sources), windows_(sources.GetN(), 0), seen_(sources.GetN(), false) {
    file_ << "t_s,flow,cwnd_bytes\n";
    Sample();
  }

 private:
  void Sample() {
    for (uint32_t i = 0; i < windows_.size(); ++i) {
      Watch(i);
      file_ << ns3::Simulator::Now().GetSeconds() << ',' << i + 1 << ',' << windows_[i] << '\n';
    }
    ns3::Simulator::Schedule(ns3::MilliSeconds(100), &WindowTrace::Sample, this);
  }
  // A source has no socket before it starts.
  void Watch(uint32_t i) {
    const auto source = ns3::DynamicCast<ns3::BulkSendApplication>(sources_.Get(i));
    if (seen_[i] || source->GetSocket() == nullptr) return;
    seen_[i] = source->GetSocket()->TraceConnectWithoutContext(
        "CongestionWindow", ns3::MakeBoundCallback(&WindowTrace::Set, &windows_[i]));
  }
  static void Set(uint32_t* window, uint32_t, uint32_t now) { *window = now; }

  std::ofstream file_;
  ns3::ApplicationContainer sources_;
  std::vector<uint32_t> windows_;
  std::vector<bool> seen_;
};

}  // namespace

int main(int argc, char** argv) {
  using namespace ns3;
  const Options options = ReadOptions(argc, argv);
  SetTcpDefaults();
  NodeContainer left, right, routers;
  left.Create(options.flows);
  right.Create(options.flows);
  routers.Create(2);
  InternetStackHelper stack;
  stack.InstallAll();

  PointToPointHelper access = MakeLink("1Gbps", "1ms", "1000p");
  PointToPointHelper bottleneck = MakeLink(options.rate, "10ms", "250p");
  Addresser addresser;
  addresser.Assign(bottleneck.Install(routers));
  ApplicationContainer sources, sinks;
  for (uint32_t i = 0; i < options.flows; ++i) {
    addresser.Assign(access.Install(left.Get(i), routers.Get(0)));
    const Ipv4InterfaceContainer far =
        addresser.Assign(access.Install(routers.Get(1), right.Get(i)));
    BulkSendHelper source("ns3::TcpSocketFactory", InetSocketAddress(far.GetAddress(1), kPort));
    source.SetAttribute("MaxBytes", UintegerValue(0));
    ApplicationContainer installed = source.Install(left.Get(i));
    installed.Start(Seconds(0.01 * i));
    sources.Add(installed);
    PacketSinkHelper sink("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), kPort));
    sinks.Add(sink.Install(right.Get(i)));
  }
  Ipv4GlobalRoutingHelper::PopulateRoutingTables();
  Config::ConnectWithoutContext("/NodeList/*/DeviceList/*/$ns3::PointToPointNetDevice/PhyRxEnd",
                                MakeCallback(&CountHop));

  std::optional<WindowTrace> trace;
  if (!options.trace.empty()) trace.emplace(options.trace, sources);

  Simulator::Stop(Seconds(options.seconds));
  const auto start = std::chrono::steady_clock::now();
  Simulator::Run();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < sinks.GetN(); ++i) {
    bytes += DynamicCast<PacketSink>(sinks.Get(i))->GetTotalRx();
  }
  std::cout << wall.count() << ' ' << packet_hops << ' '
            << static_cast<double>(bytes) * 8 / options.seconds << std::endl;
}
