#include "emulator/agent/agent_supervisor.hh"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <iostream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "emulator/agent/agent_server.hh"
#include "emulator/agent/agent_socket.hh"
#include "emulator/os/network_namespace.hh"
#include "emulator/os/sandbox.hh"
#include "emulator/os/signal_descriptor.hh"

namespace violin {
namespace {

// In the sandbox's own /run.
constexpr const char* kResultFolder = "/run/violin.results";
// What the process of a run has to take leave of its peers.
constexpr int kLeaveMs = 2000;
// One that fails before that would fail again.
constexpr std::chrono::seconds kLifeMin{1};

// Whoever makes guests goes into their networks and comes back to ours, which only its owner may
// enter: no user namespace of ours.
void require_own_network() {
  try {
    const EnteredNamespace probe(NetworkNamespace::current());
  } catch (const std::system_error& error) {
    throw std::system_error(error.code(),
                            "an agent that stands by itself needs root: its tunnels go through the "
                            "machine's own network, and that cannot be entered");
  }
}

// True when the sandbox ended by itself, false when a signal came first.
bool wait_for_end(const Sandbox& sandbox, const SignalDescriptor& signals) {
  std::array<pollfd, 2> waiting{
      {{sandbox.exit_descriptor(), POLLIN, 0}, {signals.get(), POLLIN, 0}}};
  while (::poll(waiting.data(), waiting.size(), -1) < 0 && errno == EINTR) {
  }
  return waiting[1].revents == 0;
}

void take_leave(Sandbox& sandbox) {
  sandbox.interrupt();
  pollfd end{sandbox.exit_descriptor(), POLLIN, 0};
  ::poll(&end, 1, kLeaveMs);
}

// Runs until a signal comes, which is returned.
int serve_runs(const FileDescriptor& listening, const DataPlane& data_plane) {
  SignalDescriptor signals({SIGTERM, SIGINT});
  Sandbox::Options options;
  options.own_network = false;
  for (;;) {
    const auto began = std::chrono::steady_clock::now();
    Sandbox sandbox([&] { return serve_one_run(listening, kResultFolder, data_plane); }, options);
    if (!wait_for_end(sandbox, signals)) {
      const int signal = signals.take();
      take_leave(sandbox);
      return signal;
    }
    const int status = sandbox.wait();
    if (status == 0) continue;
    const std::string what =
        "the process that serves a run ended with status " + std::to_string(status);
    if (std::chrono::steady_clock::now() - began < kLifeMin) throw std::runtime_error(what);
    std::cerr << "violin: " << what << std::endl;
  }
}

}  // namespace

int supervise_agent(const std::filesystem::path& socket, const DataPlane& data_plane) {
  require_own_network();
  const FileDescriptor listening = listen_at_agent_socket(socket);
  const int signal = serve_runs(listening, data_plane);
  ::unlink(socket.c_str());
  ::raise(signal);
  return 0;
}

}  // namespace violin
