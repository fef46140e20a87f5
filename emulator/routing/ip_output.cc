#include "emulator/routing/ip_output.hh"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/addresses.hh"
#include "core/subnets.hh"
#include "emulator/program/program_failure.hh"
#include "emulator/program/program_text.hh"

namespace violin {
namespace {

using Json = nlohmann::json;

// As /etc/iproute2/rt_protos names them.
constexpr std::array<std::string_view, 5> kDaemons = {"ospf", "rip", "bgp", "isis", "zebra"};

// "[2026-11-23T21:30:02.837443]"; ns since 1970.
std::optional<int64_t> instant_of(std::string_view word) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0, used = 0;
  const std::string text(word);
  if (std::sscanf(text.c_str(), "[%4d-%2d-%2dT%2d:%2d:%2d.%6d]%n", &year, &month, &day, &hour,
                  &minute, &second, &micros, &used) != 7 ||
      static_cast<size_t>(used) != text.size()) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const int64_t seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
  return (seconds * 1'000'000 + micros) * 1000;
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

TableRoute::Hop hop_of(const Json& object) {
  TableRoute::Hop hop{text_of(object, "gateway"), text_of(object, "dev")};
  // An IPv4 route over an IPv6 neighbour (RFC 5549).
  if (const auto via = object.find("via"); via != object.end() && via->is_object()) {
    hop.via = text_of(*via, "host");
  }
  return hop;
}

// "10.0.0.1" is 10.0.0.1/32.
std::optional<IpPrefix> prefix_of(const std::string& text) {
  if (text.find('/') != std::string::npos) return IpPrefix::parse(text);
  const auto address = IpAddress::parse(text);
  if (!address) return std::nullopt;
  return IpPrefix::parse(text + (address->is_v6() ? "/128" : "/32"));
}

std::optional<TableRoute> route_of(const Json& object, bool v6) {
  if (!object.is_object()) return std::nullopt;
  TableRoute route;
  route.prefix = text_of(object, "dst");
  if (route.prefix == "default") route.prefix = v6 ? "::/0" : "0.0.0.0/0";
  const auto prefix = prefix_of(route.prefix);
  if (!prefix || is_link_local(*prefix) || prefix->base().is_multicast()) return std::nullopt;
  const std::string type = text_of(object, "type");
  if (!type.empty() && type != "unicast") return std::nullopt;
  route.prefix = to_string(*prefix);
  route.protocol = text_of(object, "protocol");
  if (const auto hops = object.find("nexthops"); hops != object.end() && hops->is_array()) {
    for (const Json& hop : *hops) {
      if (hop.is_object()) route.hops.push_back(hop_of(hop));
    }
  } else {
    route.hops.push_back(hop_of(object));
  }
  return route;
}

}  // namespace

std::vector<RouteChange> read_route_changes(std::string_view output, int64_t epoch_ns,
                                            size_t most) {
  std::vector<RouteChange> changes;
  for (const std::string_view line : lines_of(output)) {
    std::vector<std::string_view> words = words_of(line);
    if (words.empty() || changes.size() >= most) continue;
    const std::optional<int64_t> at = instant_of(words.front());
    words.erase(words.begin());
    const auto protocol = std::find(words.begin(), words.end(), "proto");
    if (!at || protocol == words.begin() || words.end() - protocol < 2 ||
        std::find(kDaemons.begin(), kDaemons.end(), protocol[1]) == kDaemons.end()) {
      continue;
    }
    const bool removed = words.front() == "Deleted";
    changes.push_back(
        {Time::from_ns(*at - epoch_ns), std::string(words[removed ? 1 : 0]), removed});
  }
  return changes;
}

std::vector<TableRoute> read_route_table(std::string_view output) {
  std::vector<TableRoute> table;
  bool v6 = false;
  for (const std::string_view line : lines_of(output)) {
    if (line.empty()) continue;
    const Json routes = Json::parse(line, nullptr, false);
    if (!routes.is_array()) throw ProgramFailure("ip route says: " + last_words(output));
    for (const Json& object : routes) {
      if (auto route = route_of(object, v6)) table.push_back(std::move(*route));
    }
    v6 = true;
  }
  return table;
}

}  // namespace violin
