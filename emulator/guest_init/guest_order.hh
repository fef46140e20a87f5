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
//
// A job that is to end is interrupted (SIGINT), which lets a server of iperf3 say what it counted,
// and killed kPatienceNs later; with its first process ends what is left of its process group.
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
    std::optional<int64_t> stop_ns;        // when it is to end; none = by itself
    std::vector<std::string> environment;  // "NAME=value", besides PATH, HOME, LANG and TERM
  };
  // Who is to end is interrupted, and killed when it still runs so much later.
  static constexpr int64_t kPatienceNs = 500'000'000;

  std::string hostname;
  std::vector<File> files;
  std::vector<Sysctl> sysctls;  // written when the interfaces are there
  std::vector<Interface> interfaces;
  std::vector<Route> routes;
  std::vector<Job> jobs;
  // When scenario time 0 is, by the guest's CLOCK_REALTIME in ns; none = when the guest is ready.
  std::optional<int64_t> zero_ns;
  // When the guest ends: jobs that still run then are to end, and it powers off when they have.
  // None = when the last job has ended, or, of one that stays, when its owner ends it.
  std::optional<int64_t> end_ns;
  // It runs what it is asked to over its channel (ChannelFrame), for the real clock.
  bool stay = false;

  // Bytes that parse() makes the same order of.
  std::string text() const;
  // Nothing when the bytes are none of text().
  static std::optional<GuestOrder> parse(std::string_view bytes);
};

}  // namespace violin
