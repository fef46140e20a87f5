#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "emulator/virtio/vhost_session.hh"

// What a session says to its guest.

namespace violin {

VhostSession::Outcome VhostSession::answer(std::span<const std::byte> payload) {
  constexpr uint32_t kFlags = VhostHeader::kVersion | VhostHeader::kReply;
  if (socket_.send(message_.header.request, kFlags, payload)) return Outcome::kAnswered;
  // It may have gone away, which is no offence.
  if (errno == EAGAIN) return cut_off("it does not read its answers");
  disconnect();
  return Outcome::kOver;
}

VhostSession::Outcome VhostSession::answer(uint64_t value) {
  return answer(std::as_bytes(std::span(&value, 1)));
}

bool VhostSession::tell(VhostBackendRequest request, uint32_t index) {
  if (!requests_.is_open()) return false;
  const VhostVringState state{index, 0};
  const uint32_t flags =
      VhostHeader::kVersion | (options_.confirm_interrupts ? VhostHeader::kNeedReply : 0);
  const auto payload = request == VhostBackendRequest::kVringCall
                           ? std::as_bytes(std::span(&state, 1))
                           : std::span<const std::byte>();
  if (!requests_.send(static_cast<uint32_t>(request), flags, payload)) return false;
  if (options_.confirm_interrupts) ++answers_due_;
  return true;
}

bool VhostSession::interrupt(size_t queue) {
  if (!is_enabled(queue)) return false;
  bool is_told = false;
  if (options_.in_band) {
    is_told = tell(VhostBackendRequest::kVringCall, static_cast<uint32_t>(queue));
  } else if (rings_[queue].call.is_open()) {
    constexpr uint64_t kOnce = 1;
    is_told = ::send(rings_[queue].call.get(), &kOnce, sizeof kOnce, MSG_DONTWAIT | MSG_NOSIGNAL) ==
              sizeof kOnce;
  }
  if (is_told) ++counters_.interrupts;
  return is_told;
}

bool VhostSession::announce_config() { return tell(VhostBackendRequest::kConfigChange, 0); }

void VhostSession::read_answers() {
  while (answers_due_ > 0 && requests_.is_open()) {
    switch (requests_.read(reply_)) {
      case VhostChannel::Read::kNothing:
        return;
      case VhostChannel::Read::kClosed:
        answers_due_ = 0;
        return requests_.close();
      case VhostChannel::Read::kBroken:
        return reset(std::string(requests_.trouble()));
      case VhostChannel::Read::kMessage:
        if ((reply_.header.flags & VhostHeader::kReply) == 0 || !reply_.descriptors.empty()) {
          return reset("an answer that is none");
        }
        --answers_due_;
    }
  }
}

}  // namespace violin
