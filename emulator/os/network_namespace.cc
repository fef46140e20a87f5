#include "emulator/os/network_namespace.hh"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "core/check.hh"

namespace violin {
namespace {

// In the namespace of the calling thread.
void set_loopback_up() {
  const FileDescriptor any =
      checked_descriptor(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "cannot make a socket");
  ifreq request = {};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  if (ioctl(any.get(), SIOCSIFFLAGS, &request) != 0) throw_system_error("cannot set lo up");
}

// In the namespace of the calling thread, for every interface it will have.
void probe_for_no_duplicates() {
  const std::string setting = "/proc/sys/net/ipv6/conf/default/accept_dad";
  if (access(setting.c_str(), F_OK) == 0) write_file(setting, "0");  // absent = no IPv6 here
}

}  // namespace

void set_up_new_network() {
  set_loopback_up();
  probe_for_no_duplicates();
}

NetworkNamespace NetworkNamespace::create() {
  // Unsharing moves the calling thread; having "entered" where it already is brings it back.
  const EnteredNamespace back_afterwards(current());
  if (unshare(CLONE_NEWNET) != 0) throw_system_error("cannot make a network namespace");
  set_up_new_network();
  return current();
}

NetworkNamespace NetworkNamespace::current() {
  return NetworkNamespace(open_file("/proc/thread-self/ns/net", O_RDONLY));
}

uint64_t NetworkNamespace::id() const {
  struct stat status = {};
  if (fstat(fd(), &status) != 0) throw_system_error("cannot look at a network namespace");
  return status.st_ino;
}

EnteredNamespace::EnteredNamespace(const NetworkNamespace& target)
    : before_(NetworkNamespace::current()) {
  if (setns(target.fd(), CLONE_NEWNET) != 0) throw_system_error("cannot enter a network namespace");
}

EnteredNamespace::~EnteredNamespace() {
  // A thread that went on in a foreign namespace would do to it what is meant for its own.
  CHECK(setns(before_.fd(), CLONE_NEWNET) == 0);
}

}  // namespace violin
