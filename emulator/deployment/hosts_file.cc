#include "emulator/deployment/hosts_file.hh"

#include <sys/un.h>

#include <utility>

#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/scenario_source.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

// A path and a zero byte (unix(7)).
constexpr size_t kSocketPathMax = sizeof(sockaddr_un::sun_path) - 1;

IpAddress read_address(const YamlValue& value) {
  const std::string& text = read_text(value, "address");
  const std::optional<IpAddress> address = IpAddress::parse(text);
  if (!address || address->is_unspecified() || address->is_multicast() ||
      address->is_limited_broadcast()) {
    refuse(value.place, "address", text, "the IPv4 or IPv6 address of one host");
  }
  return *address;
}

fs::path read_socket(const YamlValue& value, const fs::path& directory) {
  const std::string& text = read_text(value, "agent");
  const fs::path path = directory / text;
  if (text.empty() || path.string().size() > kSocketPathMax) {
    refuse(value.place, "agent", text,
           "the path of a Unix socket, at most " + std::to_string(kSocketPathMax) + " bytes");
  }
  return path;
}

// What one entry must not have in common with those before it.
class Uniqueness {
 public:
  void add(const std::string& name, const HostEntry& entry, const YamlMap& map) {
    if (!addresses_.emplace(entry.address, name).second) {
      refuse(map.require("address").place, "the address of " + addresses_[entry.address],
             to_string(entry.address), "one of its own for each host");
    }
    if (!agents_.emplace(entry.agent, name).second) {
      refuse(map.require("agent").place, "the agent of " + agents_[entry.agent],
             entry.agent.string(), "one of its own for each host");
    }
    if (addresses_.begin()->first.is_v6() != addresses_.rbegin()->first.is_v6()) {
      refuse(map.require("address").place, "tunnels cannot go from IPv4 to IPv6",
             to_string(entry.address), "addresses of one kind");
    }
  }

 private:
  std::map<IpAddress, std::string> addresses_;
  std::map<fs::path, std::string> agents_;
};

}  // namespace

HostsFile parse_hosts(const std::string& text, const std::string& file, const fs::path& directory) {
  const YamlPointer root = parse_yaml(text, file);
  const YamlMap top(*root, "a hosts file", {"hosts"});
  const YamlValue& list = top.require("hosts");
  HostsFile result;
  result.at = list.place;
  Uniqueness unique;
  for (const YamlEntry& entry : read_entries(&list, "hosts")) {
    const YamlMap map(*entry.value, "a host", {"agent", "address"});
    HostEntry host{read_socket(map.require("agent"), directory),
                   read_address(map.require("address")), entry.key_place};
    unique.add(entry.key, host, map);
    result.hosts.emplace(entry.key, std::move(host));
  }
  return result;
}

HostsFile load_hosts(const fs::path& path) {
  const ScenarioSource source = load_scenario_source(path);
  return parse_hosts(source.text, source.file, source.directory);
}

}  // namespace violin
