#pragma once

#include <cstdint>
#include <utility>

#include "emulator/os/file_descriptor.hh"

namespace violin {

// Owner of a descriptor of a network namespace. The namespace lives while any descriptor, process
// or socket holds it; it has no name anywhere, so the kernel removes it with the last of them.
// Needs CAP_SYS_ADMIN in the user namespace it is made in (of which root of a user namespace of our
// own has enough).
class NetworkNamespace {
 public:
  // A new one, its loopback interface up. IPv6 addresses of its interfaces can be used at once:
  // they are not probed for duplicates (RFC 4862 5.4), which would take a second or two. The
  // calling thread stays where it is. Throws std::system_error.
  static NetworkNamespace create();
  // The one the calling thread is in.
  static NetworkNamespace current();
  // One opened elsewhere; none = not one yet.
  explicit NetworkNamespace(FileDescriptor descriptor = {}) : descriptor_(std::move(descriptor)) {}

  bool is_open() const { return descriptor_.is_open(); }
  int fd() const { return descriptor_.get(); }
  // The kernel's number of it: equal for two descriptors of one namespace, and what
  // /proc/PID/ns/net shows.
  uint64_t id() const;

 private:
  FileDescriptor descriptor_;
};

// What create() sets up, for a thread that came into a new namespace by clone(2) or unshare(2).
void set_up_new_network();

// While one lives, the calling thread (no other) is in the given network namespace: sockets and
// devices it opens belong there. Destroyed on the same thread, it goes back to where it came from.
class EnteredNamespace {
 public:
  // Throws std::system_error.
  explicit EnteredNamespace(const NetworkNamespace& target);
  ~EnteredNamespace();
  EnteredNamespace(const EnteredNamespace&) = delete;
  EnteredNamespace& operator=(const EnteredNamespace&) = delete;

 private:
  NetworkNamespace before_;
};

}  // namespace violin
