#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/frame.hh"
#include "emulator/os/udp_socket.hh"

namespace violin {

// Datagrams on their way to the kernel in as few calls as possible: those to one peer that are of
// one size (the last may be shorter) go as one buffer that the kernel cuts (UDP_SEGMENT). Nothing
// is copied but headers: frames are kept until they are sent. Order is kept.
class DatagramBatch {
 public:
  // Segments of one send: what every kernel since 4.18 takes.
  static constexpr uint32_t kDatagramsMax = 64;
  // UDP payload of one send: with its headers below what an interface takes as one super-frame.
  static constexpr uint32_t kBytesMax = 65'000;
  static constexpr uint32_t kHeaderMax = 64;

  struct Counters {
    uint64_t sends = 0;      // system calls
    uint64_t datagrams = 0;  // that the kernel took
    uint64_t refused = 0;    // that it did not: no room, no route, too long for the path
  };
  // How much is joined; fewer for measuring what joining is worth.
  struct Limits {
    uint32_t datagrams = kDatagramsMax;
  };

  DatagramBatch(UdpSocket& socket, Limits limits);

  // Adds a datagram: `header` (copied) and bytes [from, from + size) of `frame`, whose payload lies
  // in memory. The frame stays where it is until keep() or flush().
  void add(const SocketAddress& to, std::span<const std::byte> header, const Frame& frame,
           uint32_t from, uint32_t size);
  // Adds a datagram of `size` bytes for the caller to write, before anything else is added.
  std::span<std::byte> add_buffer(const SocketAddress& to, uint32_t size);
  // Takes over a frame that datagrams were added from.
  void keep(Frame frame);
  void flush();

  const Counters& counters() const { return counters_; }

 private:
  void make_room(const SocketAddress& to, uint32_t size);
  void count_in(const SocketAddress& to, uint32_t size);
  void send_all();

  UdpSocket& socket_;
  Limits limits_;
  SocketAddress to_;
  uint32_t segment_size_ = 0;  // of the datagrams now gathered
  uint32_t datagrams_ = 0;
  uint32_t bytes_ = 0;
  bool closed_ = false;  // a shorter one was added: it is the last
  std::vector<iovec> parts_;
  std::array<std::array<std::byte, kHeaderMax>, kDatagramsMax> headers_;
  std::vector<std::byte> buffer_;  // what add_buffer() hands out
  FrameQueue kept_;
  Counters counters_;
};

}  // namespace violin
