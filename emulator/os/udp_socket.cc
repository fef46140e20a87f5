#include "emulator/os/udp_socket.hh"

#include <linux/errqueue.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/byte_order.hh"

namespace violin {
namespace {

// Room for the bursts of many senders; the default holds three super-frames.
constexpr int kBufferBytes = 8 << 20;

void set_option(int socket, int level, int name, int value, const char* what) {
  if (::setsockopt(socket, level, name, &value, sizeof value) == 0) return;
  throw_system_error(what);
}

// Beyond the system's limit where we are root of our network namespace, up to it elsewhere.
void enlarge_buffers(int socket) {
  const int size = kBufferBytes;
  if (::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
    set_option(socket, SOL_SOCKET, SO_RCVBUF, size, "cannot enlarge a socket's buffer");
  }
  if (::setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0) {
    set_option(socket, SOL_SOCKET, SO_SNDBUF, size, "cannot enlarge a socket's buffer");
  }
}

}  // namespace

SocketAddress::SocketAddress(IpAddress address, uint16_t port) {
  if (address.is_v6()) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    store_be64(reinterpret_cast<std::byte*>(&v6.sin6_addr), address.high());
    store_be64(reinterpret_cast<std::byte*>(&v6.sin6_addr) + 8, address.low());
    length = sizeof v6;
    return;
  }
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(address.v4_bits());
  length = sizeof v4;
}

IpAddress SocketAddress::address() const {
  if (storage.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
    const auto* bytes = reinterpret_cast<const std::byte*>(&v6.sin6_addr);
    return IpAddress::v6(load_be64(bytes), load_be64(bytes + 8));
  }
  return IpAddress::v4(ntohl(reinterpret_cast<const sockaddr_in&>(storage).sin_addr.s_addr));
}

uint16_t SocketAddress::port() const {
  if (storage.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
}

bool SocketAddress::operator==(const SocketAddress& other) const {
  return length == other.length && port() == other.port() && address() == other.address();
}

UdpSocket::UdpSocket(const Options& options)
    : socket_(
          ::socket(options.v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      v6_(options.v6) {
  const int fd = socket_.get();
  if (fd < 0) throw_system_error("cannot make a UDP socket");
  enlarge_buffers(fd);
  if (v6_) {
    set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1, "cannot make a socket IPv6 only");
    set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO, "cannot forbid fragments");
    set_option(fd, IPPROTO_IPV6, IPV6_RECVERR, 1, "cannot ask for path MTUs");
  } else {
    set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO, "cannot set DF on a socket");
    set_option(fd, IPPROTO_IP, IP_RECVERR, 1, "cannot ask for path MTUs");
  }
  if (options.joined) {
    set_option(fd, IPPROTO_UDP, UDP_GRO, 1, "cannot ask for joined datagrams");
  }
  const SocketAddress any(v6_ ? IpAddress::v6(0, 0) : IpAddress::v4(0), options.port);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&any.storage), any.length) != 0) {
    throw_system_error("cannot bind UDP port " + std::to_string(options.port));
  }
}

uint16_t UdpSocket::port() const {
  SocketAddress bound;
  bound.length = sizeof bound.storage;
  ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&bound.storage), &bound.length);
  return bound.port();
}

uint64_t UdpSocket::drops() const {
  std::array<uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t size = sizeof info;
  ::getsockopt(socket_.get(), SOL_SOCKET, SO_MEMINFO, info.data(), &size);
  return info[SK_MEMINFO_DROPS];
}

bool UdpSocket::next_error(SocketAddress& to, uint32_t& path_mtu) {
  std::array<std::byte, 256> control;
  std::byte ignored;
  iovec data{&ignored, 1};
  msghdr message{};
  message.msg_name = &to.storage;
  message.msg_namelen = sizeof to.storage;
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(socket_.get(), &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return false;
  to.length = message.msg_namelen;
  path_mtu = 0;
  const int level = v6_ ? IPPROTO_IPV6 : IPPROTO_IP;
  const int type = v6_ ? IPV6_RECVERR : IP_RECVERR;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != level || part->cmsg_type != type) continue;
    sock_extended_err error;
    std::memcpy(&error, CMSG_DATA(part), sizeof error);
    if (error.ee_errno == EMSGSIZE) path_mtu = error.ee_info;
  }
  return true;
}

}  // namespace violin
