#include "emulator/deployment/run_registry.hh"

#include <poll.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <stdexcept>
#include <utility>

#include "emulator/deployment/run_socket.hh"

namespace violin {
namespace {

// Of 100 000 nodes, with room.
constexpr size_t kDescriptionMax = size_t{64} << 20;
// Longer than any program may take to end, and agents to hand over what they measured.
constexpr int kEndPatienceMs = 60'000;

std::vector<RunSocket> run_sockets_here() {
  std::ifstream table("/proc/net/unix");
  return read_run_sockets(table);
}

}  // namespace

std::vector<RunSocket> read_run_sockets(std::istream& table) {
  // A connection to a socket is listed under its name as well.
  std::set<std::pair<uid_t, std::string>> seen;
  for (std::string line; std::getline(table, line);) {
    const size_t name = line.find(" @");
    if (name == std::string::npos) continue;
    if (const auto socket = parse_run_socket_name(line.substr(name + 2))) {
      seen.emplace(socket->user, socket->id);
    }
  }
  std::vector<RunSocket> sockets;
  for (const auto& [user, id] : seen) sockets.push_back({user, id});
  return sockets;
}

std::vector<LiveRun> live_runs_of(uid_t user) {
  std::vector<LiveRun> runs;
  for (const RunSocket& socket : run_sockets_here()) {
    if (socket.user != user) continue;
    const FileDescriptor connection = connect_to_run_socket(run_socket_name(user, socket.id), user);
    if (!connection.is_open()) continue;
    send_request(connection.get(), kDescribeRequest);
    auto run = LiveRun::parse(receive_all(connection.get(), kDescriptionMax));
    if (run && run->id == socket.id) runs.push_back(std::move(*run));
  }
  return runs;
}

std::vector<uid_t> users_with_runs() {
  std::set<uid_t> users;
  for (const RunSocket& socket : run_sockets_here()) users.insert(socket.user);
  return {users.begin(), users.end()};
}

RunEnding end_run(uid_t user, const std::string& id) {
  const FileDescriptor connection = connect_to_run_socket(run_socket_name(user, id), user);
  if (!connection.is_open()) throw std::runtime_error("no run " + id + " is there to be ended");
  send_request(connection.get(), kEndRequest);
  if (receive_all(connection.get(), kEndAnswer.size()) != kEndAnswer) {
    throw std::runtime_error("the run " + id + " does not answer");
  }
  pollfd end{connection.get(), POLLIN, 0};
  const bool ended = ::poll(&end, 1, kEndPatienceMs) > 0;
  return ended ? RunEnding::kEnded : RunEnding::kStillEnding;
}

}  // namespace violin
