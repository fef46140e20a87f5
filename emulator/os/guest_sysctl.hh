#pragma once

#include <string>
#include <string_view>

#include "emulator/os/network_namespace.hh"

namespace violin {

// Settings under /proc/sys/net as a network namespace of ours has them. The name is written as
// sysctl(8) wants it: "net.ipv4.ip_forward", or with slashes, "net/ipv6/conf/a.b/accept_dad", where
// a part (an interface) has dots of its own. Nothing outside net.* can be named, and the machine's
// own network namespace is refused, so that no setting of the machine is ever changed.
//
// Throws std::invalid_argument for such a name, std::system_error for what the kernel refuses.
void write_sysctl(const NetworkNamespace& where, std::string_view name, std::string_view value);

// The value without the newline behind it.
std::string read_sysctl(const NetworkNamespace& where, std::string_view name);

}  // namespace violin
