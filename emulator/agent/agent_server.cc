#include "emulator/agent/agent_server.hh"

#include <grpcpp/grpcpp.h>
#include <grpcpp/server_posix.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

#include "emulator/agent/agent_service.hh"
#include "emulator/agent/agent_socket.hh"
#include "emulator/os/signal_descriptor.hh"

namespace violin {
namespace {

constexpr int kMessageMax = 64 << 20;
// Of a client on a machine that was switched off nothing is heard. So those that may be on another
// one are asked now and then, and have so long to answer. A command of this machine may be stopped
// (Ctrl-Z) for as long as somebody likes.
enum class Clients { kOfThisMachine, kFromAnywhere };
constexpr int kKeepaliveMs = 15'000;
constexpr int kKeepaliveTimeoutMs = 30'000;
// What calls have to end by themselves when the server does.
constexpr std::chrono::milliseconds kEndPatience{500};

std::unique_ptr<grpc::Server> serve(AgentService& service, Clients clients) {
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  builder.SetMaxReceiveMessageSize(kMessageMax);
  builder.SetMaxSendMessageSize(kMessageMax);
  if (clients == Clients::kFromAnywhere) {
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // no limit
  }
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server) throw std::runtime_error("cannot serve the control API");
  return server;
}

void accept_all(const FileDescriptor& listening, grpc::Server& server) {
  for (;;) {
    pollfd more{listening.get(), POLLIN, 0};
    if (::poll(&more, 1, 0) <= 0) return;
    FileDescriptor connection = accept_agent_client(listening);
    if (connection.is_open()) grpc::AddInsecureChannelFromFd(&server, connection.release());
  }
}

// Until a signal comes, which is returned, or `released` can be read: 0.
int accept_until_end(const FileDescriptor& listening, SignalDescriptor& signals,
                     const FileDescriptor& released, grpc::Server& server) {
  std::array<pollfd, 3> waiting{
      {{signals.get(), POLLIN, 0}, {released.get(), POLLIN, 0}, {listening.get(), POLLIN, 0}}};
  while (::poll(waiting.data(), waiting.size(), -1) >= 0 || errno == EINTR) {
    if (waiting[0].revents != 0) return signals.take();
    if (waiting[1].revents != 0) return 0;
    if (waiting[2].revents != 0) accept_all(listening, server);
  }
  return 0;
}

// Until the run that reserved the agent has ended: 0; or until a signal came: its number. Signals
// are as they were then.
int serve_until_end(const FileDescriptor& listening, const std::filesystem::path& folder,
                    const DataPlane& data_plane, Clients clients) {
  // Before any thread is made.
  SignalDescriptor signals({SIGTERM, SIGINT});
  // A program that reads its input no more is no reason to end.
  std::signal(SIGPIPE, SIG_IGN);
  const FileDescriptor released =
      checked_descriptor(::eventfd(0, EFD_CLOEXEC), "cannot make an event descriptor");
  AgentService service(
      folder, [&released] { ::eventfd_write(released.get(), 1); }, data_plane);
  const std::unique_ptr<grpc::Server> server = serve(service, clients);
  const int ended_by = accept_until_end(listening, signals, released, *server);
  service.end_all();
  server->Shutdown(std::chrono::system_clock::now() + kEndPatience);
  return ended_by;
}

// As the signal wants it, so that whoever waits for this process can tell why it is gone.
int end_by(int signal) {
  if (signal != 0) ::raise(signal);
  return 0;
}

}  // namespace

int serve_one_run(const FileDescriptor& listening, const std::filesystem::path& folder,
                  const DataPlane& data_plane) {
  return end_by(serve_until_end(listening, folder, data_plane, Clients::kFromAnywhere));
}

int run_agent(const std::filesystem::path& socket, const DataPlane& data_plane) {
  const FileDescriptor listening = listen_at_agent_socket(socket);
  const int ended_by =
      serve_until_end(listening, socket.string() + ".results", data_plane, Clients::kOfThisMachine);
  ::unlink(socket.c_str());
  return end_by(ended_by);
}

}  // namespace violin
