#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/addresses.hh"
#include "emulator/scenario/place.hh"

namespace violin {

struct Scenario;

// A real host that lends itself to a run.
struct HostEntry {
  std::filesystem::path agent;  // the Unix socket of its agent, on this machine or forwarded to it
  IpAddress address;            // in the underlay: where tunnels go
  Place at;                     // its name in the file
};

// The hosts that are the overlay hosts of a scenario, by name:
//
//   hosts:
//     mit:      { agent: /tmp/mit.sock,      address: 18.26.0.5 }
//     berkeley: { agent: /tmp/berkeley.sock, address: 169.229.50.3 }
//
// The path of a socket is relative to the folder of the file. Addresses are all IPv4 or all IPv6,
// and no two hosts share one, or an agent.
struct HostsFile {
  std::map<std::string, HostEntry> hosts;
  Place at;  // of the list
};

// `directory` is the folder of the file. Throws InputError.
HostsFile parse_hosts(const std::string& text, const std::string& file,
                      const std::filesystem::path& directory);
HostsFile load_hosts(const std::filesystem::path& path);

// Throws InputError at the first thing that does not go together: a host of the file that is no
// overlay host of the scenario, one of the scenario with nodes placed on it that is not in the
// file, and whatever needs more of a real underlay than its hosts: workloads at other nodes of it,
// changes of its links, captures in it.
void check_hosts(const HostsFile& hosts, const Scenario& scenario);

}  // namespace violin
