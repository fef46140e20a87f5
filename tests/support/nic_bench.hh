#pragma once

#include "core/buffers.hh"
#include "emulator/virtio/vhost_nic.hh"
#include "tests/support/fake_guest.hh"
#include "tests/support/packet_builder.hh"

namespace violin::testing {

// A NIC, who owns it, and a guest that has begun to use it.
struct NicBench {
  explicit NicBench(const VhostNicOptions& options = {}, const FakeGuestOptions& its = {},
                    const BufferLimits& limits = {})
      : pools(limits), nic(options, pools, owner, 3), guest(nic, its) {}

  Frame packet(uint8_t protocol, uint32_t payload, bool v6 = false) {
    PacketBuilder builder;
    builder.protocol = protocol;
    builder.payload_size = payload;
    builder.v6 = v6;
    return builder.build(pools);
  }

  BufferPools pools;
  RecordingNicOwner owner;
  VhostNic nic;
  FakeGuest guest;
};

}  // namespace violin::testing
