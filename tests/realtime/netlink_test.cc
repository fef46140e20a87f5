#include "emulator/os/netlink.hh"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "emulator/os/guest_sysctl.hh"
#include "emulator/os/udp_socket.hh"
#include "tests/realtime/namespace_fixture.hh"
#include "tests/realtime/namespace_socket.hh"

namespace violin::testing {
namespace {

class OsNetlink : public NamespaceTest {};

// Whether a datagram from one namespace reaches an address of another.
::testing::AssertionResult reaches(const NetworkNamespace& from, const NetworkNamespace& to,
                                   const std::string& text) {
  const IpAddress address = IpAddress::parse(text).value();
  const int family = address.is_v6() ? AF_INET6 : AF_INET;
  const SocketAddress at(address, 4000);
  const auto* const raw = reinterpret_cast<const sockaddr*>(&at.storage);
  const FileDescriptor receiver = udp_socket(to, family);
  if (bind(receiver.get(), raw, at.length) != 0) {
    return ::testing::AssertionFailure() << "cannot bind " << text << ": errno " << errno;
  }
  const FileDescriptor sender = udp_socket(from, family);
  if (sendto(sender.get(), "x", 1, 0, raw, at.length) != 1) {
    return ::testing::AssertionFailure() << "cannot send to " << text << ": errno " << errno;
  }
  pollfd ready = {.fd = receiver.get(), .events = POLLIN};
  if (poll(&ready, 1, 5000) != 1) {
    return ::testing::AssertionFailure() << "nothing came to " << text;
  }
  return ::testing::AssertionSuccess();
}

// a --- r --- b, each a namespace; IPv4 and IPv6.
struct ThreeNodes {
  NetworkNamespace a = NetworkNamespace::create();
  NetworkNamespace r = NetworkNamespace::create();
  NetworkNamespace b = NetworkNamespace::create();
  Netlink at_a{a}, at_r{r}, at_b{b};

  ThreeNodes() {
    write_sysctl(r, "net.ipv4.ip_forward", "1");
    write_sysctl(r, "net.ipv6.conf.all.forwarding", "1");
    at_r.add_veth({"eth0", a}, {"eth0", r}, 1500);
    at_r.add_veth({"eth0", b}, {"eth1", r}, 1400);
    configure(at_a, "eth0", "10.0.1.1/24", "fd00:1::1/64");
    configure(at_r, "eth0", "10.0.1.2/24", "fd00:1::2/64");
    configure(at_r, "eth1", "10.0.2.2/24", "fd00:2::2/64");
    configure(at_b, "eth0", "10.0.2.1/24", "fd00:2::1/64");
  }

