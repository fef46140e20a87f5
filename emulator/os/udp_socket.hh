#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "core/addresses.hh"
#include "emulator/os/file_descriptor.hh"

namespace violin {

// An address and a port as the kernel wants them.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  SocketAddress() = default;
  SocketAddress(IpAddress address, uint16_t port);
  IpAddress address() const;
  uint16_t port() const;
  bool operator==(const SocketAddress& other) const;
};

// A UDP socket of one address family for a tunnel's datagrams: it does not block, sets DF and never
// fragments, reports path MTUs (IP_RECVERR), and has large buffers where we may have them.
class UdpSocket {
 public:
  struct Options {
    bool v6 = false;
    uint16_t port = 0;    // 0 = any
    bool joined = false;  // take datagrams joined by the kernel (UDP_GRO)
  };

  // Binds the port at every address of the family. Throws std::system_error.
  explicit UdpSocket(const Options& options);

  int descriptor() const { return socket_.get(); }
  uint16_t port() const;
  // Datagrams that the kernel dropped because the buffer was full.
  uint64_t drops() const;
  // Reads one report from the error queue: the path MTU towards `to`, or 0 when the report is about
  // something else. False when there is none.
  bool next_error(SocketAddress& to, uint32_t& path_mtu);

 private:
  FileDescriptor socket_;
  bool v6_;
};

}  // namespace violin
