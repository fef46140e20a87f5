#include "emulator/deployment/run_announcement.hh"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "emulator/deployment/run_socket.hh"
#include "emulator/realtime/scenario_clock.hh"

namespace violin {
namespace {

// Of an id: the scenario's name as far as a socket's name has room for it.
constexpr size_t kNameMax = 60;
// Names that others took on purpose are no reason not to run.
constexpr int kTriesMax = 10;
// How many may wait for the end at a time.
constexpr size_t kWaitingMax = 16;

}  // namespace

RunAnnouncement::RunAnnouncement(LiveRun run)
    : run_(std::move(run)),
      stop_(checked_descriptor(::eventfd(0, EFD_CLOEXEC), "cannot make an event descriptor")) {
  run_.pid = ::getpid();
  const std::string name = run_.scenario.substr(0, kNameMax) + "-" + std::to_string(run_.pid);
  for (int i = 1; !socket_.is_open() && i <= kTriesMax; ++i) {
    id_ = i == 1 ? name : name + "." + std::to_string(i);
    socket_ = listen_at_run_socket(run_socket_name(::geteuid(), id_));
  }
  if (!socket_.is_open()) throw_system_error(EADDRINUSE, "cannot announce the run as " + name);
  run_.id = id_;
  thread_ = std::thread([this] { serve(); });
}

RunAnnouncement::~RunAnnouncement() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

void RunAnnouncement::set_phase(LiveRun::Phase phase, int64_t end_monotonic_ns) {
  const std::lock_guard lock(mutex_);
  run_.phase = phase;
  end_ns_ = end_monotonic_ns;
}

std::string RunAnnouncement::description() const {
  const std::lock_guard lock(mutex_);
  LiveRun now = run_;
  if (now.phase == LiveRun::Phase::kRunning) {
    const int64_t left = std::max<int64_t>(0, end_ns_ - ScenarioClock::monotonic_ns());
    now.seconds_left = static_cast<double>(left) / 1e9;
  }
  return now.text();
}

void RunAnnouncement::serve() {
  std::array<pollfd, 2> looked_at{{{socket_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
  while (::poll(looked_at.data(), looked_at.size(), -1) >= 0 || errno == EINTR) {
    if (looked_at[1].revents != 0) return;
    if (looked_at[0].revents == 0) continue;
    FileDescriptor connection = accept_own_user(socket_.get());
    if (connection.is_open()) answer(std::move(connection));
  }
}

void RunAnnouncement::answer(FileDescriptor connection) {
  const std::string request = receive_all(connection.get(), kRunRequestMax);
  if (request == kDescribeRequest) send_all(connection.get(), description());
  if (request != kEndRequest) return;
  end_asked_ = true;
  send_all(connection.get(), kEndAnswer);
  // Kept open: it closes when we end, however that comes about.
  if (waiting_for_end_.size() < kWaitingMax) waiting_for_end_.push_back(std::move(connection));
}

}  // namespace violin
