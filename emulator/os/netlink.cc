#include "emulator/os/netlink.hh"

#include <linux/veth.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "core/check.hh"
#include "emulator/os/netlink_request.hh"

namespace violin {
namespace {

// Since Linux 6.3; older kernels go by IFLA_GSO_MAX_SIZE alone, and ignore these.
constexpr int kGsoIpv4MaxSize = 63;
constexpr int kGroIpv4MaxSize = 64;

// The metric of the routes that the kernel makes for an IPv6 address's subnet
// (IP6_RT_PRIO_ADDRCONF): a route with another one would stand beside them, not take their place.
constexpr uint32_t kIpv6Metric = 256;

// A change of an interface that the kernel finds by its name.
NetlinkRequest link_change(const std::string& interface, unsigned flags = 0, unsigned mask = 0) {
  ifinfomsg header = {};
  header.ifi_flags = flags;
  header.ifi_change = mask;
  NetlinkRequest request(RTM_SETLINK, 0, header);
  request.put(IFLA_IFNAME, interface);
  return request;
}

uint8_t family_of(IpAddress address) { return address.is_v6() ? AF_INET6 : AF_INET; }

}  // namespace

struct Netlink::Refusal {
  int error = 0;
  std::string words;

  // Called by libnl for an error message. The kernel's words stand in an attribute behind the
  // header of our request (NETLINK_CAP_ACK leaves out the rest of it).
  static int remember(sockaddr_nl*, nlmsgerr* message, void* self) {
    Refusal& refusal = *static_cast<Refusal*>(self);
    refusal.error = -message->error;
    const auto* const header =
        reinterpret_cast<const nlmsghdr*>(reinterpret_cast<const char*>(message) - NLMSG_HDRLEN);
    if ((header->nlmsg_flags & NLM_F_ACK_TLVS) == 0) return NL_STOP;
    const int length =
        static_cast<int>(header->nlmsg_len) - NLMSG_HDRLEN - static_cast<int>(sizeof *message);
    const nlattr* const words =
        nla_find(reinterpret_cast<const nlattr*>(message + 1), length, NLMSGERR_ATTR_MSG);
    if (words != nullptr) refusal.words = nla_get_string(words);
    return NL_STOP;
  }
};

void Netlink::Closer::operator()(nl_sock* socket) const { nl_socket_free(socket); }

Netlink::Netlink(const NetworkNamespace& where)
    : refusal_(std::make_unique<Refusal>()), socket_(nl_socket_alloc()) {
  CHECK(socket_ != nullptr);
  const EnteredNamespace inside(where);
  errno = EINVAL;  // libnl leaves the system's error number where there is one
  if (nl_connect(socket_.get(), NETLINK_ROUTE) != 0) {
    throw_system_error("cannot open a netlink socket");
  }
  const int on = 1;
  setsockopt(nl_socket_get_fd(socket_.get()), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(nl_socket_get_fd(socket_.get()), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  nl_socket_modify_err_cb(socket_.get(), NL_CB_CUSTOM, &Refusal::remember, refusal_.get());
}

Netlink::~Netlink() = default;
Netlink::Netlink(Netlink&&) noexcept = default;
Netlink& Netlink::operator=(Netlink&&) noexcept = default;

void Netlink::perform(nl_msg* request, const std::string& action) {
  *refusal_ = {};
  const int result = nl_send_sync(socket_.get(), request);
  if (result >= 0) return;
  // Without a word from the kernel it was the socket that failed.
  if (refusal_->error == 0) throw_system_error(EIO, action + ": " + nl_geterror(result));
  throw_system_error(refusal_->error,
                     refusal_->words.empty() ? action : action + " (" + refusal_->words + ")");
}

void Netlink::LinkCloser::operator()(rtnl_link* link) const { rtnl_link_put(link); }

std::unique_ptr<rtnl_link, Netlink::LinkCloser> Netlink::find(const std::string& interface) {
  *refusal_ = {};
  rtnl_link* link = nullptr;
  const int result = rtnl_link_get_kernel(socket_.get(), 0, interface.c_str(), &link);
  if (result < 0) {
    throw_system_error(refusal_->error == 0 ? ENODEV : refusal_->error,
                       "cannot find the interface " + interface);
  }
  return std::unique_ptr<rtnl_link, LinkCloser>(link);
}

int Netlink::index_of(const std::string& interface) {
  return rtnl_link_get_ifindex(find(interface).get());
}

uint64_t Netlink::frames_dropped(const std::string& interface) {
  return rtnl_link_get_stat(find(interface).get(), RTNL_LINK_TX_DROPPED);
}

void Netlink::add_veth(const VethEnd& a, const VethEnd& b, int mtu) {
  const ifinfomsg none = {};
  const auto put_end = [&](NetlinkRequest& request, const VethEnd& end) {
    request.put(IFLA_IFNAME, end.name)
        .put(IFLA_NET_NS_FD, static_cast<uint32_t>(end.where.fd()))
        .put(IFLA_MTU, static_cast<uint32_t>(mtu));
  };
  NetlinkRequest request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, none);
  put_end(request, a);
  nlattr* const info = request.begin(IFLA_LINKINFO);
  request.put(IFLA_INFO_KIND, std::string("veth"));
  nlattr* const data = request.begin(IFLA_INFO_DATA);
  nlattr* const peer = request.begin(VETH_INFO_PEER);
  request.append(none);
  put_end(request, b);
  request.end(peer);
  request.end(data);
  request.end(info);
  perform(request.release(), "cannot join " + a.name + " and " + b.name + " by a veth pair");
}

void Netlink::delete_link(const std::string& interface) {
  NetlinkRequest request(RTM_DELLINK, 0, ifinfomsg{});
  request.put(IFLA_IFNAME, interface);
  perform(request.release(), "cannot delete the interface " + interface);
}

bool Netlink::link_exists(const std::string& interface) {
  try {
    index_of(interface);
    return true;
  } catch (const std::system_error& error) {
    if (error.code().value() == ENODEV) return false;
    throw;
  }
}

void Netlink::set_up(const std::string& interface) {
  perform(link_change(interface, IFF_UP, IFF_UP).release(), "cannot set " + interface + " up");
}

void Netlink::set_down(const std::string& interface) {
  perform(link_change(interface, 0, IFF_UP).release(), "cannot set " + interface + " down");
}

void Netlink::set_mac(const std::string& interface, MacAddress mac) {
  perform(link_change(interface).put(IFLA_ADDRESS, mac).release(),
          "cannot give " + interface + " the address " + to_string(mac));
}

void Netlink::set_mtu(const std::string& interface, int bytes) {
  perform(link_change(interface).put(IFLA_MTU, static_cast<uint32_t>(bytes)).release(),
          "cannot set the MTU of " + interface + " to " + std::to_string(bytes));
}

void Netlink::set_queue_length(const std::string& interface, int frames) {
  perform(link_change(interface).put(IFLA_TXQLEN, static_cast<uint32_t>(frames)).release(),
          "cannot give " + interface + " a queue of " + std::to_string(frames) + " frames");
}

void Netlink::set_gso_max(const std::string& interface, Bytes largest) {
  const auto size = static_cast<uint32_t>(largest.count());
  NetlinkRequest request = link_change(interface);
  // The general ones first: the kernel lets them set those of IPv4 as well.
  request.put(IFLA_GSO_MAX_SIZE, size).put(IFLA_GRO_MAX_SIZE, size);
  request.put(kGsoIpv4MaxSize, size).put(kGroIpv4MaxSize, size);
  perform(request.release(), "cannot limit the super-frames of " + interface + " to " +
                                 std::to_string(size) + " bytes");
}

void Netlink::add_address(const std::string& interface, const InterfaceAddress& address) {
  ifaddrmsg header = {};
  header.ifa_family = family_of(address.address);
  header.ifa_prefixlen = static_cast<uint8_t>(address.prefix_length);
  header.ifa_index = static_cast<unsigned>(index_of(interface));
  NetlinkRequest request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, header);
  request.put(IFA_LOCAL, address.address).put(IFA_ADDRESS, address.address);
  if (address.address.is_v6()) request.put(IFA_FLAGS, uint32_t{IFA_F_NODAD});
  perform(request.release(), "cannot give " + interface + " the address " + to_string(address));
}

void Netlink::add_route(const KernelRoute& route) {
  const bool v6 = route.to.base().is_v6();
  rtmsg header = {};
  header.rtm_family = family_of(route.to.base());
  header.rtm_dst_len = static_cast<uint8_t>(route.to.length());
  header.rtm_table = RT_TABLE_MAIN;
  header.rtm_protocol = RTPROT_STATIC;
  header.rtm_scope = route.via || v6 ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
  header.rtm_type = RTN_UNICAST;
  NetlinkRequest request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, header);
  request.put(RTA_DST, route.to.base());
  request.put(RTA_OIF, static_cast<uint32_t>(index_of(route.interface)));
  if (route.via) request.put(RTA_GATEWAY, *route.via);
  if (v6) request.put(RTA_PRIORITY, kIpv6Metric);
  if (!route.congestion_control.empty()) {
    nlattr* const metrics = request.begin(RTA_METRICS);
    request.put(RTAX_CC_ALGO, route.congestion_control);
    request.end(metrics);
  }
  perform(request.release(), "cannot add the route to " + to_string(route.to) +
                                 (route.via ? " via " + to_string(*route.via) : std::string()) +
                                 " over " + route.interface);
}

}  // namespace violin
