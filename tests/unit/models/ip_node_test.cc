#include "models/node/ip_node.hh"

#include <gtest/gtest.h>

#include <cstring>

#include "core/byte_order.hh"
#include "core/checksum.hh"
#include "models/workload/ping.hh"
#include "tests/support/collecting_sink.hh"
#include "tests/support/node_network.hh"

namespace violin {
namespace {

using namespace literals;
using testing::CollectingSink;
using testing::ip;
using testing::NodeNetwork;
using testing::TestCable;

// What a test sends by itself: an Ethernet frame with an IPv4 packet of `data` bytes.
struct PacketSpec {
  MacAddress to;
  const char* source = "10.0.0.1";
  const char* destination = "10.0.1.2";
  uint8_t ttl = 64;
  uint8_t protocol = ip_protocol::kUdp;
  bool dont_fragment = false;
  uint32_t data = 100;
  MacAddress from = MacAddress::from_bits(0x02'00'00'00'00'99);
};

Frame packet(BufferPools& pools, const PacketSpec& spec) {
  Ipv4Header header;
  header.total_length = static_cast<uint16_t>(Ipv4Header::kSize + spec.data);
  header.ttl = spec.ttl;
  header.protocol = spec.protocol;
  header.dont_fragment = spec.dont_fragment;
  header.source = ip(spec.source);
  header.destination = ip(spec.destination);
  Frame frame = Frame::allocate(pools);
  EthernetHeader{spec.to, spec.from, ether_type::kIpv4}.write(frame.append(EthernetHeader::kSize));
  header.write(frame.append(Ipv4Header::kSize));
  frame.set_payload(Payload::of_stream(1, 0, spec.data));
  frame.set_checksum_good(true);
  return frame;
}

struct Reply {
  Ipv4Header ip;
  IcmpHeader icmp;
  std::vector<std::byte> quote;
  bool checksum_right = false;
};

// The ICMP message in a frame.
Reply icmp_of(const Frame& frame) {
  std::vector<std::byte> bytes(frame.size());
  frame.copy_to(bytes);
  const std::span<const std::byte> all(bytes);
  Reply reply;
  reply.ip = Ipv4Header::read(all.subspan(14)).value();
  reply.icmp = IcmpHeader::read(all.subspan(34)).value();
  reply.quote.assign(bytes.begin() + 42, bytes.end());
  reply.checksum_right = fold_checksum(word_sum(all.subspan(34))) == 0xffff;
  return reply;
}

// A router between two sinks; its neighbours are static, so that no ARP is in the way:
//
//     10.0.0.1 ── left ── eth0 (r1) eth1 ── right ── 10.0.1.2
//                   10.0.0.254   10.0.1.254
class RouterTest : public ::testing::Test {
 protected:
  static constexpr MacAddress kSource = MacAddress::from_bits(0x02'00'00'00'00'99);
  static constexpr MacAddress kTarget = MacAddress::from_bits(0x02'00'00'00'00'98);

  RouterTest() {
    network.nic(router, "10.0.0.254/24").connect(left);
    network.nic(router, "10.0.1.254/24", 1000).connect(right);
    router.add_static_neighbour(router.nic(0), ip("10.0.0.1"), kSource);
    router.add_static_neighbour(router.nic(1), ip("10.0.1.2"), kTarget);
    spec.to = router.nic(0).mac();
  }
  ~RouterTest() override { EXPECT_TRUE(router.counters().balanced()); }

  void give(Frame frame) { router.nic(0).receive(std::move(frame), network.now()); }
  void expect_error(uint8_t type, uint8_t code) {
    ASSERT_EQ(left.count(), 1u);
    const Reply reply = icmp_of(left.frame(0));
    EXPECT_EQ(reply.icmp.type, type);
    EXPECT_EQ(reply.icmp.code, code);
    EXPECT_TRUE(reply.checksum_right);
    EXPECT_EQ(reply.ip.source, ip("10.0.0.254"));
    EXPECT_EQ(reply.ip.destination, ip("10.0.0.1"));
    const auto quoted = Ipv4Header::read(reply.quote);
    ASSERT_TRUE(quoted);
    EXPECT_EQ(quoted->destination, ip(spec.destination));
    EXPECT_EQ(quoted->ttl, spec.ttl);
  }

  NodeNetwork network;
  CollectingSink left, right;
  Router& router = network.router("r1");
  PacketSpec spec;
};

TEST_F(RouterTest, ForwardsWithOneTtlLessNewAddressesAndARightChecksum) {
  for (int i = 0; i < 2; ++i) give(packet(network.pools, spec));  // the second from the cache
  ASSERT_EQ(right.count(), 2u);
  EXPECT_EQ(right.bytes(0), right.bytes(1));
  const auto ethernet = EthernetHeader::read(right.frame(0).headers().data());
  EXPECT_EQ(ethernet.destination, kTarget);
  EXPECT_EQ(ethernet.source, router.nic(1).mac());
  const auto header = Ipv4Header::read(right.frame(0).headers().subspan(14));
  EXPECT_EQ(header->ttl, 63);
  EXPECT_TRUE(Ipv4Header::checksum_is_right(right.frame(0).headers().subspan(14)));
  EXPECT_EQ(router.counters().forwarded, 2u);
}

TEST_F(RouterTest, SaysThatTheTimeIsExceededWhenTheTtlRunsOut) {
  give(packet(network.pools, spec));  // fills the cache: both ways have to notice
  spec.ttl = 1;
  give(packet(network.pools, spec));
  expect_error(IcmpHeader::kTimeExceeded, 0);
  EXPECT_EQ(router.drops().of(DropReason::kTtlExceeded), 1u);
}

TEST_F(RouterTest, SaysThatANetworkIsUnreachableWithoutARoute) {
  spec.destination = "192.0.2.1";
  give(packet(network.pools, spec));
  expect_error(IcmpHeader::kDestinationUnreachable, IcmpHeader::kNetworkUnreachable);
  EXPECT_EQ(router.drops().of(DropReason::kNoRoute), 1u);
}

TEST_F(RouterTest, TellsTheMtuToThoseWhoMayNotBeFragmented) {
  spec.data = 1'200;
  spec.dont_fragment = true;
  give(packet(network.pools, spec));
  expect_error(IcmpHeader::kDestinationUnreachable, IcmpHeader::kFragmentationNeeded);
  EXPECT_EQ(icmp_of(left.frame(0)).icmp.sequence, 1000);
  EXPECT_EQ(right.count(), 0u);
}

TEST_F(RouterTest, FragmentsWhatIsTooLongForTheNextLink) {
  spec.data = 1'400;
  give(packet(network.pools, spec));
  ASSERT_EQ(right.count(), 2u);
  EXPECT_EQ(router.counters().replicated, 1u);
  EXPECT_TRUE(Ipv4Header::read(right.frame(0).headers().subspan(14))->more_fragments);
}

TEST_F(RouterTest, SaysThatAHostIsUnreachableAfterThreeRequestsWithoutAnswer) {
  spec.destination = "10.0.1.7";
  give(packet(network.pools, spec));
  EXPECT_EQ(router.counters().held, 1u);
  network.run_for(2_s);
  EXPECT_EQ(right.count(), 3u);
  EXPECT_EQ(left.count(), 0u);
  network.run_for(1_s);
  spec.ttl = 63;  // as it was when it waited
  expect_error(IcmpHeader::kDestinationUnreachable, IcmpHeader::kHostUnreachable);
  EXPECT_EQ(right.count(), 3u);
  EXPECT_EQ(router.drops().of(DropReason::kNeighbourUnreachable), 1u);
}

TEST_F(RouterTest, SaysThatItsOwnPortsAndProtocolsAreUnreachable) {
  spec.destination = "10.0.0.254";
  give(packet(network.pools, spec));
  expect_error(IcmpHeader::kDestinationUnreachable, IcmpHeader::kPortUnreachable);
  left.arrivals.clear();
  spec.protocol = 99;
  give(packet(network.pools, spec));
  expect_error(IcmpHeader::kDestinationUnreachable, 2);
}

TEST_F(RouterTest, QuotesNoMoreThanFitsInto576Bytes) {
  spec.data = 900;
  spec.ttl = 1;
  give(packet(network.pools, spec));
  EXPECT_EQ(icmp_of(left.frame(0)).ip.total_length, 576);
}

TEST_F(RouterTest, SendsNoErrorsAboutErrorsFragmentsBroadcastsAndGroups) {
  spec.ttl = 1;
  spec.protocol = ip_protocol::kIcmp;
  Frame error = packet(network.pools, spec);
  error.make_contiguous(42);
  error.headers()[34] = std::byte{IcmpHeader::kTimeExceeded};
  give(std::move(error));
  spec.protocol = ip_protocol::kUdp;
  Frame fragment = packet(network.pools, spec);
  Ipv4Header header = Ipv4Header::read(fragment.headers().subspan(14)).value();
  header.fragment_offset = 800;
  header.write(fragment.headers().data() + 14);
  give(std::move(fragment));
  spec.source = "0.0.0.0";
  give(packet(network.pools, spec));
  spec.source = "10.0.0.1";
  spec.to = MacAddress::broadcast();
  give(packet(network.pools, spec));
  spec.destination = "10.0.0.255";
  give(packet(network.pools, spec));
  spec.destination = "224.0.0.9";
  give(packet(network.pools, spec));
  EXPECT_EQ(left.count(), 0u);
  EXPECT_EQ(right.count(), 0u);
  EXPECT_EQ(router.drops().total(), 6u);
}

TEST_F(RouterTest, LimitsItsErrorsToABurstOfFiftyAndAThousandASecond) {
  spec.ttl = 1;
  for (int i = 0; i < 60; ++i) give(packet(network.pools, spec));
  EXPECT_EQ(left.count(), 50u);
  EXPECT_EQ(router.drops().of(DropReason::kRateLimited), 10u);
  network.run_for(5_ms);
  for (int i = 0; i < 60; ++i) give(packet(network.pools, spec));
  EXPECT_EQ(left.count(), 55u);
  spec.ttl = 64;
  spec.data = 1'200;
  spec.dont_fragment = true;
  give(packet(network.pools, spec));  // path MTU discovery is not limited
  EXPECT_EQ(left.count(), 56u);
}

TEST_F(RouterTest, DropsPacketsWithAWrongHeaderChecksum) {
  Frame bad = packet(network.pools, spec);
  bad.headers()[24] ^= std::byte{1};
  bad.set_checksum_good(false);
  give(std::move(bad));
  EXPECT_EQ(router.drops().of(DropReason::kBadChecksum), 1u);
  EXPECT_EQ(right.count(), 0u);
}

TEST_F(RouterTest, CutsOffEthernetPadding) {
  spec.data = 4;
  Frame padded = packet(network.pools, spec);
  std::memset(padded.append(22), 0, 22);
  give(std::move(padded));
  ASSERT_EQ(right.count(), 1u);
  EXPECT_EQ(right.frame(0).size(), 38u);
}

TEST_F(RouterTest, RefusesSourcesThatNoPacketMayHave) {
  for (const char* source : {"127.0.0.1", "224.0.0.1", "255.255.255.255"}) {
    spec.source = source;
    give(packet(network.pools, spec));
  }
  EXPECT_EQ(router.drops().of(DropReason::kMalformed), 3u);
}

TEST_F(RouterTest, ForwardsIpv6ToStaticNeighboursOnly) {
  Nic& v6 = network.nic(router, "fd00:1::254/64");
  v6.connect(right);
  router.add_static_neighbour(v6, ip("fd00:1::2"), kTarget);
  for (const char* destination : {"fd00:1::2", "fd00:1::3"}) {
    Ipv6Header header;
    header.next_header = ip_protocol::kUdp;
    header.hop_limit = 9;
    header.source = ip("fd00::1");
    header.destination = ip(destination);
    Frame frame = Frame::allocate(network.pools);
    EthernetHeader{spec.to, kSource, ether_type::kIpv6}.write(frame.append(EthernetHeader::kSize));
    header.write(frame.append(Ipv6Header::kSize));
    give(std::move(frame));
  }
  ASSERT_EQ(right.count(), 1u);
  EXPECT_EQ(Ipv6Header::read(right.frame(0).headers().subspan(14))->hop_limit, 8);
  EXPECT_EQ(router.drops().of(DropReason::kUnsupported), 1u);
}

TEST_F(RouterTest, ThatGoesDownDropsWhatItHeldAndAllThatComes) {
  spec.destination = "10.0.1.7";
  give(packet(network.pools, spec));
  router.take_down(network.now());
  give(packet(network.pools, spec));
  EXPECT_EQ(router.drops().of(DropReason::kNodeDown), 2u);
  EXPECT_EQ(router.counters().held, 0u);
}

TEST_F(RouterTest, LeavesACachedWayForABetterRouteOrANewNeighbourAddress) {
  spec.destination = "192.0.2.1";
  network.route(router, "192.0.2.0/24", "10.0.0.1", 0);
  give(packet(network.pools, spec));
  EXPECT_EQ(left.count(), 1u);
  network.route(router, "192.0.2.1/32", "10.0.1.2", 1);
  give(packet(network.pools, spec));
  ASSERT_EQ(right.count(), 1u);
  const auto moved = MacAddress::from_bits(0x02'00'00'00'00'97);
  router.add_static_neighbour(router.nic(1), ip("10.0.1.2"), moved);
  give(packet(network.pools, spec));
  ASSERT_EQ(right.count(), 2u);
  EXPECT_EQ(EthernetHeader::read(right.frame(1).headers().data()).destination, moved);
}

TEST_F(RouterTest, ForgetsACachedWayWhenTheCarrierGoes) {
  give(packet(network.pools, spec));
  router.nic(1).set_carrier(false, network.now());
  give(packet(network.pools, spec));
  EXPECT_EQ(right.count(), 1u);
  EXPECT_EQ(router.drops().of(DropReason::kLinkDown), 1u);
}

// Two hosts on a LAN:     h1 ── s1 ── h2       1 ms per cable
//                             (h3)
class LanTest : public ::testing::Test {
 protected:
  LanTest() {
    attach(h1, "10.0.0.1/24");
    attach(h2, "10.0.0.2/24");
    attach(h3, "10.0.0.3/24");
    network.run_to(Time::zero());
  }
  ~LanTest() override { EXPECT_TRUE(network.balanced()); }
  void attach(Host& host, const char* address) {
    cables.push_back(network.join(network.nic(host, address), network.nic(lan)));
  }
  Ping& ping(Host& from, const char* to, uint32_t count = 1) {
    pings.push_back(
        std::make_unique<Ping>(from, PingSpec{.name = "p" + std::to_string(pings.size()),
                                              .target = ip(to),
                                              .count = count,
                                              .interval = 100_ms,
                                              .ip = {}}));
    pings.back()->start(network.now());
    return *pings.back();
  }

  NodeNetwork network;
  Host& h1 = network.host("v1/h1");
  Host& h2 = network.host("v1/h2");
  Host& h3 = network.host("v1/h3");
  LearningSwitch& lan = network.lan("v1/s1");
  std::vector<NodeNetwork::Pair> cables;
  std::vector<std::unique_ptr<Ping>> pings;
};

TEST_F(LanTest, ResolvesANeighbourOnceAndThenKnowsIt) {
  Ping& echo = ping(h1, "10.0.0.2", 3);
  network.run_for(1_s);
  // Request and answer of ARP take a round trip of their own; h2 learned h1 from the request.
  EXPECT_EQ(echo.records()[0].rtt, 8_ms);
  EXPECT_EQ(echo.records()[1].rtt, 4_ms);
  EXPECT_EQ(cables[0].to_right.carried, 4u);
  EXPECT_EQ(cables[1].to_right.carried, 4u);
  EXPECT_EQ(h3.drops().of(DropReason::kNotForUs), 1u);
}

TEST_F(LanTest, AsksAStaleNeighbourItselfAndUsesItMeanwhile) {
  ping(h1, "10.0.0.2");
  network.run_for(61_s);
  Ping& echo = ping(h1, "10.0.0.2");
  network.run_for(1_s);
  EXPECT_EQ(echo.records()[0].rtt, 4_ms);
  // First ARP and echo, then both again; this time the request went to h2 alone.
  EXPECT_EQ(h3.counters().received, 1u);
  EXPECT_EQ(cables[0].to_right.carried, 4u);
}

TEST_F(LanTest, GivesUpANeighbourThatDoesNotAnswerAndTellsItsOwnPing) {
  Ping& echo = ping(h1, "10.0.0.77");
  network.run_for(3_s);
  EXPECT_EQ(cables[0].to_right.carried, 3u);
  EXPECT_EQ(echo.errors(), 0u);
  network.run_for(1_ms);
  EXPECT_EQ(echo.errors(), 1u);
  EXPECT_EQ(h1.drops().of(DropReason::kNeighbourUnreachable), 1u);
}

TEST_F(LanTest, KeepsSixtyFourPacketsForANeighbourAndDropsTheOldest) {
  for (int i = 0; i < 70; ++i) {
    Frame data = h1.new_frame();
    data.append(8);
    h1.send_ip(std::move(data), {IpAddress(), ip("10.0.0.2"), 99}, {}, network.now());
  }
  EXPECT_EQ(h1.counters().held, 64u);
  EXPECT_EQ(h1.drops().of(DropReason::kNeighbourUnreachable), 6u);
}

TEST_F(LanTest, AnswersAPingToItselfAfterTheLoopbackDelay) {
  Ping& own = ping(h1, "10.0.0.1");
  Ping& loopback = ping(h1, "127.0.0.1");
  network.run_for(1_s);
  EXPECT_EQ(own.records()[0].rtt, IpNode::kLoopbackDelay * 2);
  EXPECT_EQ(loopback.received(), 1u);
  EXPECT_EQ(cables[0].to_right.carried, 0u);
}

TEST_F(LanTest, FragmentsALargePingAndPutsItTogetherAgain) {
  pings.push_back(std::make_unique<Ping>(
      h1,
      PingSpec{.name = "large", .target = ip("10.0.0.2"), .count = 1, .size = 4'000, .ip = {}}));
  pings.back()->start(network.now());
  network.run_for(1_s);
  EXPECT_EQ(pings.back()->received(), 1u);
  EXPECT_EQ(cables[0].to_right.carried, 1u + 3u);
  EXPECT_EQ(h2.counters().held, 0u);
}

TEST_F(LanTest, SendsBroadcastsToEverybodyAndNobodyAnswersThem) {
  Ping& limited = ping(h1, "255.255.255.255");
  Ping& directed = ping(h1, "10.0.0.255");
  network.run_for(1_s);
  EXPECT_EQ(h2.drops().of(DropReason::kUnsupported), 2u);
  EXPECT_EQ(h3.drops().of(DropReason::kUnsupported), 2u);
  EXPECT_EQ(limited.received() + directed.received(), 0u);
}

TEST_F(LanTest, ForwardsNothingForOthers) {
  PacketSpec spec;
  spec.to = h2.nic(0).mac();
  spec.destination = "10.0.0.3";
  h2.nic(0).receive(packet(network.pools, spec), network.now());
  EXPECT_EQ(h2.drops().of(DropReason::kNotForUs), 1u);
}

TEST_F(LanTest, LearnsFromGratuitousArpOnlyWhomItKnows) {
  ping(h1, "10.0.0.2");
  network.run_for(1_s);
  // h2 comes back with another interface: everybody is told.
  const auto announce = [&](const char* address, MacAddress mac) {
    Frame frame = Frame::allocate(network.pools);
    EthernetHeader{MacAddress::broadcast(), mac, ether_type::kArp}.write(
        frame.append(EthernetHeader::kSize));
    ArpPacket{ArpPacket::kRequest, mac, ip(address), MacAddress(), ip(address)}.write(
        frame.append(ArpPacket::kSize));
    h1.nic(0).receive(std::move(frame), network.now());
  };
  CollectingSink out;
  h1.nic(0).connect(out);
  const auto moved = MacAddress::from_bits(0x02'00'00'00'00'77);
  announce("10.0.0.2", moved);
  announce("10.0.0.3", moved);
  ping(h1, "10.0.0.2");
  ping(h1, "10.0.0.3");
  network.run_for(100_ms);
  ASSERT_EQ(out.count(), 2u);
  EXPECT_EQ(EthernetHeader::read(out.frame(0).headers().data()).destination, moved);
  EXPECT_EQ(EthernetHeader::read(out.frame(1).headers().data()).type, ether_type::kArp);
}

// A path with a narrow middle:    h1 ── r1 ══ r2 ── h2       MTU 1500 ── 1400 ── 1500
TEST(PathMtu, IsLearnedFromTheRouterAndForgottenAfterTenMinutes) {
  NodeNetwork network;
  Host& h1 = network.host("v1/h1");
  Host& h2 = network.host("v1/h2");
  Router& r1 = network.router("v1/r1");
  Router& r2 = network.router("v1/r2");
  network.join(network.nic(h1, "10.0.1.1/24"), network.nic(r1, "10.0.1.254/24"));
  network.join(network.nic(r1, "10.0.0.1/24", 1400), network.nic(r2, "10.0.0.2/24", 1400));
  network.join(network.nic(r2, "10.0.2.254/24"), network.nic(h2, "10.0.2.1/24"));
  network.route(h1, "0.0.0.0/0", "10.0.1.254");
  network.route(h2, "0.0.0.0/0", "10.0.2.254");
  network.route(r1, "10.0.2.0/24", "10.0.0.2", 1);
  network.route(r2, "10.0.1.0/24", "10.0.0.1", 0);
  Ping probe(h1, {.name = "probe",
                  .target = ip("10.0.2.1"),
                  .count = 2,
                  .size = 1'472,
                  .ip = {.dont_fragment = true}});
  probe.start(network.now());
  EXPECT_EQ(h1.mtu_towards(ip("10.0.2.1")), 1500);
  network.run_for(500_ms);
  EXPECT_EQ(h1.mtu_towards(ip("10.0.2.1")), 1400);
  EXPECT_EQ(probe.errors(), 1u);
  network.run_for(1_s);
  EXPECT_EQ(h1.drops().of(DropReason::kFragmentationNeeded), 1u);  // the second did not leave
  Ping small(h1, {.name = "small", .target = ip("10.0.2.1"), .count = 1, .size = 1'472, .ip = {}});
  small.start(network.now());
  network.run_for(1_s);
  EXPECT_EQ(small.received(), 1u);
  network.run_for(600_s);
  EXPECT_EQ(h1.mtu_towards(ip("10.0.2.1")), 1500);
  EXPECT_TRUE(network.balanced());
}

// Frames of any content into each kind of node: nothing is lost without a reason.
TEST(Conservation, HoldsAtEveryNodeUnderRandomFrames) {
  NodeNetwork network;
  Host& host = network.host("v1/h1");
  Router& router = network.router("v1/r1");
  LearningSwitch& lan = network.lan("v1/s1");
  CollectingSink out;
  for (Node* node :
       {static_cast<Node*>(&host), static_cast<Node*>(&router), static_cast<Node*>(&lan)}) {
    network.nic(*node, "10.0.0.1/24").connect(out);
    network.nic(*node, "10.0.1.1/24", 600).connect(out);
  }
  Random random(3);
  const char* addresses[] = {"10.0.0.1",   "10.0.0.2",  "10.0.1.1",  "10.0.1.2",
                             "10.0.1.255", "224.0.0.1", "192.0.2.1", "255.255.255.255"};
  for (int i = 0; i < 30'000; ++i) {
    Node& node = *network.nodes[random.below(3)];
    Nic& at = node.nic(random.below(2));
    PacketSpec spec;
    spec.to = random.below(4) == 0 ? MacAddress::broadcast() : at.mac();
    spec.from = MacAddress::from_bits(0x02'00'00'00'00'00 | random.below(8));
    spec.source = addresses[random.below(8)];
    spec.destination = addresses[random.below(8)];
    spec.ttl = static_cast<uint8_t>(random.below(4));
    const uint8_t protocols[] = {ip_protocol::kIcmp, ip_protocol::kTcp, ip_protocol::kUdp, 99};
    spec.protocol = protocols[random.below(4)];
    spec.dont_fragment = random.below(2) == 0;
    spec.data = static_cast<uint32_t>(random.below(1400));
    Frame frame = packet(network.pools, spec);
    for (uint64_t flips = random.below(4); flips > 0; --flips) {
      frame.headers()[random.below(frame.header_size())] ^= static_cast<std::byte>(random.next32());
      frame.set_checksum_good(random.below(2) == 0);  // let some wrong ones through the door
    }
    if (random.below(10) == 0) frame.truncate(static_cast<uint32_t>(random.below(60)));
    at.receive(std::move(frame), network.now());
    if (random.below(8) == 0)
      network.run_for(Duration::microseconds(static_cast<int64_t>(random.below(200'000))));
    if (random.below(500) == 0) {
      node.take_down(network.now());
      node.bring_up();
    }
    for (const auto& each : network.nodes) ASSERT_TRUE(each->counters().balanced()) << i;
    if (out.count() > 100) out.arrivals.clear();
  }
  EXPECT_GT(router.counters().replicated, 0u);
  EXPECT_GT(host.counters().consumed, 0u);
}

}  // namespace
}  // namespace violin
