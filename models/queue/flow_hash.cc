#include "models/queue/flow_hash.hh"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "core/ethernet.hh"
#include "core/ip_header.hh"
#include "core/random.hh"

namespace violin {
namespace {

constexpr size_t kVlanTag = 4;
constexpr size_t kIpv4HeaderMax = 60;
constexpr size_t kPorts = 4;
constexpr size_t kVisible = EthernetHeader::kSize + kVlanTag + kIpv4HeaderMax + kPorts;

// The bytes to hash, in a row.
class Key {
 public:
  void add(std::span<const std::byte> bytes) {
    std::memcpy(bytes_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void add(uint8_t value) { bytes_[size_++] = std::byte{value}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), size_}; }

 private:
  std::array<std::byte, 32 + 1 + kPorts> bytes_;
  size_t size_ = 0;
};

void add_ports(Key& key, std::span<const std::byte> transport, uint8_t protocol) {
  const bool has_ports = protocol == ip_protocol::kTcp || protocol == ip_protocol::kUdp;
  if (has_ports && transport.size() >= kPorts) key.add(transport.first(kPorts));
}

bool add_ipv4(Key& key, std::span<const std::byte> packet) {
  const std::optional<Ipv4Header> ip = Ipv4Header::read(packet);
  if (!ip) return false;
  key.add(packet.subspan(12, 8));
  key.add(ip->protocol);
  if (!ip->is_fragment()) add_ports(key, packet.subspan(ip->header_length), ip->protocol);
  return true;
}

bool add_ipv6(Key& key, std::span<const std::byte> packet) {
  const std::optional<Ipv6Header> ip = Ipv6Header::read(packet);
  if (!ip) return false;
  key.add(packet.subspan(8, 32));
  key.add(ip->next_header);
  add_ports(key, packet.subspan(Ipv6Header::kSize), ip->next_header);
  return true;
}

}  // namespace

uint64_t flow_hash(const Frame& frame, uint64_t perturbation) {
  std::byte copy[kVisible];
  const size_t visible = std::min<size_t>(frame.size(), kVisible);
  frame.copy_to({copy, visible});
  const std::span<const std::byte> bytes(copy, visible);
  Key key;
  if (visible < EthernetHeader::kSize) {
    key.add(bytes);
    return stable_hash(key.text(), perturbation);
  }
  size_t network_at = EthernetHeader::kSize;
  if (load_be16(copy + 12) == ether_type::kVlan && visible >= network_at + kVlanTag) {
    network_at += kVlanTag;
  }
  const uint16_t type = load_be16(copy + network_at - 2);
  const std::span<const std::byte> packet = bytes.subspan(network_at);
  const bool is_flow = (type == ether_type::kIpv4 && add_ipv4(key, packet)) ||
                       (type == ether_type::kIpv6 && add_ipv6(key, packet));
  if (!is_flow) key.add(bytes.first(EthernetHeader::kSize));
  return stable_hash(key.text(), perturbation);
}

}  // namespace violin
