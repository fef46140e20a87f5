#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/addresses.hh"
#include "core/units.hh"
#include "emulator/os/network_namespace.hh"

struct nl_msg;
struct nl_sock;
struct rtnl_link;

namespace violin {

// One end of a veth pair: the interface's name and the network namespace it is to be in.
struct VethEnd {
  std::string name;  // 1 to 15 bytes
  const NetworkNamespace& where;
};

// A route of the main table of a namespace.
struct KernelRoute {
  IpPrefix to;                   // 0.0.0.0/0 or ::/0 = the default route
  std::optional<IpAddress> via;  // none = on the link itself
  std::string interface;
  // TCP connections over it begin with this algorithm; empty = what the namespace has. The way for
  // a namespace that is not the machine's first to use one that the machine does not allow to
  // everybody (net.ipv4.tcp_allowed_congestion_control): the setting is refused there.
  std::string congestion_control;
};

// Changes interfaces, addresses and routes of one network namespace, over a netlink socket opened
// in it (so no thread has to be there later). Not for frames, and it watches nothing. Every change
// is in effect when the call returns. Needs CAP_NET_ADMIN in the namespace.
//
// Everything throws std::system_error naming the interface or address, with the kernel's error
// number and its own words where it has any.
class Netlink {
 public:
  explicit Netlink(const NetworkNamespace& where);
  ~Netlink();
  Netlink(Netlink&&) noexcept;
  Netlink& operator=(Netlink&&) noexcept;

  // A pair of interfaces joined like by a cable, each in the namespace named; both are down.
  void add_veth(const VethEnd& a, const VethEnd& b, int mtu);
  void delete_link(const std::string& interface);
  bool link_exists(const std::string& interface);

  // Frames that the interface was to send and did not, since it exists: for want of room, mostly.
  uint64_t frames_dropped(const std::string& interface);

  void set_up(const std::string& interface);
  void set_down(const std::string& interface);
  void set_mac(const std::string& interface, MacAddress mac);
  void set_mtu(const std::string& interface, int bytes);
  // The queue between the stack and the device, in frames.
  void set_queue_length(const std::string& interface, int frames);
  // No super-frame handed to the device, and none merged from what it received, is longer than
  // this, Ethernet header and all, IPv4 or IPv6. At most what the device can (65536 unless it says
  // otherwise).
  void set_gso_max(const std::string& interface, Bytes largest);

  // An IPv6 address is not probed for duplicates (RFC 4862 5.4), which takes a second in which it
  // cannot be used. The kernel joins its multicast group some milliseconds later, on a worker: a
  // neighbour that asks for it before then asks again after a second.
  void add_address(const std::string& interface, const InterfaceAddress& address);
  // Takes the place of one to the same prefix, also of the kernel's own for an address's subnet.
  void add_route(const KernelRoute& route);

 private:
  struct Refusal;  // what the kernel said to the last request
  struct Closer {
    void operator()(nl_sock* socket) const;
  };
  // Sends one request, takes the message over, waits for its acknowledgement.
  void perform(nl_msg* request, const std::string& action);
  struct LinkCloser {
    void operator()(rtnl_link* link) const;
  };
  std::unique_ptr<rtnl_link, LinkCloser> find(const std::string& interface);
  int index_of(const std::string& interface);

  std::unique_ptr<Refusal> refusal_;
  std::unique_ptr<nl_sock, Closer> socket_;
};

}  // namespace violin
