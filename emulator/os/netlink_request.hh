#pragma once

#include <netlink/msg.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/addresses.hh"

namespace violin {

// A netlink request under construction: a fixed header of the kernel's (ifinfomsg, rtmsg …) and
// attributes behind it. A message that cannot take another attribute is a bug: it has a page, and
// no request of ours comes near.
class NetlinkRequest {
 public:
  template <class Header>
  NetlinkRequest(int type, int flags, const Header& header) : NetlinkRequest(type, flags) {
    append(header);
  }

  // Numbers are in the byte order of this machine, addresses in that of the network, texts end with
  // a zero byte: as rtnetlink(7) has them.
  NetlinkRequest& put(int type, uint32_t value) { return put(type, &value, sizeof value); }
  NetlinkRequest& put(int type, const std::string& text);
  NetlinkRequest& put(int type, MacAddress mac);
  NetlinkRequest& put(int type, IpAddress address);

  // A second header inside an attribute, as the far end of a veth pair has one.
  template <class Header>
  void append(const Header& header) {
    append(&header, sizeof header);
  }
  // What is put between the two is inside the attribute.
  nlattr* begin(int type);
  void end(nlattr* nest);

  // For nl_send_sync(), which frees it.
  nl_msg* release() { return message_.release(); }

 private:
  struct Deleter {
    void operator()(nl_msg* message) const { nlmsg_free(message); }
  };
  NetlinkRequest(int type, int flags);
  void append(const void* bytes, size_t size);
  NetlinkRequest& put(int type, const void* bytes, size_t size);

  std::unique_ptr<nl_msg, Deleter> message_;
};

}  // namespace violin
