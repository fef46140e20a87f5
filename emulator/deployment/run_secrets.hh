#pragma once

#include <map>
#include <string>
#include <vector>

#include "emulator/agent/slice_secrets.hh"
#include "emulator/scenario/scenario.hh"

namespace violin {

// All keys of one run: a pair for each overlay host, and a key that the members of each violin
// share. Made anew for each run and written nowhere.
class RunSecrets {
 public:
  RunSecrets(const Scenario& scenario, const std::vector<std::string>& overlay_hosts);

  // What an overlay host may know: its own secret, everybody's public key, and the keys of the
  // violins that have nodes on it.
  SliceSecrets of(const std::string& overlay_host) const;

 private:
  const Scenario& scenario_;
  std::map<std::string, KeyPair> hosts_;
  std::map<std::string, SecretKey> violins_;
};

}  // namespace violin
