#include "emulator/plot.hh"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

extern char** environ;

// Runs the gnuplot program for plot.hh.

namespace violin {
namespace {

// A file without a name: it is gone when it is closed, whatever happens.
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File unnamed_file() {
  File file(std::tmpfile(), &std::fclose);
  if (file == nullptr) throw PlotError(std::string("no temporary file: ") + std::strerror(errno));
  // gnuplot must not inherit more than the three descriptors it is given.
  ::fcntl(::fileno(file.get()), F_SETFD, FD_CLOEXEC);
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

// What `gnuplot -d` (no start-up files, which could change the picture) makes of `script`.
std::string run_gnuplot(const std::string& script) {
  const File in = unnamed_file();
  const File out = unnamed_file();
  const File errors = unnamed_file();
  std::fwrite(script.data(), 1, script.size(), in.get());
  std::fflush(in.get());
  ::lseek(::fileno(in.get()), 0, SEEK_SET);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(in.get()), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(out.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(errors.get()), STDERR_FILENO);
  std::string program = "gnuplot";
  std::string without_defaults = "-d";
  std::string from_input = "-";
  char* arguments[] = {program.data(), without_defaults.data(), from_input.data(), nullptr};
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, "gnuplot", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw PlotError(std::string("gnuplot cannot be run: ") + std::strerror(error));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw PlotError(std::string("gnuplot was lost: ") + std::strerror(errno));
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw PlotError("gnuplot failed: " + contents(errors.get()));
  }
  return contents(out.get());
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

std::string draw_svg(const Plot& plot) {
  std::string svg = run_gnuplot(gnuplot_script(plot));
  const size_t start = svg.find("<svg");
  if (start == std::string::npos) throw PlotError("gnuplot drew nothing");
  svg.erase(0, start);
  // gnuplot gives every group a colour of its own, which would stand between the page and its
  // plots.
  for (const char* colour : {"black", "gray", "white"}) {
    replace_all(svg, "<g fill=\"none\" color=\"" + std::string(colour) + "\"", "<g fill=\"none\"");
  }
  // The stand-in for the page's own text colour, in the two ways gnuplot writes colours.
  replace_all(svg, "rgb(  1,   2,   3)", "currentColor");
  replace_all(svg, "rgb(1,2,3)", "currentColor");
  replace_all(svg, "#010203", "currentColor");
  return svg;
}

}  // namespace violin
