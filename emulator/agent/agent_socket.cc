#include "emulator/agent/agent_socket.hh"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace violin {
namespace {

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof address.sun_path) {
    throw_system_error(ENAMETOOLONG, "cannot listen at " + text);
  }
  std::memcpy(address.sun_path, text.data(), text.size());
  return address;
}

FileDescriptor make_socket() {
  return checked_descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                            "cannot make a socket");
}

bool bind_for_us_alone(int socket, const sockaddr_un& address) {
  const mode_t before = ::umask(0177);
  const int bound = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::umask(before);
  return bound == 0;
}

// A socket whose listener is gone refuses to be connected to.
void remove_dead_socket(const sockaddr_un& address) {
  struct stat status = {};
  if (::lstat(address.sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const FileDescriptor probe = make_socket();
  const auto* there = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(probe.get(), there, sizeof address) != 0 && errno == ECONNREFUSED) {
    ::unlink(address.sun_path);
  }
}

}  // namespace

FileDescriptor listen_at_agent_socket(const std::filesystem::path& path) {
  const sockaddr_un address = address_of(path);
  FileDescriptor socket = make_socket();
  bool bound = bind_for_us_alone(socket.get(), address);
  if (!bound && errno == EADDRINUSE) {
    remove_dead_socket(address);
    bound = bind_for_us_alone(socket.get(), address);
  }
  if (!bound || ::listen(socket.get(), SOMAXCONN) != 0) {
    throw_system_error("cannot listen at " + path.string());
  }
  return socket;
}

FileDescriptor accept_agent_client(const FileDescriptor& listening) {
  FileDescriptor connection(
      ::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection.is_open()) return connection;
  ucred peer{};
  socklen_t size = sizeof peer;
  const bool known = ::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
                     (peer.uid == ::geteuid() || peer.uid == 0);
  return known ? std::move(connection) : FileDescriptor();
}

}  // namespace violin
