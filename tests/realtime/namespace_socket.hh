#pragma once

#include <sys/socket.h>

#include <exception>
#include <string>

#include "emulator/os/file_descriptor.hh"
#include "emulator/os/network_namespace.hh"

namespace violin::testing {

// A UDP socket made in a namespace.
inline FileDescriptor udp_socket(const NetworkNamespace& where, int family) {
  const EnteredNamespace inside(where);
  return checked_descriptor(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), "cannot make a socket");
}

// What the action throws; an empty text when it does not.
template <class Action>
std::string refusal(const Action& action) {
  try {
    action();
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace violin::testing
