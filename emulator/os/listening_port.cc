#include "emulator/os/listening_port.hh"

#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace violin {
namespace {

// A line of proc(5)'s /proc/net/tcp: number, local address:port, remote address:port, state, …; all
// hexadecimal. State 0A is LISTEN.
bool names_listener(const std::string& line, uint16_t port) {
  std::istringstream fields(line);
  std::string number, local, remote, state;
  fields >> number >> local >> remote >> state;
  const size_t colon = local.rfind(':');
  if (state != "0A" || colon == std::string::npos) return false;
  return std::stoul(local.substr(colon + 1), nullptr, 16) == port;
}

bool listens_in(const char* table, uint16_t port) {
  std::ifstream in(table);
  std::string line;
  std::getline(in, line);  // the names of the columns
  while (std::getline(in, line)) {
    if (names_listener(line, port)) return true;
  }
  return false;
}

}  // namespace

bool tcp_port_listens(const NetworkNamespace& where, uint16_t port) {
  std::optional<EnteredNamespace> entered;
  if (where.is_open()) entered.emplace(where);
  return listens_in("/proc/thread-self/net/tcp", port) ||
         listens_in("/proc/thread-self/net/tcp6", port);
}

}  // namespace violin
