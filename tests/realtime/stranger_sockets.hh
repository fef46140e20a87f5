#pragma once

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "emulator/os/file_descriptor.hh"

// What somebody who is no part of a run reaches its network by.

namespace violin::testing {

using Bytes = std::vector<std::byte>;
using Clock = std::chrono::steady_clock;

// An Ethernet, IPv4 and UDP header.
constexpr size_t kOuterSize = 14 + 20 + 8;

[[noreturn]] inline void failed(const char* what) {
  throw std::runtime_error(std::string(what) + strerror(errno));
}

// All frames of a network interface, as they are, by whoever has the right to see them.
class Interface {
 public:
  explicit Interface(const std::string& name)
      : socket_(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL))) {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(if_nametoindex(name.c_str()));
    if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      failed("cannot listen: ");
    }
  }
  void send(const Bytes& frame) const {
    if (::send(socket_.get(), frame.data(), frame.size(), 0) < 0) failed("cannot send: ");
  }
  // The next frame; empty when none comes before then.
  Bytes next(Clock::time_point until) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    pollfd ready{socket_.get(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) return {};
    Bytes frame(70'000);
    sockaddr_ll station{};
    socklen_t length = sizeof station;
    const ssize_t size = ::recvfrom(socket_.get(), frame.data(), frame.size(), 0,
                                    reinterpret_cast<sockaddr*>(&station), &length);
    is_outgoing_ = station.sll_pkttype == PACKET_OUTGOING;
    frame.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
    return frame;
  }
  // The last one went out, rather than came in.
  bool is_outgoing() const { return is_outgoing_; }

 private:
  FileDescriptor socket_;
  bool is_outgoing_ = false;
};

inline Clock::time_point after(int milliseconds) {
  return Clock::now() + std::chrono::milliseconds(milliseconds);
}

// A UDP socket that speaks to one port only, of an IPv4 address.
class StrangerSocket {
 public:
  StrangerSocket(const std::string& address, uint16_t port)
      : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = inet_addr(address.c_str());
    if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
      failed("no way: ");
    }
  }
  void send(std::span<const std::byte> bytes) const {
    if (::send(socket_.get(), bytes.data(), bytes.size(), 0) < 0) failed("cannot send: ");
  }
  // The next datagram; nothing when none comes for so long.
  std::optional<Bytes> next(int milliseconds) const {
    pollfd ready{socket_.get(), POLLIN, 0};
    if (::poll(&ready, 1, milliseconds) <= 0) return std::nullopt;
    Bytes bytes(2'000);
    const ssize_t size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (size < 0) failed("refused: ");
    bytes.resize(static_cast<size_t>(size));
    return bytes;
  }

 private:
  FileDescriptor socket_;
};

}  // namespace violin::testing
