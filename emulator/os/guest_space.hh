#pragma once

#include <string>
#include <vector>

#include "emulator/os/file_descriptor.hh"
#include "emulator/os/network_namespace.hh"

namespace violin {

// A file as a guest sees it, in place of the machine's of that path.
struct GuestFile {
  std::string path;  // "/etc/hosts"; passed over where this machine has no such file to cover
  std::string text;
};

struct GuestSpaceOptions {
  std::string hostname;  // 1 to 64 bytes; also the text of /etc/hostname
  std::vector<GuestFile> files;
  // /run is empty and the guest's alone, so that daemons of two guests do not meet there; else what
  // the maker sees.
  bool own_run_directory = true;
};

// What makes a machine of its own out of some processes: a network, a mount and a UTS namespace.
// Files it was given are bound over the machine's from a file system in memory, /sys shows the
// guest's interfaces, and anybody in it may send ICMP echo requests. Users and processes are those
// of the maker's namespaces. Held by descriptors alone: it needs no process, has no name anywhere
// and goes away with the last of its holders.
//
// May be made in a process with several threads; the calling thread stays where it is.
class GuestSpace {
 public:
  // Needs CAP_SYS_ADMIN. Throws std::system_error naming the guest.
  explicit GuestSpace(const GuestSpaceOptions& options);
  // No machine of its own, but where we are: programs started in it stay with us. Has no
  // descriptors, for there is nothing to enter.
  static GuestSpace here();
  bool is_here() const { return !mounts_.is_open(); }

  const std::string& hostname() const { return hostname_; }
  const NetworkNamespace& network() const { return network_; }
  int mounts_fd() const { return mounts_.get(); }
  int uts_fd() const { return uts_.get(); }

 private:
  GuestSpace() = default;

  std::string hostname_;
  NetworkNamespace network_;
  FileDescriptor mounts_;
  FileDescriptor uts_;
};

}  // namespace violin
