#include "emulator/os/guest_sysctl.hh"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace violin {
namespace {

// "net.ipv4.conf.a/b.forwarding" and "net/ipv4/conf/a.b/forwarding" are the same: the first
// separator in a name is the one that separates, the other stands for itself (sysctl.d(5)).
std::string path_of(std::string_view name) {
  std::string path(name);
  const size_t separator = path.find_first_of("./");
  if (separator != std::string::npos && path[separator] == '.') {
    std::transform(path.begin(), path.end(), path.begin(), [](char c) {
      return c == '.' ? '/' : c == '/' ? '.' : c;
    });
  }
  const std::string framed = "/" + path + "/";
  if (!path.starts_with("net/") || framed.find("//") != std::string::npos ||
      framed.find("/../") != std::string::npos) {
    throw std::invalid_argument("the setting \"" + std::string(name) +
                                "\" is not one of a network namespace (net.…)");
  }
  return "/proc/sys/" + path;
}

// The kernel shows this setting of the whole machine in its first network namespace only.
bool in_namespace_of_the_machine() { return access("/proc/sys/net/core/netdev_budget", F_OK) == 0; }

}  // namespace

void write_sysctl(const NetworkNamespace& where, std::string_view name, std::string_view value) {
  const std::string path = path_of(name);
  const EnteredNamespace inside(where);
  if (in_namespace_of_the_machine()) {
    throw std::invalid_argument("the setting \"" + std::string(name) +
                                "\" would be changed for the whole machine");
  }
  write_file(path, value);
}

std::string read_sysctl(const NetworkNamespace& where, std::string_view name) {
  const std::string path = path_of(name);
  const EnteredNamespace inside(where);
  std::string value = read_file(path);
  if (value.ends_with('\n')) value.pop_back();
  return value;
}

}  // namespace violin
