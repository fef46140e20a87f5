#include "emulator/guest_init/guest_order.hh"

#include "emulator/guest_init/word_lines.hh"

namespace violin {
namespace {

// Puts one list of words into the order; false when it says nothing that an order can.
class OrderReader {
 public:
  explicit OrderReader(GuestOrder& order) : order_(order) {}

  bool take(const WordLine& words) {
    if (words.empty()) return false;
    const std::string& kind = words[0];
    if (kind == "hostname") return words.size() == 2 && set(order_.hostname, words[1]);
    if (kind == "file") return words.size() == 3 && add(order_.files, {words[1], words[2]});
    if (kind == "sysctl") return words.size() == 3 && add(order_.sysctls, {words[1], words[2]});
    if (kind == "interface") return words.size() == 3 && take_interface(words);
    if (kind == "address") return words.size() == 2 && take_address(words[1]);
    if (kind == "route") return words.size() == 4 && take_route(words);
    if (kind == "job") return words.size() >= 6 && take_job(words);
    if (kind == "zero") return words.size() == 2 && take_instant(order_.zero_ns, words[1]);
    if (kind == "end") return words.size() == 2 && take_instant(order_.end_ns, words[1]);
    if (kind == "stay") return words.size() == 1 && (order_.stay = true);
    return false;
  }

 private:
  static bool set(std::string& where, const std::string& what) {
    where = what;
    return true;
  }
  template <class Item>
  static bool add(std::vector<Item>& items, Item item) {
    items.push_back(std::move(item));
    return true;
  }

  bool take_interface(const WordLine& words) {
    const auto mtu = decimal_number(words[2]);
    if (!mtu || *mtu < 0 || *mtu > 65536) return false;
    return add(order_.interfaces, {words[1], static_cast<int>(*mtu), {}});
  }

  bool take_address(const std::string& text) {
    const auto address = InterfaceAddress::parse(text);
    if (!address || order_.interfaces.empty()) return false;
    return add(order_.interfaces.back().addresses, *address);
  }

  bool take_route(const WordLine& words) {
    const auto to = IpPrefix::parse(words[1]);
    const auto via = IpAddress::parse(words[2]);
    if (!to || (!via && !words[2].empty())) return false;
    return add(order_.routes, {*to, via, words[3]});
  }

  bool take_job(const WordLine& words) {
    const auto at = decimal_number(words[1]), variables = decimal_number(words[4]);
    if (!at || (words[2] != "root" && words[2] != "nobody")) return false;
    std::optional<int64_t> stop;
    if (!words[3].empty() && !take_instant(stop, words[3])) return false;
    const auto rest = static_cast<int64_t>(words.size()) - 5;
    if (!variables || *variables < 0 || *variables >= rest) return false;
    const auto argv = words.begin() + 5 + *variables;
    return add(order_.jobs,
               {*at, words[2] == "root", {argv, words.end()}, stop, {words.begin() + 5, argv}});
  }

  static bool take_instant(std::optional<int64_t>& where, const std::string& text) {
    where = decimal_number(text);
    return where.has_value();
  }

  GuestOrder& order_;
};

}  // namespace

std::string GuestOrder::text() const {
  std::string bytes;
  append_words(bytes, {"hostname", hostname});
  for (const File& file : files) append_words(bytes, {"file", file.path, file.text});
  for (const Sysctl& sysctl : sysctls) append_words(bytes, {"sysctl", sysctl.name, sysctl.value});
  for (const Interface& interface : interfaces) {
    append_words(bytes, {"interface", interface.name, std::to_string(interface.mtu)});
    for (const InterfaceAddress& address : interface.addresses) {
      append_words(bytes, {"address", to_string(address)});
    }
  }
  for (const Route& route : routes) {
    append_words(bytes, {"route", to_string(route.to), route.via ? to_string(*route.via) : "",
                         route.interface});
  }
  for (const Job& job : jobs) {
    WordLine words = {"job", std::to_string(job.at_ns), job.as_root ? "root" : "nobody",
                      job.stop_ns ? std::to_string(*job.stop_ns) : "",
                      std::to_string(job.environment.size())};
    words.insert(words.end(), job.environment.begin(), job.environment.end());
    words.insert(words.end(), job.argv.begin(), job.argv.end());
    append_words(bytes, words);
  }
  if (zero_ns) append_words(bytes, {"zero", std::to_string(*zero_ns)});
  if (end_ns) append_words(bytes, {"end", std::to_string(*end_ns)});
  if (stay) append_words(bytes, {"stay"});
  return bytes;
}

std::optional<GuestOrder> GuestOrder::parse(std::string_view bytes) {
  const auto lines = parse_words(bytes);
  if (!lines) return std::nullopt;
  GuestOrder order;
  OrderReader reader(order);
  for (const WordLine& line : *lines) {
    if (!reader.take(line)) return std::nullopt;
  }
  return order;
}

}  // namespace violin
