#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include "core/check.hh"
#include "core/segmentation.hh"
#include "tests/support/fake_guest.hh"
#include "tests/support/packet_builder.hh"

// Whatever stands in the rings of a guest and in what they lead to: frames come of it, or the guest
// is cut off, and outside its memory nothing is touched. The first byte says what the guest has
// agreed to, the second what is done; of the rest a part is laid over each ring, its indirect
// tables and its buffers.

using namespace violin;
using testing::FakeGuest;

namespace {

constexpr uint8_t kEventIndex = 1;
constexpr uint8_t kMerging = 2;
constexpr uint8_t kOffloads = 4;
constexpr uint8_t kSmallRing = 8;

uint64_t features_of(uint8_t choice) {
  uint64_t features = ~uint64_t{0};
  if ((choice & kEventIndex) == 0) features &= ~Virtqueue::kFeatureEventIndex;
  if ((choice & kMerging) == 0) features &= ~(uint64_t{1} << 15);
  if ((choice & kOffloads) == 0) features &= ~uint64_t{0x183};
  return features;
}

// Looks at every byte of what came out, and at what would be made of it.
void look_at(Frame frame) {
  CHECK_COMPARE(frame.size(), <=, 65'553u);
  segment(std::move(frame), [](const Frame& part) {
    volatile uint64_t seen = part.sums().weighted;
    (void)seen;
  });
}

void lay_over(FakeGuest& guest, size_t at, std::span<const std::byte>& bytes, size_t most) {
  const auto part = bytes.first(std::min(most, bytes.size()));
  std::memcpy(guest.memory.data() + at, part.data(), part.size());
  bytes = bytes.subspan(part.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static BufferPools pools;
  if (size < 4) return 0;
  testing::RecordingNicOwner owner;
  VhostNic nic({}, pools, owner, 0);
  const uint32_t entries = (data[0] & kSmallRing) != 0 ? 2 : 8;
  FakeGuest guest(nic, {.ring_size = entries, .features = features_of(data[0])});
  CHECK(guest.start());
  guest.give_buffers(entries / 2, 100 + 20u * data[2]);
  guest.send_frame({}, std::vector<std::byte>(60));
  std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data) + 3, size - 3);
  // Of eight entries: 128 bytes of descriptors, 22 of the available ring, 70 of the used one.
  lay_over(guest, 0, bytes, 152);
  lay_over(guest, 0x1'0000, bytes, 152);
  lay_over(guest, FakeGuest::kTables, bytes, 64);
  lay_over(guest, FakeGuest::kSent, bytes, 256);
  testing::PacketBuilder builder;
  builder.payload_size = data[1] * 200u;
  builder.protocol = (data[1] & 1) != 0 ? ip_protocol::kUdp : ip_protocol::kTcp;
  for (int i = 0; i < 3; ++i) {
    Frame frame = builder.build(pools);
    if (builder.payload_size > 1400) frame.set_gso_size(1400);
    nic.deliver(std::move(frame));
    nic.publish();
    guest.kick(1);
    nic.collect();
  }
  for (Frame& frame : owner.frames) look_at(std::move(frame));
  CHECK(nic.is_connected() != (nic.counters().resets == 1));
  return 0;
}
