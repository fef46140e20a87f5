#include "emulator/virtio/vhost_channel.hh"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace violin {
namespace {

// All that came become the message's; false when there were more than any message has.
bool take_descriptors(msghdr& from, VhostMessage& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&from); part != nullptr; part = CMSG_NXTHDR(&from, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int descriptor;
      std::memcpy(&descriptor, CMSG_DATA(part) + i * sizeof descriptor, sizeof descriptor);
      message.descriptors.emplace_back(descriptor);
    }
  }
  return (from.msg_flags & MSG_CTRUNC) == 0 &&
         message.descriptors.size() <= VhostMessage::kDescriptorsMax;
}

}  // namespace

bool VhostChannel::open(FileDescriptor socket) {
  close();
  struct stat status {};
  // A guest may hand over anything; only of a socket can it be said per call not to wait.
  if (::fstat(socket.get(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  socket_ = std::move(socket);
  return true;
}

void VhostChannel::close() {
  socket_.close();
  filled_ = 0;
}

VhostChannel::Read VhostChannel::fail(std::string_view trouble) {
  trouble_ = trouble;
  return Read::kBroken;
}

VhostChannel::Read VhostChannel::read(VhostMessage& message) {
  if (filled_ == 0) message.descriptors.clear();
  while (filled_ < VhostMessage::kHeaderSize) {
    const Read result =
        receive(std::as_writable_bytes(std::span(&message.header, 1)).subspan(filled_), message);
    if (result != Read::kMessage) return result;
  }
  if (message.header.size > VhostMessage::kPayloadMax) return fail("a message that is too long");
  const size_t whole = VhostMessage::kHeaderSize + message.header.size;
  while (filled_ < whole) {
    const size_t at = filled_ - VhostMessage::kHeaderSize;
    const Read result = receive(std::span(message.bytes).subspan(at, whole - filled_), message);
    if (result != Read::kMessage) return result;
  }
  filled_ = 0;
  return Read::kMessage;
}

// Some bytes more; kMessage stands for that here.
VhostChannel::Read VhostChannel::receive(std::span<std::byte> to, VhostMessage& message) {
  iovec part{to.data(), to.size()};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(VhostMessage::kDescriptorsMax * sizeof(int))>
      control;
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const ssize_t got = ::recvmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) {
    const bool is_later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    return is_later ? Read::kNothing : Read::kClosed;
  }
  if (!take_descriptors(header, message)) return fail("too many descriptors with a message");
  if (got == 0) return Read::kClosed;
  filled_ += static_cast<size_t>(got);
  return Read::kMessage;
}

bool VhostChannel::send(uint32_t request, uint32_t flags, std::span<const std::byte> payload) {
  VhostHeader header{request, flags, static_cast<uint32_t>(payload.size())};
  const std::array<iovec, 2> parts{
      {{&header, sizeof header}, {const_cast<std::byte*>(payload.data()), payload.size()}}};
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());
  message.msg_iovlen = parts.size();
  const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent == static_cast<ssize_t>(sizeof header + payload.size());
}

}  // namespace violin
