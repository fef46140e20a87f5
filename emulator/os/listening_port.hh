#pragma once

#include <cstdint>
#include <string_view>

#include "emulator/os/network_namespace.hh"

namespace violin {

// Does a socket listen at this TCP port of a network namespace (of the caller's own, where none is
// given), at any address? Throws std::system_error when the namespace cannot be looked at.
bool tcp_port_listens(const NetworkNamespace& where, uint16_t port);

// The same of the text of proc(5)'s /proc/net/tcp or tcp6, or of both, one behind the other.
bool names_tcp_listener(std::string_view tables, uint16_t port);

}  // namespace violin
