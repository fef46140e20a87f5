#include "emulator/agent/agent_server.hh"

#include <grpcpp/grpcpp.h>
#include <grpcpp/server_posix.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <initializer_list>
#include <optional>

#include "emulator/agent/agent_service.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/os/signal_descriptor.hh"

namespace violin {
namespace {

constexpr int kMessageMax = 64 << 20;

FileDescriptor listen_at(const std::filesystem::path& path) {
  FileDescriptor socket = checked_descriptor(
      ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "cannot make a socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof address.sun_path) {
    throw_system_error(ENAMETOOLONG, "cannot listen at " + text);
  }
  std::memcpy(address.sun_path, text.data(), text.size());
  const mode_t before = ::umask(0177);
  const int bound =
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::umask(before);
  if (bound != 0 || ::listen(socket.get(), SOMAXCONN) != 0) {
    throw_system_error("cannot listen at " + text);
  }
  return socket;
}

// The socket's permissions say so already; its path may lie in a folder that others can write to.
bool is_own_user(int connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == ::geteuid() || peer.uid == 0);
}

void accept_all(int socket, grpc::Server& server) {
  for (;;) {
    FileDescriptor connection(::accept4(socket, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!connection.is_open()) return;
    if (is_own_user(connection.get())) {
      grpc::AddInsecureChannelFromFd(&server, connection.release());
    }
  }
}

}  // namespace

int run_agent(const std::filesystem::path& socket) {
  // Before any thread is made.
  std::optional<SignalDescriptor> signals(std::in_place,
                                          std::initializer_list<int>{SIGTERM, SIGINT});
  int ended_by = 0;
  const FileDescriptor listening = listen_at(socket);
  AgentService service(socket.string() + ".results");
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  builder.SetMaxReceiveMessageSize(kMessageMax);
  builder.SetMaxSendMessageSize(kMessageMax);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server) throw std::runtime_error("cannot serve the control API");
  std::array<pollfd, 2> waiting{{{listening.get(), POLLIN, 0}, {signals->get(), POLLIN, 0}}};
  while (::poll(waiting.data(), waiting.size(), -1) >= 0 || errno == EINTR) {
    if (waiting[1].revents != 0) {
      ended_by = signals->take();
      break;
    }
    if (waiting[0].revents != 0) accept_all(listening.get(), *server);
  }
  service.end_all();
  server->Shutdown(std::chrono::system_clock::now());
  ::unlink(socket.c_str());
  // Ends by the signal that asked it to, now that this is as it was, so that whoever waits for this
  // process can tell why it is gone.
  signals.reset();
  ::raise(ended_by);
  return 0;
}

}  // namespace violin
