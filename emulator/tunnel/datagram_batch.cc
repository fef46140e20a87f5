#include "emulator/tunnel/datagram_batch.hh"

#include <netinet/udp.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/check.hh"
#include "emulator/tunnel/frame_slice.hh"

namespace violin {

DatagramBatch::DatagramBatch(UdpSocket& socket, Limits limits)
    : socket_(socket), limits_(limits), buffer_(kBytesMax) {
  CHECK_COMPARE(limits.datagrams, <=, kDatagramsMax);
  // A header, and where the frame's headers end and its payload begins.
  parts_.reserve(kDatagramsMax * 3);
}

void DatagramBatch::make_room(const SocketAddress& to, uint32_t size) {
  CHECK_COMPARE(size, <=, kBytesMax);
  if (datagrams_ == 0) return;
  const bool fits = !closed_ && datagrams_ < limits_.datagrams && size <= segment_size_ &&
                    bytes_ + size <= kBytesMax && to == to_;
  if (!fits) flush();
}

void DatagramBatch::count_in(const SocketAddress& to, uint32_t size) {
  if (datagrams_ == 0) {
    to_ = to;
    segment_size_ = size;
  }
  closed_ = size < segment_size_;
  ++datagrams_;
  bytes_ += size;
}

void DatagramBatch::add(const SocketAddress& to, std::span<const std::byte> header,
                        const Frame& frame, uint32_t from, uint32_t size) {
  CHECK_COMPARE(header.size(), <=, kHeaderMax);
  const auto whole = static_cast<uint32_t>(header.size()) + size;
  make_room(to, whole);
  std::byte* own = headers_[datagrams_].data();
  std::memcpy(own, header.data(), header.size());
  parts_.push_back({own, header.size()});
  const FrameSlice slice(frame, from, size);
  for (const FrameSlice::Piece piece : slice.pieces()) {
    parts_.push_back({const_cast<std::byte*>(piece.data()), piece.size()});
  }
  count_in(to, whole);
}

std::span<std::byte> DatagramBatch::add_buffer(const SocketAddress& to, uint32_t size) {
  make_room(to, size);
  // Datagrams of a send lie one behind the other, so that one part is enough for all of them.
  std::byte* at = buffer_.data() + bytes_;
  const bool continues =
      !parts_.empty() &&
      static_cast<std::byte*>(parts_.back().iov_base) + parts_.back().iov_len == at;
  if (continues) {
    parts_.back().iov_len += size;
  } else {
    parts_.push_back({at, size});
  }
  count_in(to, size);
  return {at, size};
}

void DatagramBatch::keep(Frame frame) { kept_.push_back(std::move(frame), Time()); }

void DatagramBatch::flush() {
  if (datagrams_ != 0) send_all();
  datagrams_ = 0;
  bytes_ = 0;
  closed_ = false;
  parts_.clear();
  kept_.clear();
}

void DatagramBatch::send_all() {
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(uint16_t))> control{};
  msghdr message{};
  message.msg_name = &to_.storage;
  message.msg_namelen = to_.length;
  message.msg_iov = parts_.data();
  message.msg_iovlen = parts_.size();
  if (datagrams_ > 1) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_UDP;
    part->cmsg_type = UDP_SEGMENT;
    part->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    const auto size = static_cast<uint16_t>(segment_size_);
    std::memcpy(CMSG_DATA(part), &size, sizeof size);
  }
  ssize_t sent = ::sendmsg(socket_.descriptor(), &message, 0);
  // The first call after an ICMP error reports that error, not its own.
  if (sent < 0 && errno != EAGAIN && errno != ENOBUFS && errno != EMSGSIZE) {
    sent = ::sendmsg(socket_.descriptor(), &message, 0);
  }
  ++counters_.sends;
  (sent < 0 ? counters_.refused : counters_.datagrams) += datagrams_;
}

}  // namespace violin
