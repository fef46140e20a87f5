#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "emulator/os/file_descriptor.hh"
#include "emulator/os/guest_sysctl.hh"
#include "emulator/os/netlink.hh"
#include "emulator/os/network_namespace.hh"
#include "emulator/os/tap_device.hh"
#include "tests/realtime/namespace_fixture.hh"

namespace violin::testing {
namespace {

class OsNetworkNamespace : public NamespaceTest {};
class OsSysctl : public NamespaceTest {};
class OsNetlink : public NamespaceTest {};
class OsTapDevice : public TapTest {};

bool is_open(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }

// What the action throws; an empty text when it does not.
template <class Action>
std::string refusal(const Action& action) {
  try {
    action();
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

TEST(OsFileDescriptor, ClosesWhatItOwnsAndNothingElse) {
  FileDescriptor first = open_file("/dev/null", O_RDONLY);
  const int raw = first.get();
  FileDescriptor second = std::move(first);
  EXPECT_FALSE(first.is_open());
  EXPECT_TRUE(is_open(raw));
  second = FileDescriptor();
  EXPECT_FALSE(is_open(raw));
  const FileDescriptor given(open_file("/dev/null", O_RDONLY).release());
  EXPECT_TRUE(is_open(given.get()));
}

TEST(OsFileDescriptor, NamesTheFileThatCannotBeOpened) {
  try {
    open_file("/no/such/file", O_RDONLY);
    FAIL() << "opened what is not there";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ENOENT);
    EXPECT_EQ(std::string(error.what()), "cannot open /no/such/file: No such file or directory");
    EXPECT_EQ(action_of(error), "cannot open /no/such/file");
  }
}

TEST_F(OsNetworkNamespace, IsNewHasLoopbackUpAndLeavesTheThreadWhereItWas) {
  const uint64_t before = NetworkNamespace::current().id();
  const NetworkNamespace made = NetworkNamespace::create();
  EXPECT_EQ(NetworkNamespace::current().id(), before);
  EXPECT_NE(made.id(), before);
  {
    const EnteredNamespace inside(made);
    EXPECT_EQ(NetworkNamespace::current().id(), made.id());
    EXPECT_EQ(if_nametoindex("lo"), 1u);
    // Binding says nothing about the interface, connecting does: it needs a route.
    const FileDescriptor any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(any.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0) << errno;
  }
  EXPECT_EQ(NetworkNamespace::current().id(), before);
}

TEST_F(OsNetworkNamespace, IsLeftWhenAnExceptionPasses) {
  const uint64_t before = NetworkNamespace::current().id();
  const NetworkNamespace made = NetworkNamespace::create();
  EXPECT_THROW(
      {
        const EnteredNamespace inside(made);
        throw std::runtime_error("passing");
      },
      std::runtime_error);
  EXPECT_EQ(NetworkNamespace::current().id(), before);
}

TEST_F(OsSysctl, ChangesTheNamespaceNamedAndNoOther) {
  const NetworkNamespace one = NetworkNamespace::create();
  const NetworkNamespace other = NetworkNamespace::create();
  write_sysctl(other, "net.ipv4.ip_forward", "0");
  write_sysctl(one, "net.ipv4.ip_forward", "1");
  EXPECT_EQ(read_sysctl(one, "net.ipv4.ip_forward"), "1");
  EXPECT_EQ(read_sysctl(other, "net.ipv4.ip_forward"), "0");
}

TEST_F(OsSysctl, FindsAnInterfaceWithADotInItsName) {
  const NetworkNamespace where = NetworkNamespace::create();
  Netlink(where).add_veth({"a.b", where}, {"c", where}, 1500);
  write_sysctl(where, "net/ipv4/conf/a.b/forwarding", "1");
  EXPECT_EQ(read_sysctl(where, "net.ipv4.conf.a/b.forwarding"), "1");
}

TEST_F(OsSysctl, RefusesWhatIsNotOfANetworkNamespace) {
  const NetworkNamespace where = NetworkNamespace::create();
  for (const char* name : {"kernel.hostname", "net/../kernel/hostname", "net..ipv4", "net", "", "/",
                           "network.a", "net/ipv4/", "/net/ipv4/ip_forward"}) {
    EXPECT_THROW(write_sysctl(where, name, "1"), std::invalid_argument) << name;
  }
  EXPECT_EQ(refusal([&] { write_sysctl(where, "net.ipv4.no_such", "1"); }),
            "cannot open /proc/sys/net/ipv4/no_such: No such file or directory");
}

TEST_F(OsSysctl, RefusesTheMachinesOwnNamespace) {
  const NetworkNamespace own = NetworkNamespace::current();
  if (access("/proc/sys/net/core/netdev_budget", F_OK) != 0) {
    GTEST_SKIP() << "this test does not run in the machine's own network namespace";
  }
  // Writing what is there already, should the refusal ever fail.
  const std::string value = read_sysctl(own, "net.ipv4.ip_forward");
  EXPECT_THROW(write_sysctl(own, "net.ipv4.ip_forward", value), std::invalid_argument);
}

// ---- netlink ------------------------------------------------------------------------------------

// A UDP socket made in a namespace.
FileDescriptor udp_socket(const NetworkNamespace& where, int family) {
  const EnteredNamespace inside(where);
  return checked_descriptor(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), "cannot make a socket");
}

sockaddr_storage socket_address(IpAddress address, uint16_t port) {
  sockaddr_storage storage = {};
  const std::string text = to_string(address);
  if (address.is_v6()) {
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    *v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr);
  } else {
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&storage);
    *v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, text.c_str(), &v4->sin_addr);
  }
  return storage;
}

