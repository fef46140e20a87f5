#pragma once

#include <map>
#include <string>

#include "emulator/tunnel/secret_key.hh"

namespace violin {

// What the agent of one overlay host must know to join its tunnels, and nobody else. Made anew for
// each run, and in no file of it.
struct SliceSecrets {
  KeyPair own;
  std::map<std::string, PublicKey> hosts;    // by overlay host
  std::map<std::string, SecretKey> violins;  // those that have nodes here
};

}  // namespace violin
