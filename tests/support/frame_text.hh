#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "core/frame.hh"

namespace violin::testing {

// A frame in a few words, as a line of a golden trace: "ARP who-has 10.0.0.2 tell 10.0.0.1",
// "10.0.0.1.40000 > 10.0.0.2.5001 TCP SYN seq 0 win 64240 mss 1460". Everything is read from the
// bytes; checksums are verified and only mentioned when they are wrong. TCP sequence numbers are
// counted from the first one seen of each direction.
class FrameText {
 public:
  std::string describe(const Frame& frame);

 private:
  using Bytes = std::span<const std::byte>;
  using Direction = std::tuple<std::string, std::string>;

  std::string describe_ethernet(Bytes bytes);
  std::string describe_ipv4(Bytes bytes);
  std::string describe_icmp(Bytes bytes);
  std::string describe_udp(Bytes bytes);
  std::string describe_tunnel(Bytes bytes);
  std::string describe_tcp(const std::string& from, const std::string& to, Bytes bytes);

  std::map<Direction, uint32_t> first_sequences_;
};

}  // namespace violin::testing
