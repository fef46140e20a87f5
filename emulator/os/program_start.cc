#include "emulator/os/program_start.hh"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "emulator/os/file_descriptor.hh"

namespace violin {
namespace {

constexpr const char* kFolders[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                    "/usr/bin",        "/sbin",          "/bin"};

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

std::vector<std::string> whole_environment(bool terminal, const std::vector<std::string>& more) {
  std::string path = "PATH=";
  for (const char* folder : kFolders)
    path += (path.ends_with('=') ? "" : ":") + std::string(folder);
  std::vector<std::string> all = {path, "HOME=/", "LANG=C.UTF-8",
                                  terminal ? "TERM=xterm-256color" : "TERM=dumb"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
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
pid_t fork_and_execute(const GuestExec& what) {
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

ProgramStart start_program(GuestExec what, const std::vector<std::string>& argv,
                           const std::vector<std::string>& environment) {
  const TextList programs(places_of(argv.at(0))), words(argv),
      variables(whole_environment(what.terminal, environment));
  const FileDescriptor nothing = open_file("/dev/null", O_RDWR);
  for (int* stream : {&what.input, &what.output, &what.error}) {
    if (*stream < 0) *stream = nothing.get();
  }
  DescriptorPair report = make_pipe();
  what.parent = getpid();
  what.report = report.second.get();
  what.programs = programs.get();
  what.argv = words.get();
  what.environment = variables.get();
  const pid_t child = fork_and_execute(what);
  if (child < 0) return {.error = errno, .why = "make a process"};
  report.second.close();
  const auto failure = hear(report.first);
  if (!failure) return {.pid = child};
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return {.error = failure->error,
          .why = description(failure->step),
          .missing = failure->step == GuestExecStep::kProgram && failure->error == ENOENT};
}

}  // namespace violin
