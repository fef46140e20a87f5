#include "emulator/os/tap_device.hh"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <cerrno>

#include "emulator/os/netlink.hh"

namespace violin {
namespace {

// Since Linux 6.2; the kernel wants both or none.
constexpr unsigned kUdpSegmentation = 0x20 | 0x40;  // TUN_F_USO4, TUN_F_USO6

// Whoever sees a refusal is told what to do about it: nothing else needs more than user namespaces.
FileDescriptor open_tun() {
  const std::string action = "cannot open /dev/net/tun";
  const int descriptor = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  const int error = errno;
  if (descriptor < 0 && (error == EACCES || error == EPERM)) {
    throw_system_error(error, action +
                                  " to make virtual interfaces (run as root, or let everybody open "
                                  "it: chmod 0666 /dev/net/tun)");
  }
  return checked_descriptor(descriptor, action);
}

}  // namespace

TapDevice::TapDevice(const NetworkNamespace& where, const TapOptions& options)
    : name_(options.name) {
  if (name_.empty() || name_.size() >= IFNAMSIZ) {
    throw_system_error(EINVAL, "cannot make a TAP device called \"" + name_ + "\"");
  }
  {
    const EnteredNamespace inside(where);
    open_in_this_namespace(options);
  }
  Netlink netlink(where);
  netlink.set_mac(name_, options.mac);
  netlink.set_mtu(name_, options.mtu);
  netlink.set_queue_length(name_, options.queue_length);
  // A kernel's usual limit of 65536 lets super-frames through that do not fit a UDP datagram.
  if (options.offload) netlink.set_gso_max(name_, options.largest_frame);
  if (options.up) netlink.set_up(name_);
}

void TapDevice::open_in_this_namespace(const TapOptions& options) {
  // The device will be in the namespace in which this is opened.
  descriptor_ = open_tun();
  ifreq request = {};
  name_.copy(request.ifr_name, IFNAMSIZ - 1);
  const int flags = IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL | (options.offload ? IFF_VNET_HDR : 0);
  request.ifr_flags = static_cast<short>(flags);
  if (ioctl(fd(), TUNSETIFF, &request) != 0) {
    throw_system_error("cannot make the TAP device " + name_);
  }
  if (options.offload) ask_for_offloads(options.super_frames);
}

void TapDevice::ask_for_offloads(bool super_frames) {
  const int header = kHeaderBytes;
  if (ioctl(fd(), TUNSETVNETHDRSZ, &header) != 0) {
    throw_system_error("cannot set the header size of the TAP device " + name_);
  }
  const unsigned tcp = super_frames ? TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 : TUN_F_CSUM;
  udp_super_frames_ = super_frames && ioctl(fd(), TUNSETOFFLOAD, tcp | kUdpSegmentation) == 0;
  if (!udp_super_frames_ && ioctl(fd(), TUNSETOFFLOAD, tcp) != 0) {
    throw_system_error("cannot ask the TAP device " + name_ + " for offloads");
  }
}

void TapDevice::set_carrier(bool on) {
  const int carrier = on ? 1 : 0;
  if (ioctl(fd(), TUNSETCARRIER, &carrier) != 0 && errno != EBADFD) {
    throw_system_error("cannot set the carrier of the TAP device " + name_);
  }
}

}  // namespace violin