  static void configure(Netlink& at, const std::string& interface, const char* v4, const char* v6) {
    at.set_up(interface);
    at.add_address(interface, InterfaceAddress::parse(v4).value());
    at.add_address(interface, InterfaceAddress::parse(v6).value());
  }
};

TEST_F(OsNetlink, JoinsNamespacesAndRoutesThroughOne) {
  ThreeNodes net;
  EXPECT_TRUE(reaches(net.a, net.r, "10.0.1.2"));
  EXPECT_TRUE(reaches(net.a, net.r, "fd00:1::2"));
  EXPECT_FALSE(reaches(net.a, net.b, "10.0.2.1"));
  for (const auto& [prefix, via] :
       {std::pair("10.0.2.0/24", "10.0.1.2"), std::pair("fd00:2::/64", "fd00:1::2")}) {
    net.at_a.add_route(
        {.to = *IpPrefix::parse(prefix), .via = IpAddress::parse(via), .interface = "eth0"});
  }
  // The answers' way is not needed: one datagram goes there.
  EXPECT_TRUE(reaches(net.a, net.b, "10.0.2.1"));
  EXPECT_TRUE(reaches(net.a, net.b, "fd00:2::1"));
}

TEST_F(OsNetlink, MakesADefaultRouteAndOneOnTheLink) {
  ThreeNodes net;
  net.at_a.add_route({.to = *IpPrefix::parse("0.0.0.0/0"),
                      .via = IpAddress::parse("10.0.1.2"),
                      .interface = "eth0"});
  EXPECT_TRUE(reaches(net.a, net.b, "10.0.2.1"));
  net.at_r.add_address("eth0", *InterfaceAddress::parse("192.0.2.7/32"));
  net.at_a.add_route({.to = *IpPrefix::parse("192.0.2.0/24"), .interface = "eth0"});
  EXPECT_TRUE(reaches(net.a, net.r, "192.0.2.7"));
}

// What a TCP connection to the address would begin with.
std::string congestion_control(const NetworkNamespace& from, const char* to) {
  const IpAddress address = IpAddress::parse(to).value();
  const EnteredNamespace inside(from);
  const FileDescriptor tcp(
      socket(address.is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const SocketAddress at(address, 4000);
  connect(tcp.get(), reinterpret_cast<const sockaddr*>(&at.storage), at.length);
  char name[16] = {};
  socklen_t length = sizeof name;
  getsockopt(tcp.get(), IPPROTO_TCP, 13 /* TCP_CONGESTION */, name, &length);
  return name;
}

TEST_F(OsNetlink, RoutesNameTheCongestionControlOfConnections) {
  ThreeNodes net;
  for (const char* algorithm : {"reno", "cubic"}) {
    const auto add = [&](const char* prefix) {
      net.at_a.add_route(
          {.to = *IpPrefix::parse(prefix), .interface = "eth0", .congestion_control = algorithm});
    };
    add("10.0.1.0/24");
    add("fd00:1::/64");
    EXPECT_EQ(congestion_control(net.a, "10.0.1.2"), algorithm);
    EXPECT_EQ(congestion_control(net.a, "fd00:1::2"), algorithm);
  }
}

TEST_F(OsNetlink, KnowsAndDeletesInterfaces) {
  const NetworkNamespace here = NetworkNamespace::create();
  const NetworkNamespace there = NetworkNamespace::create();
  Netlink at_here(here), at_there(there);
  at_here.add_veth({"left", here}, {"right", there}, 1500);
  EXPECT_TRUE(at_here.link_exists("left"));
  EXPECT_FALSE(at_here.link_exists("right"));
  EXPECT_TRUE(at_there.link_exists("right"));
  at_there.delete_link("right");
  EXPECT_FALSE(at_here.link_exists("left"));
}

TEST_F(OsNetlink, SetsWhatAnInterfaceHas) {
  const NetworkNamespace where = NetworkNamespace::create();
  Netlink netlink(where);
  netlink.add_veth({"x", where}, {"y", where}, 1280);
  const auto attribute = [&](const std::string& name) {
    const EnteredNamespace inside(where);
    const FileDescriptor any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request = {};
    std::strcpy(request.ifr_name, "x");
    if (name == "mtu") return ioctl(any.get(), SIOCGIFMTU, &request), request.ifr_mtu;
    if (name == "queue") return ioctl(any.get(), SIOCGIFTXQLEN, &request), request.ifr_qlen;
    if (name == "up") return ioctl(any.get(), SIOCGIFFLAGS, &request), request.ifr_flags & IFF_UP;
    ioctl(any.get(), SIOCGIFHWADDR, &request);
    return static_cast<int>(static_cast<uint8_t>(request.ifr_hwaddr.sa_data[5]));
  };
  EXPECT_EQ(attribute("mtu"), 1280);
  netlink.set_mtu("x", 9000);
  netlink.set_queue_length("x", 17);
  netlink.set_mac("x", MacAddress::from_bits(0x02'00'00'00'00'2a));
  netlink.set_up("x");
  EXPECT_EQ(attribute("mtu"), 9000);
  EXPECT_EQ(attribute("queue"), 17);
  EXPECT_EQ(attribute("mac"), 0x2a);
  EXPECT_EQ(attribute("up"), IFF_UP);
  netlink.set_down("x");
  EXPECT_EQ(attribute("up"), 0);
}

TEST_F(OsNetlink, NamesWhatTheKernelRefusesAndWhy) {
  ThreeNodes net;
  EXPECT_EQ(refusal([&] { net.at_a.set_up("eth7"); }), "cannot set eth7 up: No such device");
  EXPECT_EQ(refusal([&] { net.at_a.delete_link("eth7"); }),
            "cannot delete the interface eth7: No such device");
  EXPECT_EQ(refusal([&] { net.at_a.add_address("eth7", *InterfaceAddress::parse("10.0.0.1/8")); }),
            "cannot find the interface eth7: No such device");
  const std::string twice =
      refusal([&] { net.at_a.add_address("eth0", *InterfaceAddress::parse("10.0.1.1/24")); });
  EXPECT_TRUE(twice.starts_with("cannot give eth0 the address 10.0.1.1/24")) << twice;
  EXPECT_TRUE(twice.ends_with("File exists")) << twice;
  const std::string lost = refusal([&] {
    net.at_a.add_route({.to = *IpPrefix::parse("10.9.0.0/16"),
                        .via = IpAddress::parse("10.8.0.1"),
                        .interface = "eth0"});
  });
  EXPECT_EQ(lost,
            "cannot add the route to 10.9.0.0/16 via 10.8.0.1 over eth0 (Nexthop has invalid "
            "gateway): Network is unreachable");
}

}  // namespace
}  // namespace violin::testing
