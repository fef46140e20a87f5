#include "emulator/uml/cell_process.hh"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "core/check.hh"
#include "emulator/cell/cell_protocol.hh"
#include "emulator/os/own_program.hh"

namespace violin {
namespace {

// Out of the way of the numbers that the cell is born with.
FileDescriptor moved_up(const FileDescriptor& descriptor) {
  return checked_descriptor(fcntl(descriptor.get(), F_DUPFD_CLOEXEC, 10),
                            "cannot duplicate a descriptor");
}

pid_t spawn_cell(const CellOptions& options, const FileDescriptor& control,
                 const FileDescriptor& order, const FileDescriptor& console) {
  std::vector<std::string> words = {program_beside_us("violin-cell")};
  for (std::string& word : options.words()) words.push_back(std::move(word));
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const FileDescriptor sources[] = {moved_up(control), moved_up(order), moved_up(console)};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, sources[0].get(), kCellControl);
  posix_spawn_file_actions_adddup2(&actions, sources[1].get(), kCellOrder);
  posix_spawn_file_actions_adddup2(&actions, sources[2].get(), kCellConsole);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // Out of our process group: an interrupt from the terminal is ours to act on.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t child = -1;
  const int error = posix_spawn(&child, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw_system_error(error, "cannot start " + words[0]);
  return child;
}

// The next message of a cell, and the descriptors that came with it; nothing when it ended without.
struct Heard {
  CellMessage message;
  std::vector<FileDescriptor> descriptors;
};

std::vector<FileDescriptor> descriptors_of(const msghdr& message) {
  std::vector<FileDescriptor> descriptors;
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return descriptors;
  const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t i = 0; i < count; ++i) {
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(header) + i * sizeof descriptor, sizeof descriptor);
    descriptors.emplace_back(descriptor);
  }
  return descriptors;
}

std::optional<Heard> hear(const FileDescriptor& control) {
  Heard heard;
  iovec bytes = {.iov_base = &heard.message, .iov_len = sizeof heard.message};
  alignas(cmsghdr) char space[CMSG_SPACE(kCellDescriptorsMax * sizeof(int))] = {};
  msghdr whole = {
      .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  ssize_t count = 0;
  do {
    count = recvmsg(control.get(), &whole, MSG_CMSG_CLOEXEC);
  } while (count < 0 && errno == EINTR);
  if (count != sizeof heard.message) return std::nullopt;
  heard.descriptors = descriptors_of(whole);
  return heard;
}

}  // namespace

CellProcess::CellProcess(const CellOptions& options, const std::string& order,
                         const FileDescriptor& console) {
  CHECK(options.sockets.size() <= CellOptions::kSocketsMax);
  for (const std::string& name : options.sockets) CHECK(CellOptions::is_socket_name(name));
  DescriptorPair ends = make_socket_pair();
  pid_ = spawn_cell(options, ends.second, file_in_memory("order", order), console);
  ends.second.close();
  control_ = std::move(ends.first);
  auto heard = hear(control_);
  const size_t expected = 1 + options.sockets.size() + (options.channel ? 1 : 0);
  if (heard && heard->message.error == 0 && heard->descriptors.size() == expected) {
    if (options.channel) {
      channel_ = std::move(heard->descriptors.back());
      heard->descriptors.pop_back();
    }
    results_ = std::move(heard->descriptors.front());
    heard->descriptors.erase(heard->descriptors.begin());
    listeners_ = std::move(heard->descriptors);
    return;
  }
  end();
  if (!heard) throw_system_error(ECHILD, "cannot hear of the cell");
  heard->message.action[sizeof heard->message.action - 1] = '\0';
  // Without an error something did not come through: descriptors, of which we may have too many.
  if (heard->message.error == 0) throw_system_error(EMFILE, "cannot take a cell's descriptors");
  throw_system_error(heard->message.error, heard->message.action);
}

CellProcess::~CellProcess() { end(); }

CellProcess::CellProcess(CellProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      wait_status_(other.wait_status_),
      usage_(other.usage_),
      control_(std::move(other.control_)),
      results_(std::move(other.results_)),
      listeners_(std::move(other.listeners_)),
      channel_(std::move(other.channel_)) {}

CellProcess& CellProcess::operator=(CellProcess&& other) noexcept {
  if (this == &other) return *this;
  end();
  pid_ = std::exchange(other.pid_, -1);
  wait_status_ = other.wait_status_;
  usage_ = other.usage_;
  control_ = std::move(other.control_);
  results_ = std::move(other.results_);
  listeners_ = std::move(other.listeners_);
  channel_ = std::move(other.channel_);
  return *this;
}

int CellProcess::wait() {
  CHECK(pid_ > 0);
  const auto heard = hear(control_);
  wait_status_ = heard ? heard->message.wait_status : SIGKILL;
  end();
  return wait_status_;
}

std::optional<int> CellProcess::finished() {
  pollfd news = {.fd = control_.get(), .events = POLLIN};
  if (poll(&news, 1, 0) <= 0) return std::nullopt;
  return wait();
}

// Process 1 ends when nobody listens. Killing the process outside would do, too, but then nobody
// would wait for those inside.
void CellProcess::kill() {
  if (control_.is_open()) shutdown(control_.get(), SHUT_RDWR);
}

// The process outside lives until the last one inside is gone: it waits for their process 1, which
// the kernel lets end only after them.
void CellProcess::end() {
  control_.close();
  if (pid_ <= 0) return;
  while (wait4(pid_, nullptr, 0, &usage_) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

FileDescriptor file_in_memory(const std::string& name, const std::string& content) {
  FileDescriptor file =
      checked_descriptor(memfd_create(name.c_str(), MFD_CLOEXEC), "cannot make a file in memory");
  for (size_t done = 0; done < content.size();) {
    const ssize_t count =
        pwrite(file.get(), content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (count < 0) throw_system_error("cannot write a file in memory");
    done += static_cast<size_t>(count);
  }
  return file;
}

}  // namespace violin
