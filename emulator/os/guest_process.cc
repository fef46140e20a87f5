#include "emulator/os/guest_process.hh"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/check.hh"
#include "emulator/os/exit_status.hh"
#include "emulator/os/guest_exec.hh"
#include "emulator/os/mapped_users.hh"

namespace violin {
namespace {

constexpr const char* kFolders[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                    "/usr/bin",        "/sbin",          "/bin"};
constexpr uint64_t kNobody = 65534;

// Texts as execve(2) takes them.
class TextList {
 public:
  explicit TextList(std::vector<std::string> texts) : texts_(std::move(texts)) {
    for (std::string& text : texts_) pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
  }
  TextList(const TextList&) = delete;
  TextList& operator=(const TextList&) = delete;
  char* const* get() const { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
};

std::vector<std::string> places_of(const std::string& program) {
  if (program.find('/') != std::string::npos) return {program};
  std::vector<std::string> places;
  for (const char* folder : kFolders) places.push_back(std::string(folder) + "/" + program);
  return places;
}

std::vector<std::string> environment_of(const GuestCommand& command) {
  std::string path = "PATH=";
  for (const char* folder : kFolders)
    path += (path.ends_with('=') ? "" : ":") + std::string(folder);
  std::vector<std::string> all = {
      path, "HOME=/", "LANG=C.UTF-8",
      command.streams.terminal >= 0 ? "TERM=xterm-256color" : "TERM=dumb"};
  all.insert(all.end(), command.environment.begin(), command.environment.end());
  return all;
}

GuestUser user_of(const GuestCommand& command) {
  if (command.as_root) return GuestUser::kRoot;
  const bool nobody_exists = mapped_users() > kNobody && mapped_groups() > kNobody;
  return nobody_exists ? GuestUser::kNobody : GuestUser::kBareRoot;
}

// While one lives, no signal is delivered to this thread: a handler of ours must not run in a child
// that has not forgotten it yet.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

// _Fork(), because fork() would call what libraries want done before and after, in a child that has
// no threads to do it with.
pid_t start(const GuestExec& what) {
  const BlockedSignals quiet;
  const pid_t child = _Fork();
  if (child == 0) guest_exec(what);
  return child;
}

// What went wrong before the program ran; nothing when it runs.
std::optional<GuestExecFailure> hear(const FileDescriptor& report) {
  GuestExecFailure failure;
  ssize_t count = 0;
  do {
    count = read(report.get(), &failure, sizeof failure);
  } while (count < 0 && errno == EINTR);
  if (count != sizeof failure) return std::nullopt;
  return failure;
}

}  // namespace

GuestProcess::GuestProcess(const GuestSpace& guest, const GuestCommand& command) {
  const std::string& program = command.argv.at(0);
  const TextList programs(places_of(program)), argv(command.argv),
      environment(environment_of(command));
  const FileDescriptor nothing = open_file("/dev/null", O_RDWR);
  const GuestStreams& streams = command.streams;
  const auto stream = [&](int given) {
    return streams.terminal >= 0 ? streams.terminal : given >= 0 ? given : nothing.get();
  };
  DescriptorPair report = make_pipe();
  const GuestExec what = {.mounts = guest.mounts_fd(),
                          .network = guest.network().fd(),
                          .uts = guest.uts_fd(),
                          .input = stream(streams.input),
                          .output = stream(streams.output),
                          .error = stream(streams.error),
                          .terminal = streams.terminal >= 0,
                          .user = user_of(command),
                          .parent = getpid(),
                          .report = report.second.get(),
                          .programs = programs.get(),
                          .argv = argv.get(),
                          .environment = environment.get()};
  const std::string action = "cannot start " + program + " in " + guest.hostname();
  pid_ = start(what);
  if (pid_ < 0) throw_system_error(action);
  report.second.close();
  const auto failure = hear(report.first);
  if (!failure) exit_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  const int error = failure ? failure->error : errno;
  if (exit_.is_open()) return;
  end();
  if (failure && failure->step == GuestExecStep::kProgram && error == ENOENT) {
    throw ProgramMissing("the program " + program + " is not installed");
  }
  throw_system_error(error, failure ? action + ": cannot " + description(failure->step) : action);
}

GuestProcess::~GuestProcess() { end(); }

GuestProcess::GuestProcess(GuestProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), exit_(std::move(other.exit_)) {}

GuestProcess& GuestProcess::operator=(GuestProcess&& other) noexcept {
  if (this == &other) return *this;
  end();
  pid_ = std::exchange(other.pid_, -1);
  exit_ = std::move(other.exit_);
  return *this;
}

int GuestProcess::wait() {
  const auto status = bury(0);
  CHECK(status.has_value());
  return *status;
}

std::optional<int> GuestProcess::finished() { return bury(WNOHANG); }

// The dead process keeps its number until waitpid() takes it: up to then the group's number cannot
// be anybody else's, so that is when what is left of the group can be killed.
std::optional<int> GuestProcess::bury(int wait_flags) {
  CHECK(pid_ > 0);
  siginfo_t info = {};
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT | wait_flags) != 0) {
    if (errno != EINTR) throw_system_error("cannot wait for a program of a guest");
  }
  if (info.si_pid == 0) return std::nullopt;
  kill(-pid_, SIGKILL);
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);
  return exit_status(status);
}

void GuestProcess::signal(int number) {
  if (pid_ > 0) kill(-pid_, number);
}

void GuestProcess::end() {
  if (pid_ <= 0) return;
  kill(-pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

}  // namespace violin
