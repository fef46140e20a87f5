#include "emulator/os/tap_device.hh"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "emulator/os/netlink.hh"
#include "emulator/os/udp_socket.hh"
#include "tests/realtime/namespace_fixture.hh"
#include "tests/realtime/namespace_socket.hh"

namespace violin::testing {
namespace {

class OsTapDevice : public TapTest {};

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
    const SocketAddress at(server_, 4000);
    const auto* const raw = reinterpret_cast<const sockaddr*>(&at.storage);
    const FileDescriptor listener = tcp_socket(b_);
    const FileDescriptor sender = tcp_socket(a_);
    if (bind(listener.get(), raw, at.length) != 0 || listen(listener.get(), 1) != 0) return false;
    connect(sender.get(), raw, at.length);
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
  const SocketAddress to(*IpAddress::parse("10.0.0.255"), 4000);
  const int on = 1;
  setsockopt(sender.get(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  const std::vector<char> bytes(20'000, 'u');
  ASSERT_EQ(sendto(sender.get(), bytes.data(), bytes.size(), 0,
                   reinterpret_cast<const sockaddr*>(&to.storage), to.length),
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
    const SocketAddress to(*IpAddress::parse("10.0.0.2"), 4000);
    sendto(sender.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to.storage), to.length);
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

TEST_F(OsTapDevice, DropsWhatASlowReaderHasNoRoomForAndCountsIt) {
  const NetworkNamespace where = NetworkNamespace::create();
  const TapDevice tap(where, {.name = "tap0", .mac = mac(1), .queue_length = 5});
  Netlink netlink(where);
  netlink.add_address("tap0", *InterfaceAddress::parse("10.0.0.1/24"));
  const uint64_t before = netlink.frames_dropped("tap0");
  for (int i = 0; i < 20; ++i) send_udp_super_frame(where);
  EXPECT_GE(netlink.frames_dropped("tap0") - before, 10u);
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
