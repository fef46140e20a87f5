#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/addresses.hh"

namespace violin {

// Everything that a guest with a kernel of its own is told, complete before it boots: under the
// virtual clock nothing but frames enters it afterwards. Instants are nanoseconds of scenario time.
struct GuestOrder {
  struct File {
    std::string path;  // "/etc/hosts"; takes the place of the host's file in the guest
    std::string text;
  };
  struct Sysctl {
    std::string name;  // below /proc/sys, with slashes or dots: "net.ipv4.ip_forward"
    std::string value;
  };
  struct Interface {
    std::string name;
    int mtu = 0;  // 0 = as it is
    std::vector<InterfaceAddress> addresses;
  };
  struct Route {
    IpPrefix to;
    std::optional<IpAddress> via;  // none = on the link itself
    std::string interface;
  };
  struct Job {
    int64_t at_ns = 0;
    bool as_root = false;  // else as nobody (uid and gid 65534) without a capability
    std::vector<std::string> argv;
    std::optional<int64_t> stop_ns;  // when it is interrupted (SIGINT), if it still runs
  };
  // Who was interrupted and still runs so much later is killed.
  static constexpr int64_t kPatienceNs = 500'000'000;

  std::string hostname;
  std::vector<File> files;
  std::vector<Sysctl> sysctls;  // written when the interfaces are there
  std::vector<Interface> interfaces;
  std::vector<Route> routes;
  std::vector<Job> jobs;
  // When scenario time 0 is, by the guest's CLOCK_REALTIME in ns; none = when the guest is ready.
  std::optional<int64_t> zero_ns;
  // Until when the guest stays: then jobs that still run are interrupted, and it powers off when
  // they have ended. None = as soon as the last job has ended.
  std::optional<int64_t> end_ns;

  // Bytes that parse() makes the same order of.
  std::string text() const;
  // Nothing when the bytes are none of text().
  static std::optional<GuestOrder> parse(std::string_view bytes);
};

}  // namespace violin
