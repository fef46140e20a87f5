#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/addresses.hh"
#include "emulator/scenario/place.hh"

namespace violin {

// A port of a router's outer addresses, and whom behind it that stands for.
struct NatForward {
  bool udp = false;  // else TCP
  uint16_t port = 0;
  IpAddress to;
  uint16_t to_port = 0;
};

// Network address translation of a router (RFC 3022): what leaves by an interface has that
// interface's address as its source.
struct NatSpec {
  std::string out;  // the interface; empty = no translation
  std::vector<NatForward> forward;
  Place at;
};

// What a node's kernel does with packets, before anything else runs in it.
struct FilterSpec {
  std::string firewall;  // a ruleset of nftables (nft(8)); empty = none
  NatSpec nat;

  bool is_empty() const { return firewall.empty() && nat.out.empty(); }
};

}  // namespace violin
