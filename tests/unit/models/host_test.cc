#include "models/node/host.hh"

#include <gtest/gtest.h>

#include "core/checksum.hh"
#include "core/tcp_header.hh"
#include "tests/support/node_network.hh"

namespace violin {
namespace {

using namespace literals;
using testing::ip;
using testing::NodeNetwork;

TEST(Host, CostsLittleWhileItIsIdle) {
  // With the heap blocks of names, addresses and routes about 1.4 KB; see the bound in host.hh.
  EXPECT_LE(sizeof(Host) + sizeof(Nic), 1'280u);
}

// h1 sends a SYN to a port of h2 where nobody listens:     h1 ── h2
TEST(Host, AnswersASegmentToNobodyWithAReset) {
  struct ResetSeen final : FrameObserver {
    void observe(const Frame& frame, Time, bool outgoing) override {
      std::vector<std::byte> bytes(frame.size());
      frame.copy_to(bytes);
      const auto header = TcpHeader::read(std::span<const std::byte>(bytes).subspan(34));
      if (!outgoing && header && header->has(TcpHeader::kRst)) ++count;
    }
    int count = 0;
  } seen;
  NodeNetwork network;
  Host& h1 = network.host("h1");
  Host& h2 = network.host("h2");
  network.join(network.nic(h1, "10.0.0.1/24"), network.nic(h2, "10.0.0.2/24"));
  h1.add_static_neighbour(h1.nic(0), ip("10.0.0.2"), h2.nic(0).mac());
  h2.add_static_neighbour(h2.nic(0), ip("10.0.0.1"), h1.nic(0).mac());
  h1.nic(0).set_observer(&seen);
  TcpHeader header;
  header.source_port = 999;
  header.destination_port = 80;
  header.flags = TcpHeader::kSyn;
  Frame segment = h1.new_frame();
  header.write(segment.append(header.size()));
  std::byte* checksum = segment.headers().data() + TcpHeader::kChecksumOffset;
  store_be16(checksum, checksum_of(segment.sums().word_sum() +
                                   pseudo_header_sum(ip("10.0.0.1"), ip("10.0.0.2"),
                                                     ip_protocol::kTcp, segment.size())));
  segment.set_checksum_good(true);
  h1.send_ip(std::move(segment), {ip("10.0.0.1"), ip("10.0.0.2"), ip_protocol::kTcp}, {},
             network.now());
  network.run_for(1_s);
  EXPECT_EQ(seen.count, 1);
  EXPECT_EQ(h2.drops().of(DropReason::kNoListener), 1u);
  EXPECT_TRUE(network.balanced());
}

TEST(Host, SeesEachFrameInAndOutAtItsObserver) {
  struct Counter final : FrameObserver {
    void observe(const Frame&, Time, bool outgoing) override { ++(outgoing ? out : in); }
    int in = 0, out = 0;
  } counter;
  NodeNetwork network;
  Host& h1 = network.host("h1");
  Host& h2 = network.host("h2");
  network.join(network.nic(h1, "10.0.0.1/24"), network.nic(h2, "10.0.0.2/24"));
  h1.nic(0).set_observer(&counter);
  Frame data = h1.new_frame();
  data.append(1);
  h1.udp().send(std::move(data), {ip("10.0.0.1"), 1, ip("10.0.0.2"), 2}, {}, network.now());
  network.run_for(1_s);
  EXPECT_EQ(counter.out, 2);  // the request for h2's address, and the datagram
  EXPECT_EQ(counter.in, 2);   // the answer, and "port unreachable"
}

}  // namespace
}  // namespace violin
