#include "models/tunnel/tunnel_terminal.hh"

#include <gtest/gtest.h>

#include <array>

#include "tests/support/frame_log.hh"
#include "tests/support/node_network.hh"

namespace violin {
namespace {

using namespace literals;
using testing::FrameLog;
using testing::ip;
using testing::NodeNetwork;

// An overlay host with two tunnels to others.
class TunnelTerminalTest : public ::testing::Test {
 protected:
  TunnelTerminalTest()
      : host_(network_.host("a")),
        terminal_("a.tunnels", host_.udp()),
        first_(network_.scheduler, "first", spec(10, "192.168.0.2"), host_.udp(), log_first_),
        second_(network_.scheduler, "second", spec(5, "192.168.0.3"), host_.udp(), log_second_) {
    terminal_.attach(first_);
    terminal_.attach(second_);
  }
  static TunnelSpec spec(uint64_t session, const char* remote) {
    TunnelSpec spec;
    spec.local = ip("192.168.0.1");
    spec.remote = ip(remote);
    spec.receive_session = session;
    return spec;
  }
  void inject(uint64_t session) {
    std::array<std::byte, TunnelHeader::kSize + 60> bytes{};
    TunnelHeader header;
    header.total = 60;
    header.session = session;
    header.counter = next_counter_++;
    header.write(bytes.data());
    terminal_.receive_datagram(Frame::from_bytes(network_.pools, bytes), {}, network_.now());
  }
  IcmpError fragmentation_needed(const char* destination, int64_t mtu) const {
    IcmpError error;
    error.type = IcmpHeader::kDestinationUnreachable;
    error.code = IcmpHeader::kFragmentationNeeded;
    error.mtu = mtu;
    error.sent.destination = ip(destination);
    return error;
  }

  NodeNetwork network_;
  Host& host_;
  FrameLog log_first_, log_second_;
  TunnelTerminal terminal_;
  TunnelEnd first_, second_;
  uint64_t next_counter_ = 0;
};

TEST_F(TunnelTerminalTest, HandsEachDatagramToTheEndOfItsSession) {
  inject(10);
  inject(5);
  inject(5);
  EXPECT_EQ(log_first_.count(), 1u);
  EXPECT_EQ(log_second_.count(), 2u);
}

TEST_F(TunnelTerminalTest, DropsTheSessionsOfOthersByName) {
  inject(7);
  inject(11);
  inject(0);
  EXPECT_EQ(terminal_.drops().of(DropReason::kWrongSession), 3u);
  EXPECT_EQ(log_first_.count() + log_second_.count(), 0u);
}

TEST_F(TunnelTerminalTest, DropsWhatIsNoTunnelDatagramByName) {
  const std::array<std::byte, 40> zeros{};
  terminal_.receive_datagram(Frame::from_bytes(network_.pools, zeros), {}, network_.now());
  terminal_.receive_datagram(Frame::from_bytes(network_.pools, std::span(zeros).first(3)), {},
                             network_.now());
  terminal_.receive_datagram(Frame::allocate(network_.pools), {}, network_.now());
  EXPECT_EQ(terminal_.drops().of(DropReason::kMalformed), 3u);
}

TEST_F(TunnelTerminalTest, AnErrorAboutThePathMtuIsForTheTunnelsOfThatPathAlone) {
  terminal_.receive_error(fragmentation_needed("192.168.0.2", 1280), network_.now());
  EXPECT_EQ(first_.spec().path_mtu, 1280);
  EXPECT_EQ(second_.spec().path_mtu, 1500);
  IcmpError other = fragmentation_needed("192.168.0.3", 600);
  other.code = IcmpHeader::kPortUnreachable;
  terminal_.receive_error(other, network_.now());
  EXPECT_EQ(second_.spec().path_mtu, 1500);
}

TEST_F(TunnelTerminalTest, TwoEndsCannotHaveOneSession) {
  TunnelEnd third(network_.scheduler, "third", spec(10, "192.168.0.4"), host_.udp(), log_first_);
  EXPECT_DEATH(terminal_.attach(third), "CHECK");
}

TEST_F(TunnelTerminalTest, TakesTheTunnelsPortAndGivesItBack) {
  class Nobody final : public UdpReceiver {
    void receive_datagram(Frame, const UdpReceived&, Time) override {}
  } nobody;
  EXPECT_FALSE(host_.udp().bind(TunnelHeader::kUdpPort, nobody));
  Host& other = network_.host("b");
  { const TunnelTerminal gone("b.tunnels", other.udp()); }
  EXPECT_TRUE(other.udp().bind(TunnelHeader::kUdpPort, nobody));
  other.udp().unbind(TunnelHeader::kUdpPort);
}

}  // namespace
}  // namespace violin
