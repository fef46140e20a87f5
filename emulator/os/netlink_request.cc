#include "emulator/os/netlink_request.hh"

#include <netlink/attr.h>

#include <array>

#include "core/check.hh"

namespace violin {
namespace {

// The low `size` bytes of high:low, the first on the wire first.
std::array<uint8_t, 16> network_order(uint64_t high, uint64_t low, size_t size) {
  std::array<uint8_t, 16> bytes = {};
  for (size_t i = 0; i < size; ++i) {
    const size_t shift = 8 * (size - 1 - i);
    bytes[i] = static_cast<uint8_t>((shift >= 64 ? high : low) >> (shift % 64));
  }
  return bytes;
}

}  // namespace

NetlinkRequest::NetlinkRequest(int type, int flags) : message_(nlmsg_alloc_simple(type, flags)) {
  CHECK(message_ != nullptr);
}

NetlinkRequest& NetlinkRequest::put(int type, const std::string& text) {
  return put(type, text.c_str(), text.size() + 1);
}

NetlinkRequest& NetlinkRequest::put(int type, MacAddress mac) {
  return put(type, network_order(0, mac.bits(), 6).data(), 6);
}

NetlinkRequest& NetlinkRequest::put(int type, IpAddress address) {
  const size_t size = address.is_v6() ? 16 : 4;
  return put(type, network_order(address.high(), address.low(), size).data(), size);
}

NetlinkRequest& NetlinkRequest::put(int type, const void* bytes, size_t size) {
  CHECK(nla_put(message_.get(), type, static_cast<int>(size), bytes) == 0);
  return *this;
}

void NetlinkRequest::append(const void* bytes, size_t size) {
  // libnl copies the bytes, though it does not promise to in the type.
  CHECK(nlmsg_append(message_.get(), const_cast<void*>(bytes), size, NLMSG_ALIGNTO) == 0);
}

nlattr* NetlinkRequest::begin(int type) {
  nlattr* const nest = nla_nest_start(message_.get(), type);
  CHECK(nest != nullptr);
  return nest;
}

void NetlinkRequest::end(nlattr* nest) { nla_nest_end(message_.get(), nest); }

}  // namespace violin
