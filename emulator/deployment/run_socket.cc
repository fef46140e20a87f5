#include "emulator/deployment/run_socket.hh"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <initializer_list>

namespace violin {
namespace {

constexpr timeval kPatience = {.tv_sec = 1, .tv_usec = 0};

struct AbstractAddress {
  explicit AbstractAddress(const std::string& name) {
    address.sun_family = AF_UNIX;
    if (name.size() + 1 > sizeof address.sun_path) {
      throw_system_error(ENAMETOOLONG, "cannot use the socket " + name);
    }
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }

  sockaddr_un address{};
  socklen_t size = 0;
};

// Who is at the other end; of a listening one, who made it.
bool peer_is(int connection, std::initializer_list<uid_t> users) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         std::find(users.begin(), users.end(), peer.uid) != users.end();
}

void be_patient(int socket) {
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
}

}  // namespace

FileDescriptor listen_at_run_socket(const std::string& name) {
  FileDescriptor socket = checked_descriptor(
      ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "cannot make a socket");
  const AbstractAddress address(name);
  if (::bind(socket.get(), address.get(), address.size) != 0) {
    if (errno == EADDRINUSE) return FileDescriptor();
    throw_system_error("cannot use the socket " + name);
  }
  if (::listen(socket.get(), SOMAXCONN) != 0) throw_system_error("cannot listen at " + name);
  return socket;
}

FileDescriptor accept_own_user(int listening) {
  FileDescriptor connection(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection.is_open() || !peer_is(connection.get(), {::geteuid(), 0})) {
    return FileDescriptor();
  }
  be_patient(connection.get());
  return connection;
}

FileDescriptor connect_to_run_socket(const std::string& name, uid_t user) {
  FileDescriptor socket =
      checked_descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "cannot make a socket");
  be_patient(socket.get());
  const AbstractAddress address(name);
  if (::connect(socket.get(), address.get(), address.size) != 0 || !peer_is(socket.get(), {user})) {
    return FileDescriptor();
  }
  return socket;
}

std::string receive_all(int socket, size_t most) {
  std::string all;
  std::array<char, 65'536> buffer;
  while (all.size() < most) {
    const ssize_t got =
        ::recv(socket, buffer.data(), std::min(buffer.size(), most - all.size()), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    all.append(buffer.data(), static_cast<size_t>(got));
  }
  return all;
}

void send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;
    text.remove_prefix(static_cast<size_t>(sent));
  }
}

void send_request(int socket, std::string_view text) {
  send_all(socket, text);
  ::shutdown(socket, SHUT_WR);
}

}  // namespace violin
