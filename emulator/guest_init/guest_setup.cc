#include "emulator/guest_init/guest_setup.hh"

#include <fcntl.h>
#include <linux/if_addr.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <ctime>

#include "emulator/os/file_descriptor.hh"
#include "emulator/os/netlink.hh"

namespace violin {
namespace {

void make_parents(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
      throw_system_error("cannot make " + folder);
    }
  }
}

void put_file(const GuestOrder::File& file) {
  make_parents(file.path);
  // Not through a link: what that leads to may be somebody else's file, or nothing.
  if (unlink(file.path.c_str()) != 0 && errno != ENOENT) {
    throw_system_error("cannot replace " + file.path);
  }
  checked_descriptor(open(file.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644),
                     "cannot make " + file.path);
  if (!file.text.empty()) write_file(file.path, file.text);
}

// "net.ipv4.conf.a/b.forwarding" and "net/ipv4/conf/a.b/forwarding" are the same (sysctl.d(5)).
std::string path_of_sysctl(std::string name) {
  const size_t separator = name.find_first_of("./");
  if (separator != std::string::npos && name[separator] == '.') {
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c == '.' ? '/' : c == '/' ? '.' : c;
    });
  }
  return "/proc/sys/" + name;
}

// As on most machines, an echo request needs no right; file capabilities do not come through
// hostfs.
void let_everybody_ping() { write_file("/proc/sys/net/ipv4/ping_group_range", "0 2147483647"); }

// Nobody else has their addresses: they are usable at once, also the link-local ones. The setting
// for new interfaces comes too late for those that were there when the kernel had booted.
void probe_for_no_duplicates(const std::string& interface) {
  const std::string setting = "/proc/sys/net/ipv6/conf/" + interface + "/accept_dad";
  if (access(setting.c_str(), F_OK) == 0) write_file(setting, "0");  // absent = no IPv6 on it
}

// Of IPv6: one that the kernel does not use yet. A line of if_inet6 is address, index, prefix
// length, scope and flags, all hexadecimal, and the interface.
bool has_tentative_address() {
  const std::string setting = "/proc/net/if_inet6";
  if (access(setting.c_str(), F_OK) != 0) return false;  // no IPv6 here
  const std::string text = read_file(setting);
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    for (int words = 0; words < 4; ++words) at = text.find(' ', at) + 1;
    unsigned flags = 0;
    std::from_chars(text.data() + at, text.data() + text.size(), flags, 16);
    if ((flags & IFA_F_TENTATIVE) != 0) return true;
  }
  return false;
}

// The kernel comes round to a link-local address a moment after its interface is up.
void wait_for_addresses() {
  for (int tries = 0; has_tentative_address(); ++tries) {
    if (tries == 1000) throw_system_error(ETIMEDOUT, "cannot use an IPv6 address");
    const timespec pause = {.tv_nsec = 1'000'000};
    nanosleep(&pause, nullptr);
  }
}

void set_up_interfaces(const GuestOrder& order) {
  Netlink netlink(NetworkNamespace::current());
  for (const GuestOrder::Interface& interface : order.interfaces) {
    probe_for_no_duplicates(interface.name);
    if (interface.mtu > 0) netlink.set_mtu(interface.name, interface.mtu);
    for (const InterfaceAddress& address : interface.addresses) {
      netlink.add_address(interface.name, address);
    }
    netlink.set_up(interface.name);
  }
  for (const GuestOrder::Route& route : order.routes) {
    netlink.add_route({.to = route.to, .via = route.via, .interface = route.interface});
  }
}

}  // namespace

void set_up_guest(const GuestOrder& order) {
  if (sethostname(order.hostname.data(), order.hostname.size()) != 0) {
    throw_system_error("cannot set the host name");
  }
  for (const GuestOrder::File& file : order.files) put_file(file);
  set_up_new_network();
  let_everybody_ping();
  set_up_interfaces(order);
  for (const GuestOrder::Sysctl& sysctl : order.sysctls) {
    write_file(path_of_sysctl(sysctl.name), sysctl.value);
  }
  wait_for_addresses();
}

}  // namespace violin
