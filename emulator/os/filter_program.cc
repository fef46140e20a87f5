#include "emulator/os/filter_program.hh"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "emulator/os/child_process.hh"
#include "emulator/os/exit_status.hh"

namespace violin {
namespace {

// A file without a name: it is gone when it is closed, whatever happens. Files rather than pipes,
// so that neither side can wait for the other.
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

File unnamed_file() {
  File file(std::tmpfile(), &std::fclose);
  if (file == nullptr) fail(errno, "cannot make a temporary file");
  fcntl(fileno(file.get()), F_SETFD, FD_CLOEXEC);
  return file;
}

std::string contents(std::FILE* file) {
  std::rewind(file);
  std::string text;
  std::array<char, 65536> buffer;
  while (const size_t count = std::fread(buffer.data(), 1, buffer.size(), file)) {
    text.append(buffer.data(), count);
  }
  return text;
}

pid_t spawn(std::vector<std::string> argv, std::FILE* in, std::FILE* out, std::FILE* errors) {
  std::vector<char*> pointers;
  for (std::string& word : argv) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(errors), STDERR_FILENO);
  pid_t child = -1;
  const int error = posix_spawnp(&child, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) throw ProgramMissing("the program " + argv[0] + " is not installed");
  if (error != 0) fail(error, "cannot start " + argv[0]);
  return child;
}

}  // namespace

FilterOutput run_filter(const std::vector<std::string>& argv, const std::string& input) {
  const File in = unnamed_file();
  const File out = unnamed_file();
  const File errors = unnamed_file();
  if (std::fwrite(input.data(), 1, input.size(), in.get()) != input.size() ||
      std::fflush(in.get()) != 0) {
    fail(errno, "cannot write a temporary file");
  }
  lseek(fileno(in.get()), 0, SEEK_SET);
  const pid_t child = spawn(argv, in.get(), out.get(), errors.get());
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) fail(errno, "cannot wait for " + argv[0]);
  }
  return {exit_status(status), contents(out.get()), contents(errors.get())};
}

}  // namespace violin
