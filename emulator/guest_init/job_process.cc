#include "emulator/guest_init/job_process.hh"

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <vector>

#include "emulator/guest_init/guest_journal.hh"

namespace violin {
namespace {

constexpr unsigned kNobody = 65534;
constexpr int kNotStarted = 127;
constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// The steps of a child on its way to the program; which one failed is all that it tells.
enum class Step : int { kFiles, kRights, kProgram };

struct Failure {
  Step step;
  int error;
};

const char* description(Step step) {
  switch (step) {
    case Step::kFiles:
      return "open its files";
    case Step::kRights:
      return "give up rights";
    case Step::kProgram:
      return "execute the program";
  }
  return "start";
}

bool become_output(const std::string& name, const FileDescriptor& results, int descriptor) {
  const int file = openat(results.get(), name.c_str(),
                          O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  return file >= 0 && dup2(file, descriptor) >= 0;
}

bool open_files(size_t number, const FileDescriptor& results) {
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  return nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 &&
         become_output(output_name(number), results, STDOUT_FILENO) &&
         become_output(error_name(number), results, STDERR_FILENO);
}

// Leaving root's uid takes the capabilities with it; no_new_privs keeps set-user-id programs from
// giving them back.
bool become_nobody() {
  return setgroups(0, nullptr) == 0 && setresgid(kNobody, kNobody, kNobody) == 0 &&
         setresuid(kNobody, kNobody, kNobody) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

void reset_signals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
}

void execute(const GuestOrder::Job& job) {
  std::vector<char*> argv;
  for (const std::string& word : job.argv) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  std::array<const char*, 5> environment = {kPath, "HOME=/", "LANG=C.UTF-8", "TERM=dumb", nullptr};
  environ = const_cast<char**>(environment.data());
  execvp(argv[0], argv.data());
}

[[noreturn]] void give_up(const FileDescriptor& report, Step step) {
  const Failure failure = {.step = step, .error = errno};
  [[maybe_unused]] const ssize_t written = write(report.get(), &failure, sizeof failure);
  _exit(kNotStarted);
}

[[noreturn]] void run_child(const GuestOrder::Job& job, size_t number,
                            const FileDescriptor& results, const FileDescriptor& report) {
  setsid();
  umask(022);
  reset_signals();
  if (!open_files(number, results)) give_up(report, Step::kFiles);
  if (!job.as_root && !become_nobody()) give_up(report, Step::kRights);
  execute(job);
  give_up(report, Step::kProgram);
}

}  // namespace

JobStart start_job(const GuestOrder::Job& job, size_t number, const FileDescriptor& results) {
  DescriptorPair report = make_pipe();
  const pid_t child = fork();
  if (child < 0) return {.error = errno, .why = "cannot make a process"};
  if (child == 0) run_child(job, number, results, report.second);
  report.second.close();
  Failure failure;
  if (read(report.first.get(), &failure, sizeof failure) != sizeof failure) return {.pid = child};
  waitpid(child, nullptr, 0);
  return {.error = failure.error, .why = std::string("cannot ") + description(failure.step)};
}

}  // namespace violin
