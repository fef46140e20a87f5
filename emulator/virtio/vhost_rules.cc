#include "emulator/virtio/vhost_rules.hh"

#include <sys/stat.h>

#include <array>
#include <bit>
#include <utility>

namespace violin {
namespace {

constexpr uint64_t kProtocolFeatures =
    kProtocolReplyAck | kProtocolBackendRequests | kProtocolConfig;

bool is_socket(const FileDescriptor& descriptor) {
  struct stat status {};
  return ::fstat(descriptor.get(), &status) == 0 && S_ISSOCK(status.st_mode);
}

}  // namespace

const VhostSession::Rule* VhostSession::Rules::of(uint32_t request) {
  constexpr uint32_t kNumber = sizeof(uint64_t);
  constexpr uint32_t kState = sizeof(VhostVringState);
  constexpr uint32_t kRange = sizeof(VhostConfigRange);
  constexpr uint32_t kMost = VhostMessage::kPayloadMax;
  // The most frequent one stands first. An error descriptor is taken and closed: nobody here has
  // anything to say there, and virtio_uml sends none.
  static constexpr std::array<Rule, 19> kRules{{
      {VhostRequest::kVringKick, kState, kState, 0, vring_kick},
      {VhostRequest::kSetOwner, 0, 0, 0, acknowledge},
      {VhostRequest::kResetOwner, 0, 0, 0, reset_owner},
      {VhostRequest::kGetFeatures, 0, 0, 0, get_features},
      {VhostRequest::kSetFeatures, kNumber, kNumber, 0, set_features},
      {VhostRequest::kGetProtocolFeatures, 0, 0, 0, get_protocol_features},
      {VhostRequest::kSetProtocolFeatures, kNumber, kNumber, 0, set_protocol_features},
      {VhostRequest::kGetQueueNum, 0, 0, 0, get_queue_num},
      {VhostRequest::kSetBackendRequestFd, 0, kNumber, 1, set_backend_request_fd},
      {VhostRequest::kGetConfig, kRange, kMost, 0, get_config},
      {VhostRequest::kSetMemTable, kNumber, kMost, GuestMemory::kRegionsMax, set_mem_table},
      {VhostRequest::kSetVringNum, kState, kState, 0, set_vring_num},
      {VhostRequest::kSetVringAddr, sizeof(VhostVringAddress), sizeof(VhostVringAddress), 0,
       set_vring_addr},
      {VhostRequest::kSetVringBase, kState, kState, 0, set_vring_base},
      {VhostRequest::kGetVringBase, kState, kState, 0, get_vring_base},
      {VhostRequest::kSetVringKick, kNumber, kNumber, 1, set_vring_kick},
      {VhostRequest::kSetVringCall, kNumber, kNumber, 1, set_vring_call},
      {VhostRequest::kSetVringErr, kNumber, kNumber, 1, acknowledge},
      {VhostRequest::kSetVringEnable, kState, kState, 0, set_vring_enable},
  }};
  for (const Rule& rule : kRules) {
    if (static_cast<uint32_t>(rule.request) == request) return &rule;
  }
  return nullptr;
}

VhostSession::Outcome VhostSession::Rules::acknowledge(VhostSession&) { return Outcome::kDone; }

VhostSession::Outcome VhostSession::Rules::reset_owner(VhostSession& session) {
  for (Ring& ring : session.rings_) session.stop(ring);
  return Outcome::kDone;
}

// ---- agreeing ---------------------------------------------------------------------------------

VhostSession::Outcome VhostSession::Rules::get_features(VhostSession& session) {
  return session.answer(session.options_.features | kFeatureProtocol | kFeatureVersion1);
}

VhostSession::Outcome VhostSession::Rules::set_features(VhostSession& session) {
  const uint64_t agreed = *session.message_.read<uint64_t>();
  constexpr uint64_t kNeeded = kFeatureProtocol | kFeatureVersion1;
  if ((agreed & ~(session.options_.features | kNeeded)) != 0) {
    return session.cut_off("features that were not offered");
  }
  if ((agreed & kNeeded) != kNeeded) return session.cut_off("it does not speak virtio 1");
  if (has_enabled_ring(session)) return session.cut_off("other features while a queue is enabled");
  session.features_ = agreed;
  return Outcome::kDone;
}

VhostSession::Outcome VhostSession::Rules::get_protocol_features(VhostSession& session) {
  return session.answer(kProtocolFeatures | (session.options_.in_band ? kProtocolInBand : 0));
}

VhostSession::Outcome VhostSession::Rules::set_protocol_features(VhostSession& session) {
  const uint64_t agreed = *session.message_.read<uint64_t>();
  const uint64_t offered = kProtocolFeatures | (session.options_.in_band ? kProtocolInBand : 0);
  if ((agreed & ~offered) != 0) return session.cut_off("protocol features that were not offered");
  session.protocol_features_ = agreed;
  return Outcome::kDone;
}

VhostSession::Outcome VhostSession::Rules::get_queue_num(VhostSession& session) {
  return session.answer(session.rings_.size());
}

VhostSession::Outcome VhostSession::Rules::set_backend_request_fd(VhostSession& session) {
  std::vector<FileDescriptor>& descriptors = session.message_.descriptors;
  if (descriptors.empty()) return session.cut_off("a request channel without its descriptor");
  session.answers_due_ = 0;
  if (session.requests_.open(std::move(descriptors.front()))) return Outcome::kDone;
  return session.cut_off("a request channel that is no socket");
}

VhostSession::Outcome VhostSession::Rules::get_config(VhostSession& session) {
  const VhostConfigRange range = *session.message_.read<VhostConfigRange>();
  if (session.message_.header.size != sizeof range + uint64_t{range.size}) {
    return session.cut_off("a question for another part of the configuration than it has room for");
  }
  std::array<std::byte, 2 * VhostConfigRange::kSizeMax> config{};
  // Beyond the end there is nothing, and an answer of no length says so.
  if (range.offset > VhostConfigRange::kSizeMax)
    return session.answer(std::span<const std::byte>());
  session.device_.read_config(config);
  std::array<std::byte, VhostMessage::kPayloadMax> payload;
  std::memcpy(payload.data(), &range, sizeof range);
  std::memcpy(payload.data() + sizeof range, config.data() + range.offset, range.size);
  return session.answer(std::span(payload).first(session.message_.header.size));
}

// ---- memory and rings -------------------------------------------------------------------------

VhostSession::Outcome VhostSession::Rules::set_mem_table(VhostSession& session) {
  if (has_enabled_ring(session)) return session.cut_off("other memory while a queue is enabled");
  const auto regions = memory_table_of(session.message_);
  if (!regions) return session.cut_off("a memory table that contradicts itself");
  std::string wrong = session.memory_.map(*regions, session.message_.descriptors);
  if (!wrong.empty()) return session.cut_off(std::move(wrong));
  return Outcome::kDone;
}

bool VhostSession::Rules::has_ring(VhostSession& session, uint32_t index) {
  if (index < session.rings_.size()) return true;
  session.reset("a queue that is not there");
  return false;
}

bool VhostSession::Rules::has_enabled_ring(const VhostSession& session) {
  for (size_t i = 0; i < session.rings_.size(); ++i) {
    if (session.is_enabled(i)) return true;
  }
  return false;
}

VhostSession::Ring* VhostSession::Rules::idle_ring(VhostSession& session, uint32_t index) {
  if (!has_ring(session, index)) return nullptr;
  if (!session.is_enabled(index)) return &session.rings_[index];
  session.reset("a ring that is changed while it is enabled");
  return nullptr;
}

VhostSession::Outcome VhostSession::Rules::set_vring_num(VhostSession& session) {
  const VhostVringState state = *session.message_.read<VhostVringState>();
  Ring* ring = idle_ring(session, state.index);
  if (ring == nullptr) return Outcome::kOver;
  if (!std::has_single_bit(state.number) || state.number > Virtqueue::kSizeMax) {
    return session.cut_off("a ring of impossible size");
  }
  ring->place.size = state.number;
  return Outcome::kDone;
}

VhostSession::Outcome VhostSession::Rules::set_vring_addr(VhostSession& session) {
  const VhostVringAddress address = *session.message_.read<VhostVringAddress>();
  Ring* ring = idle_ring(session, address.index);
  if (ring == nullptr) return Outcome::kOver;
  ring->place.descriptors = address.descriptors;
  ring->place.available = address.available;
  ring->place.used = address.used;
  return Outcome::kDone;
}

VhostSession::Outcome VhostSession::Rules::set_vring_base(VhostSession& session) {
  const VhostVringState state = *session.message_.read<VhostVringState>();
  Ring* ring = idle_ring(session, state.index);
  if (ring == nullptr) return Outcome::kOver;
  ring->next = static_cast<uint16_t>(state.number);
  return Outcome::kDone;
}

VhostSession::Outcome VhostSession::Rules::get_vring_base(VhostSession& session) {
  VhostVringState state = *session.message_.read<VhostVringState>();
  if (!has_ring(session, state.index)) return Outcome::kOver;
  Ring& ring = session.rings_[state.index];
  session.stop(ring);
  state.number = ring.next;
  return session.answer(std::as_bytes(std::span(&state, 1)));
}

bool VhostSession::Rules::take_descriptor(VhostSession& session, uint32_t& index,
                                          FileDescriptor& descriptor) {
  const uint64_t bits = session.message_.read<VhostVringDescriptor>()->bits;
  std::vector<FileDescriptor>& descriptors = session.message_.descriptors;
  index = static_cast<uint32_t>(bits & VhostVringDescriptor::kIndexMask);
  if (!has_ring(session, index)) return false;
  const bool has_none = (bits & VhostVringDescriptor::kNone) != 0;
  if (has_none != descriptors.empty()) {
    session.reset("a ring's descriptor that is missing, or not to be there");
    return false;
  }
  if (!has_none) descriptor = std::move(descriptors.front());
  return true;
}

VhostSession::Outcome VhostSession::Rules::set_vring_kick(VhostSession& session) {
  uint32_t index = 0;
  FileDescriptor descriptor;
  if (!take_descriptor(session, index, descriptor)) return Outcome::kOver;
  // In band nobody waits for it.
  return session.options_.in_band ? Outcome::kDone
                                  : session.watch_kick(index, std::move(descriptor));
}

VhostSession::Outcome VhostSession::Rules::set_vring_call(VhostSession& session) {
  uint32_t index = 0;
  FileDescriptor descriptor;
  if (!take_descriptor(session, index, descriptor)) return Outcome::kOver;
  if (descriptor.is_open() && !is_socket(descriptor)) {
    return session.cut_off("a call that is no socket");
  }
  session.rings_[index].call = std::move(descriptor);
  return Outcome::kDone;
}

VhostSession::Outcome VhostSession::Rules::set_vring_enable(VhostSession& session) {
  const VhostVringState state = *session.message_.read<VhostVringState>();
  if (!has_ring(session, state.index)) return Outcome::kOver;
  if (state.number != 0) return session.enable(state.index);
  session.stop(session.rings_[state.index]);
  return Outcome::kDone;
}

VhostSession::Outcome VhostSession::Rules::vring_kick(VhostSession& session) {
  const VhostVringState state = *session.message_.read<VhostVringState>();
  if (!has_ring(session, state.index)) return Outcome::kOver;
  session.kick(state.index);
  return Outcome::kDone;
}

}  // namespace violin
