#include "emulator/tunnel/tunnel_carrier.hh"

#include <netinet/udp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "core/check.hh"

namespace violin {
namespace {

// Joined datagrams read per round: enough to pay for waking up, few enough to be fair.
constexpr int kBurst = 16;
constexpr size_t kBufferSize = 65'536;

// How long each of the joined datagrams is, bytes; all of them when they were not joined.
uint32_t stride_of(msghdr& message, size_t received) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_UDP || part->cmsg_type != UDP_GRO) continue;
    int size = 0;
    std::memcpy(&size, CMSG_DATA(part), sizeof size);
    if (size > 0) return static_cast<uint32_t>(size);
  }
  return static_cast<uint32_t>(received);
}

}  // namespace

TunnelCarrier::TunnelCarrier(Realtime& realtime, const Options& options)
    : realtime_(realtime),
      socket_({.v6 = options.v6, .port = options.port, .joined = realtime.data_plane().join}),
      batch_(socket_, {realtime.data_plane().segment ? DatagramBatch::kDatagramsMax : 1}),
      buffer_(kBufferSize) {
  realtime_.add_input(socket_.descriptor(), *this);
}

TunnelCarrier::~TunnelCarrier() {
  realtime_.remove_input(socket_.descriptor());
  realtime_.forget(*this);
}

void TunnelCarrier::attach(uint64_t receive_session, UdpTunnel& tunnel) {
  CHECK(tunnels_.emplace(receive_session, &tunnel).second);
}

size_t TunnelCarrier::read_input(Time now) {
  const uint64_t before = runs_;
  for (int i = 0; i < kBurst; ++i) {
    if (!receive_once(now)) break;
  }
  return runs_ - before;
}

bool TunnelCarrier::receive_once(Time now) {
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int))> control;
  iovec data{buffer_.data(), buffer_.size()};
  msghdr message{};
  message.msg_name = &from_.storage;
  message.msg_namelen = sizeof from_.storage;
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = ::recvmsg(socket_.descriptor(), &message, 0);
  if (got < 0) {
    const bool is_error = errno != EAGAIN;
    read_errors();
    return is_error;
  }
  ++receives_;
  from_.length = message.msg_namelen;
  const auto size = static_cast<size_t>(got);
  take({buffer_.data(), size}, stride_of(message, size), now);
  return true;
}

void TunnelCarrier::take(std::span<std::byte> datagrams, uint32_t stride, Time now) {
  // One without a byte is a datagram, too.
  if (datagrams.empty()) drops_.count(DropReason::kMalformed);
  while (!datagrams.empty()) {
    ++runs_;
    size_t used = std::min<size_t>(stride, datagrams.size());
    const std::optional<TunnelHeader> header = TunnelHeader::read(datagrams.first(used));
    if (!header) {
      drops_.count(DropReason::kMalformed);
    } else if (const auto tunnel = tunnels_.find(header->session); tunnel != tunnels_.end()) {
      used = tunnel->second->receive_datagrams(*header, datagrams, stride, from_, now);
    } else {
      drops_.count(DropReason::kWrongSession);
    }
    datagrams = datagrams.subspan(used);
  }
}

void TunnelCarrier::read_errors() {
  SocketAddress to;
  uint32_t path_mtu = 0;
  while (socket_.next_error(to, path_mtu)) {
    if (path_mtu == 0) continue;
    for (UdpTunnel* tunnel : members_) {
      if (tunnel->spec().remote == to.address()) tunnel->reduce_path_mtu(path_mtu);
    }
  }
}

}  // namespace violin
