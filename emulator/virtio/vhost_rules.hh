#pragma once

#include <cstddef>
#include <cstdint>

#include "emulator/virtio/vhost_session.hh"

namespace violin {

// Features of the protocol, and those of a device without which nobody is served here.
constexpr uint64_t kProtocolReplyAck = uint64_t{1} << 3;
constexpr uint64_t kProtocolBackendRequests = uint64_t{1} << 5;
constexpr uint64_t kProtocolConfig = uint64_t{1} << 9;
constexpr uint64_t kProtocolInBand = uint64_t{1} << 14;
constexpr uint64_t kInBandFeatures = kProtocolReplyAck | kProtocolBackendRequests | kProtocolInBand;
constexpr uint64_t kFeatureProtocol = uint64_t{1} << 30;
constexpr uint64_t kFeatureVersion1 = uint64_t{1} << 32;

// A message that a session understands: what it has to look like, and what is done.
struct VhostSession::Rule {
  VhostRequest request;
  uint32_t size_min;  // of the payload, bytes
  uint32_t size_max;
  size_t descriptors_max;
  Outcome (*apply)(VhostSession&);
};

// What each message does. The message is session.message_, and has the size its rule says.
struct VhostSession::Rules {
  static const Rule* of(uint32_t request);  // nullptr when nobody here understands it

 private:
  static Outcome acknowledge(VhostSession& session);
  static Outcome get_features(VhostSession& session);
  static Outcome set_features(VhostSession& session);
  static Outcome get_protocol_features(VhostSession& session);
  static Outcome set_protocol_features(VhostSession& session);
  static Outcome get_queue_num(VhostSession& session);
  static Outcome reset_owner(VhostSession& session);
  static Outcome set_backend_request_fd(VhostSession& session);
  static Outcome get_config(VhostSession& session);
  static Outcome set_mem_table(VhostSession& session);
  static Outcome set_vring_num(VhostSession& session);
  static Outcome set_vring_addr(VhostSession& session);
  static Outcome set_vring_base(VhostSession& session);
  static Outcome get_vring_base(VhostSession& session);
  static Outcome set_vring_kick(VhostSession& session);
  static Outcome set_vring_call(VhostSession& session);
  static Outcome set_vring_enable(VhostSession& session);
  static Outcome vring_kick(VhostSession& session);

  // The ring a message names, which must not be in use; nullptr when the guest was cut off.
  static Ring* idle_ring(VhostSession& session, uint32_t index);
  static bool has_ring(VhostSession& session, uint32_t index);
  static bool has_enabled_ring(const VhostSession& session);
  // The descriptor of a message that names a ring; false when the guest was cut off.
  static bool take_descriptor(VhostSession& session, uint32_t& index, FileDescriptor& descriptor);
};

}  // namespace violin
