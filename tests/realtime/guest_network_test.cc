#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <system_error>

#include "emulator/os/netlink.hh"
#include "emulator/os/sandbox.hh"
#include "tests/realtime/guest_programs.hh"
#include "tests/realtime/namespace_fixture.hh"

// Stock programs between two guests.

namespace violin::testing {
namespace {

class OsGuestNetwork : public NamespaceTest {};

// left 10.0.0.1, fd00::1 === right 10.0.0.2, fd00::2
struct TwoGuests {
  GuestSpace left = guest("left"), right = guest("right");

  TwoGuests() {
    Netlink(left.network()).add_veth({"eth0", left.network()}, {"eth0", right.network()}, 1500);
    configure(left, "10.0.0.1/24", "fd00::1/64");
    configure(right, "10.0.0.2/24", "fd00::2/64");
  }

  static void configure(const GuestSpace& where, const char* v4, const char* v6) {
    Netlink netlink(where.network());
    netlink.set_up("eth0");
    netlink.add_address("eth0", InterfaceAddress::parse(v4).value());
    netlink.add_address("eth0", InterfaceAddress::parse(v6).value());
    // One of those that every machine allows to everybody.
    netlink.add_route({.to = InterfaceAddress::parse(v4)->prefix(),
                       .interface = "eth0",
                       .congestion_control = "reno"});
  }
};

TEST_F(OsGuestNetwork, PingsWithoutAnyRight) {
  const TwoGuests net;
  for (const char* address : {"10.0.0.2", "fd00::2"}) {
    const GuestOutcome ping = run(net.left, {"ping", "-n", "-c", "3", "-i", "0.05", address});
    EXPECT_EQ(ping.status, 0) << ping.output;
    EXPECT_NE(ping.output.find("3 packets transmitted, 3 received"), std::string::npos)
        << ping.output;
  }
}

// Its file has a capability, where it is installed as usual.
TEST_F(OsGuestNetwork, GivesPingNoRightThatItsFileAsksFor) {
  const TwoGuests net;
  const GuestProcess ping(net.left, {.argv = {"ping", "-n", "10.0.0.2"}});
  EXPECT_TRUE(has_no_right(read_file("/proc/" + std::to_string(ping.pid()) + "/status")));
}

TEST_F(OsGuestNetwork, TracesARouteWithoutAnyRight) {
  const TwoGuests net;
  const GuestOutcome trace = run(net.left, {"traceroute", "-n", "-q", "1", "10.0.0.2"});
  EXPECT_EQ(trace.status, 0) << trace.output;
  EXPECT_NE(trace.output.find(" 1  10.0.0.2 "), std::string::npos) << trace.output;
}

TEST_F(OsGuestNetwork, MeasuresThroughputWithoutAnyRight) {
  const TwoGuests net;
  DescriptorPair line = make_pipe();
  GuestProcess server(net.right, {.argv = {"iperf3", "-s", "-1", "--forceflush"},
                                  .streams = {.output = line.second.get()}});
  line.second.close();
  std::string said;
  while (said.find("listening") == std::string::npos) {
    const std::string letter = next(line.first.get(), 1);
    ASSERT_FALSE(letter.empty()) << said;
    said += letter;
  }
  const GuestOutcome client = run(net.left, {"iperf3", "-c", "10.0.0.2", "-n", "10M"});
  EXPECT_EQ(client.status, 0) << client.output;
  EXPECT_NE(client.output.find("receiver"), std::string::npos) << client.output;
  EXPECT_EQ(server.wait(), 0);
}

// All of it in a sandbox, which an ordinary user can have as well.
TEST(OsGuestInASandbox, PingsBetweenGuests) {
  const auto pings = [] {
    const TwoGuests net;
    const GuestOutcome ping = run(net.left, {"ping", "-n", "-c", "1", "10.0.0.2"});
    const GuestOutcome who = shell(net.left, "id -u; ls -A /run; hostname");
    const std::string id = nobody_exists() ? "65534" : "0";
    if (ping.status == 0 && who.output == id + "\nleft\n") return 0;
    std::fputs((ping.output + who.output).c_str(), stderr);
    return 1;
  };
  std::unique_ptr<Sandbox> sandbox;
  try {
    sandbox = std::make_unique<Sandbox>(pings);
  } catch (const std::system_error& error) {
    GTEST_SKIP() << "needs root or user namespaces: " << error.what();
  }
  EXPECT_EQ(sandbox->wait(), 0);
}

}  // namespace
}  // namespace violin::testing