// Whether a datagram from one namespace reaches an address of another.
::testing::AssertionResult reaches(const NetworkNamespace& from, const NetworkNamespace& to,
                                   const std::string& text) {
  const IpAddress address = IpAddress::parse(text).value();
  const int family = address.is_v6() ? AF_INET6 : AF_INET;
  const sockaddr_storage at = socket_address(address, 4000);
  const auto* const raw = reinterpret_cast<const sockaddr*>(&at);
  const FileDescriptor receiver = udp_socket(to, family);
  if (bind(receiver.get(), raw, sizeof at) != 0) {
    return ::testing::AssertionFailure() << "cannot bind " << text << ": errno " << errno;
  }
  const FileDescriptor sender = udp_socket(from, family);
  if (sendto(sender.get(), "x", 1, 0, raw, sizeof at) != 1) {
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
  const sockaddr_storage at = socket_address(address, 4000);
  connect(tcp.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at);
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

// ---- TAP devices --------------------------------------------------------------------------------

MacAddress mac(uint64_t number) { return MacAddress::from_bits(0x02'00'00'00'00'00 + number); }

// A frame as a TAP device with offload hands it over.
struct TapFrame {
  uint8_t gso_type = 0;
  uint16_t gso_size = 0;
  size_t length = 0;  // without the header
};

// The next IPv4 frame, waiting for it at most 5 s; length 0 when none came.
TapFrame next_ipv4_frame(const TapDevice& tap) {
  std::vector<uint8_t> buffer(TapDevice::kHeaderBytes + 70'000);
  for (;;) {
    pollfd ready = {.fd = tap.fd(), .events = POLLIN};
    if (poll(&ready, 1, 5000) != 1) return {};
    const ssize_t count = read(tap.fd(), buffer.data(), buffer.size());
    if (count < TapDevice::kHeaderBytes + 14) return {};
    const uint8_t* const frame = buffer.data() + TapDevice::kHeaderBytes;
    if (frame[12] != 0x08 || frame[13] != 0x00) continue;
    return {.gso_type = buffer[1],
            .gso_size = static_cast<uint16_t>(buffer[4] | buffer[5] << 8),
            .length = static_cast<size_t>(count) - TapDevice::kHeaderBytes};
  }
}

// Two namespaces, each with a TAP device; whatever one device hands over is written to the other.
class JoinedByTaps {
 public:
  JoinedByTaps(Bytes largest, const std::string& algorithm, bool v6)
      : server_(*IpAddress::parse(v6 ? "fd00::2" : "10.0.0.2")) {
    at_a_ = std::make_unique<TapDevice>(a_, options(1, largest));
    at_b_ = std::make_unique<TapDevice>(b_, options(2, largest));
    configure(a_, v6 ? "fd00::1/64" : "10.0.0.1/24", algorithm);
    configure(b_, v6 ? "fd00::2/64" : "10.0.0.2/24", algorithm);
  }

  // Carries `total` bytes over one TCP connection from a to b; false when it stood still for 5 s.
  bool transfer(size_t total) {
    const sockaddr_storage at = socket_address(server_, 4000);
    const auto* const raw = reinterpret_cast<const sockaddr*>(&at);
    const FileDescriptor listener = tcp_socket(b_);
    const FileDescriptor sender = tcp_socket(a_);
    if (bind(listener.get(), raw, sizeof at) != 0 || listen(listener.get(), 1) != 0) return false;
    connect(sender.get(), raw, sizeof at);
    FileDescriptor receiver;
    const std::vector<char> bytes(65536, 'x');
    std::vector<char> sink(1 << 20);
    size_t sent = 0;
    size_t received = 0;
    while (received < total) {
      pollfd ready[] = {
          {.fd = at_a_->fd(), .events = POLLIN},
          {.fd = at_b_->fd(), .events = POLLIN},
          {.fd = sender.get(), .events = static_cast<short>(sent < total ? POLLOUT : 0)},
          {.fd = receiver.is_open() ? receiver.get() : listener.get(), .events = POLLIN}};
      if (poll(ready, 4, 5000) <= 0) return false;
      if (ready[0].revents != 0) carry(*at_a_, *at_b_);
      if (ready[1].revents != 0) carry(*at_b_, *at_a_);
      if (ready[2].revents != 0) {
        const ssize_t count =
            send(sender.get(), bytes.data(), std::min(bytes.size(), total - sent), MSG_NOSIGNAL);
        if (count > 0) sent += static_cast<size_t>(count);
      }
      if (ready[3].revents == 0) continue;
      if (!receiver.is_open()) {
        receiver = FileDescriptor(accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK));
      } else if (const ssize_t count = read(receiver.get(), sink.data(), sink.size()); count > 0) {
        received += static_cast<size_t>(count);
      }
    }
    return true;
  }

  size_t longest() const { return longest_; }

 private:
  static TapOptions options(uint64_t number, Bytes largest) {
    return {.name = "tap0", .mac = mac(number), .largest_frame = largest};
  }
  static void configure(const NetworkNamespace& where, const char* text,
                        const std::string& algorithm) {
    Netlink netlink(where);
    const InterfaceAddress address = InterfaceAddress::parse(text).value();
    netlink.add_address("tap0", address);
    netlink.add_route(
        {.to = address.prefix(), .interface = "tap0", .congestion_control = algorithm});
  }
  FileDescriptor tcp_socket(const NetworkNamespace& where) const {
    const EnteredNamespace inside(where);
    return checked_descriptor(
        socket(server_.is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
        "cannot make a socket");
  }
  void carry(const TapDevice& from, const TapDevice& to) {
    const ssize_t count = read(from.fd(), buffer_.data(), buffer_.size());
    if (count <= TapDevice::kHeaderBytes) return;
    longest_ = std::max(longest_, static_cast<size_t>(count) - TapDevice::kHeaderBytes);
    if (write(to.fd(), buffer_.data(), static_cast<size_t>(count)) != count) {
      ADD_FAILURE() << "a frame of " << count << " bytes was not taken: errno " << errno;
    }
  }

  NetworkNamespace a_ = NetworkNamespace::create();
  NetworkNamespace b_ = NetworkNamespace::create();
  IpAddress server_;
  std::unique_ptr<TapDevice> at_a_, at_b_;
  std::vector<uint8_t> buffer_ = std::vector<uint8_t>(TapDevice::kHeaderBytes + 200'000);
  size_t longest_ = 0;
};

TEST_F(OsTapDevice, CarriesTcpInSuperFramesNoLongerThanAskedFor) {
  for (const bool v6 : {false, true}) {
    for (const int64_t largest : {65'507, 30'000, 9'000}) {
      JoinedByTaps net(Bytes(largest), "cubic", v6);
      ASSERT_TRUE(net.transfer(20'000'000)) << largest << (v6 ? " IPv6" : " IPv4");
      EXPECT_LE(net.longest(), static_cast<size_t>(largest));
      // Close to it, or the limit is not what is held.
      EXPECT_GT(net.longest(), static_cast<size_t>(largest) * 3 / 4);
    }
  }
}

// Sends one super-frame of 20 datagrams of 1000 bytes from the namespace of the device.
void send_udp_super_frame(const NetworkNamespace& where) {
  const FileDescriptor sender = udp_socket(where, AF_INET);
  const int segment = 1000;
  ASSERT_EQ(setsockopt(sender.get(), IPPROTO_UDP, 103 /* UDP_SEGMENT */, &segment, sizeof segment),
            0);
  const sockaddr_storage to = socket_address(*IpAddress::parse("10.0.0.255"), 4000);
  const int on = 1;
  setsockopt(sender.get(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  const std::vector<char> bytes(20'000, 'u');
  ASSERT_EQ(sendto(sender.get(), bytes.data(), bytes.size(), 0,
                   reinterpret_cast<const sockaddr*>(&to), sizeof to),
            20'000)
      << errno;
}

TEST_F(OsTapDevice, HandsOverUdpSuperFramesAndCutsThoseThatAreTooLong) {
  for (const bool fits : {true, false}) {
    const NetworkNamespace where = NetworkNamespace::create();
    const TapDevice tap(
        where,
        {.name = "tap0", .mac = mac(1), .largest_frame = fits ? Bytes(30'000) : Bytes(10'000)});
    if (!tap.takes_udp_super_frames()) GTEST_SKIP() << "needs Linux 6.2 for UDP super-frames";
    Netlink(where).add_address("tap0", *InterfaceAddress::parse("10.0.0.1/24"));
    send_udp_super_frame(where);
    const TapFrame frame = next_ipv4_frame(tap);
    EXPECT_EQ(frame.gso_type, fits ? 5 : 0);  // VIRTIO_NET_HDR_GSO_UDP_L4
    EXPECT_EQ(frame.gso_size, fits ? 1000 : 0);
    EXPECT_EQ(frame.length, 14u + 20 + 8 + (fits ? 20'000 : 1000));
  }
}

TEST_F(OsTapDevice, HasTheAddressAskedForAndGoesAwayWithItsDescriptor) {
  const NetworkNamespace where = NetworkNamespace::create();
  Netlink netlink(where);
  {
    const TapDevice tap(where, {.name = "tap9", .mac = mac(7), .offload = false});
    EXPECT_EQ(tap.name(), "tap9");
    EXPECT_TRUE(netlink.link_exists("tap9"));
    EXPECT_EQ(fcntl(tap.fd(), F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    netlink.add_address("tap9", *InterfaceAddress::parse("10.0.0.1/24"));
    const FileDescriptor sender = udp_socket(where, AF_INET);
    const sockaddr_storage to = socket_address(*IpAddress::parse("10.0.0.2"), 4000);
    sendto(sender.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    // An ARP request: plain, without a header in front, from the address given. IPv6 chatter of the
    // new interface may come first.
    std::vector<uint8_t> frame(2000);
    do {
      pollfd ready = {.fd = tap.fd(), .events = POLLIN};
      ASSERT_EQ(poll(&ready, 1, 5000), 1);
      ASSERT_GT(read(tap.fd(), frame.data(), frame.size()), 14);
    } while (frame[12] != 0x08 || frame[13] != 0x06);
    EXPECT_EQ(frame[6], 0x02);
    EXPECT_EQ(frame[11], 0x07);
  }
  EXPECT_FALSE(netlink.link_exists("tap9"));
}

TEST_F(OsTapDevice, NamesWhatCannotBe) {
  const NetworkNamespace where = NetworkNamespace::create();
  const TapDevice first(where, {.name = "tap0", .mac = mac(1)});
  EXPECT_EQ(refusal([&] { TapDevice(where, {.name = "tap0", .mac = mac(2)}); }),
            "cannot make the TAP device tap0: Device or resource busy");
  EXPECT_EQ(refusal([&] { TapDevice(where, {.name = "a-name-too-long!", .mac = mac(2)}); }),
            "cannot make a TAP device called \"a-name-too-long!\": Invalid argument");
}

}  // namespace
}  // namespace violin::testing
