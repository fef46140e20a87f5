#include "emulator/os/listening_port.hh"

#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>

namespace violin {
namespace {

std::string text_of(const char* table) {
  std::ifstream in(table);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Fields of a line: number, local address:port, remote address:port, state, …; all hexadecimal.
// State 0A is LISTEN.
bool names_listener(const std::string& line, uint16_t port) {
  std::istringstream fields(line);
  std::string number, local, remote, state;
  fields >> number >> local >> remote >> state;
  const size_t colon = local.rfind(':');
  if (state != "0A" || colon == std::string::npos) return false;
  unsigned found = 0;
  const auto [end, error] =
      std::from_chars(local.data() + colon + 1, local.data() + local.size(), found, 16);
  return error == std::errc() && end == local.data() + local.size() && found == port;
}

}  // namespace

bool names_tcp_listener(std::string_view tables, uint16_t port) {
  std::istringstream in{std::string(tables)};
  std::string line;
  while (std::getline(in, line)) {
    if (names_listener(line, port)) return true;
  }
  return false;
}

bool tcp_port_listens(const NetworkNamespace& where, uint16_t port) {
  std::optional<EnteredNamespace> entered;
  if (where.is_open()) entered.emplace(where);
  return names_tcp_listener(text_of("/proc/thread-self/net/tcp"), port) ||
         names_tcp_listener(text_of("/proc/thread-self/net/tcp6"), port);
}

}  // namespace violin
