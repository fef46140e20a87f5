#include "emulator/virtio/vhost_nic.hh"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <utility>

#include "core/byte_order.hh"
#include "core/ethernet.hh"
#include "core/segmentation.hh"
#include "emulator/virtio/net_feature.hh"

namespace violin {
namespace {

// struct virtio_net_config, section 5.1.4.
struct NetConfig {
  std::array<std::byte, 6> mac;
  uint16_t status;
  uint16_t max_virtqueue_pairs;
  uint16_t mtu;
};
static_assert(sizeof(NetConfig) == 12);
constexpr uint16_t kLinkUp = 1;

// The longest IP packet, an Ethernet header and a VLAN tag.
constexpr uint64_t kFrameMax = 65'535 + EthernetHeader::kSize + 4;

uint64_t features_of(const VhostNicOptions& options) {
  uint64_t features = Virtqueue::kFeatureIndirect | Virtqueue::kFeatureEventIndex;
  for (const int bit :
       {net_feature::kMtu, net_feature::kMac, net_feature::kMrgRxbuf, net_feature::kStatus})
    features |= uint64_t{1} << bit;
  if (options.offloads) {
    for (const int bit : {net_feature::kCsum, net_feature::kGuestCsum, net_feature::kGuestTso4,
                          net_feature::kGuestTso6, net_feature::kGuestEcn, net_feature::kHostTso4,
                          net_feature::kHostTso6, net_feature::kHostEcn, net_feature::kGuestUso4,
                          net_feature::kGuestUso6, net_feature::kHostUso}) {
      features |= uint64_t{1} << bit;
    }
  }
  return features & ~options.withheld;
}

}  // namespace

VhostNic::VhostNic(const VhostNicOptions& options, BufferPools& pools, VhostNicOwner& owner,
                   int index)
    : options_(options),
      pools_(pools),
      owner_(owner),
      index_(index),
      session_({.features = features_of(options),
                .queues = 2,
                .in_band = options.in_band,
                .confirm_interrupts = options.confirm_interrupts},
               *this) {
  CHECK(options.mtu >= 68 && options.mtu <= 65'535);
}

void VhostNic::read_config(std::span<std::byte> to) const {
  NetConfig config{};
  store_be48(config.mac.data(), options_.mac.bits());
  config.status = has_carrier_ ? kLinkUp : 0;
  config.max_virtqueue_pairs = 1;
  config.mtu = static_cast<uint16_t>(options_.mtu);
  std::memcpy(to.data(), &config, std::min(to.size(), sizeof config));
}

bool VhostNic::set_carrier(bool on) {
  if (on == has_carrier_) return false;
  has_carrier_ = on;
  return session_.announce_config();
}

void VhostNic::queue_enabled(int queue) {
  // Whether there is room for a frame is looked at when there is a frame.
  if (queue == kReceive) session_.queue(kReceive).suppress_kicks();
}

bool VhostNic::queue_kicked(int queue) {
  if (queue == kReceive) {
    session_.queue(kReceive).suppress_kicks();
    owner_.nic_has_room(index_);
    return true;
  }
  if (options_.in_band) owner_.nic_kicked(index_);
  size_t frames = 0;
  return collect_burst(frames);
}

// ---- from the guest ---------------------------------------------------------------------------

size_t VhostNic::collect() {
  size_t frames = 0;
  collect_burst(frames);
  return frames;
}

// False when there may be more, and the guest says nothing of it.
bool VhostNic::collect_burst(size_t& frames) {
  const size_t most = options_.in_band ? kBurstInBand : kBurst;
  Virtqueue& queue = session_.queue(kTransmit);
  while (session_.is_sound(kTransmit)) {
    while (frames < most && collect_one(queue)) ++frames;
    if (!session_.is_sound(kTransmit)) break;
    if (queue.publish()) session_.interrupt(kTransmit);
    if (!wants_kicks_) return frames < most;
    if (queue.ask_for_kick()) return true;
    if (frames == most) return false;
  }
  return true;
}

void VhostNic::set_kicks(bool wanted) {
  wants_kicks_ = wanted;
  if (!wanted) session_.queue(kTransmit).suppress_kicks();
}

bool VhostNic::collect_one(Virtqueue& queue) {
  const DescriptorChain* chain = queue.take();
  if (chain == nullptr) return false;
  if (!chain->writable.empty()) {
    session_.reset("a buffer to write among those of a frame it sends");
    return false;
  }
  DropReason reason = DropReason::kMalformed;
  std::optional<Frame> frame = take_frame(*chain, reason);
  queue.use(chain->head, 0);
  // What was read meanwhile may have been nothing.
  if (!session_.is_sound(kTransmit)) return false;
  if (frame) {
    owner_.nic_received(index_, std::move(*frame));
  } else {
    owner_.nic_dropped(index_, reason);
  }
  return true;
}

std::optional<Frame> VhostNic::take_frame(const DescriptorChain& chain, DropReason& reason) try {
  ChainCursor cursor(chain.readable);
  VnetHeader header;
  const bool has_header = cursor.read(std::as_writable_bytes(std::span(&header, 1)));
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (!has_header || cursor.left() < EthernetHeader::kSize || cursor.left() > kFrameMax) {
    return std::nullopt;
  }
  Frame frame = Frame::allocate(pools_);
  const uint32_t first =
      static_cast<uint32_t>(std::min<uint64_t>(cursor.left(), Frame::kInlineBytes));
  cursor.read({frame.append(first), first});
  if (const auto rest = static_cast<uint32_t>(cursor.left()); rest > 0) {
    Slot* slot = pools_.take_slot(rest);
    cursor.read({slot->bytes(), rest});
    frame.set_payload(Payload::of_slot(slot, 0, rest));
  }
  // Nothing else is a sender's to say (section 5.1.6.2): whether checksums are right in particular.
  header.flags &= VnetHeader::kNeedsChecksum;
  if (!finish_received(frame, header) || segment_count(frame) > kSegmentsMax) return std::nullopt;
  return frame;
} catch (const PoolExhausted&) {
  reason = DropReason::kNoBuffer;
  return std::nullopt;
}

}  // namespace violin
