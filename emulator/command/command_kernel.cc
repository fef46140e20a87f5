#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <stdexcept>

#include "emulator/command/arguments.hh"
#include "emulator/command/command.hh"
#include "emulator/command/text_layout.hh"
#include "emulator/kernel/kernel_build.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

CommandSpec kernel_spec() {
  CommandSpec spec;
  spec.purpose = "Builds the Linux kernel that guests of `backend: uml` run, or says where it is.";
  spec.usage = "build|path|list [--source FILE] [--quiet]";
  spec.options.push_back(
      {"source", "FILE", "build from this archive, not from the Debian package's"});
  spec.options.push_back({"quiet,q", "", "no progress"});
  spec.operands = {{"build|path|list", 1, 1}};
  spec.notes = fmt::format(
      "build makes it from Debian's package {}, once per machine: some minutes,\n"
      "and 3 GB of disk meanwhile. It is kept in $XDG_CACHE_HOME/violin/kernels, or else in\n"
      "/var/cache/violin/kernels (root) or ~/.cache/violin/kernels, under the version of the\n"
      "sources and a hash of our configuration and patches. path prints the newest one that fits\n"
      "this program, list prints all.\n",
      kKernelSourcePackage);
  return spec;
}

// Steps and files as they are done: in place on a terminal, else a line now and then.
class BuildProgress {
 public:
  explicit BuildProgress(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {}
  ~BuildProgress() {
    if (drawn_) fmt::print(stderr, "\r\033[K");
  }
  BuildProgress(const BuildProgress&) = delete;
  BuildProgress& operator=(const BuildProgress&) = delete;

  void show(const KernelBuild::State& state) {
    if (quiet_) return;
    const bool new_step = state.step != step_ || !begun_;
    if (!terminal_ && !new_step && state.files < shown_files_ + kFilesPerLine) return;
    begun_ = true;
    step_ = state.step;
    shown_files_ = state.files;
    const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
    std::string text = fmt::format("{} the kernel", description(state.step));
    if (state.step == KernelBuild::Step::kCompile) text += fmt::format(": {} files", state.files);
    drawn_ = terminal_;
    fmt::print(stderr, "{}{}, {:.0f} s{}", terminal_ ? "\r\033[K" : "", text, seconds,
               terminal_ ? "" : "\n");
    std::fflush(stderr);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr size_t kFilesPerLine = 250;

  bool quiet_;
  bool terminal_;
  bool begun_ = false;
  bool drawn_ = false;
  KernelBuild::Step step_ = KernelBuild::Step::kWait;
  size_t shown_files_ = 0;
  Clock::time_point started_ = Clock::now();
};

std::optional<KernelSource> wanted_source(const Arguments& arguments) {
  if (const auto file = arguments.value("source")) return KernelSource::in_file(*file);
  return KernelSource::installed();
}

ExitStatus print(const BuiltKernel& kernel) {
  std::cout << kernel.program.string() << '\n';
  return ExitStatus::kDone;
}

ExitStatus build(const Arguments& arguments) {
  const auto source = wanted_source(arguments);
  if (!source) {
    // What was made of them still serves.
    if (const auto kernel = find_kernel()) return print(*kernel);
    throw std::runtime_error(fmt::format(
        "its sources are missing; install them: apt-get install {}", kKernelSourcePackage));
  }
  const KernelStore store = KernelStore::of_user();
  BuildProgress progress(arguments.has("quiet"));
  KernelBuild build(store, KernelRecipe::ours(), *source);
  return print(build.run([&](const KernelBuild::State& state) { progress.show(state); }));
}

ExitStatus print_path() {
  const auto kernel = find_kernel();
  if (!kernel) throw std::runtime_error("it was not built yet; violin kernel build does it");
  return print(*kernel);
}

ExitStatus list() {
  TextTable table({"sources", "recipe", "", "kernel"});
  for (const KernelStore& store : KernelStore::all()) {
    for (const BuiltKernel& kernel : store.kernels()) {
      const bool fits = kernel.recipe == KernelRecipe::ours().hash();
      table.add({kernel.version, kernel.recipe, fits ? "" : "another version's",
                 kernel.program.string()});
    }
  }
  std::cout << (table.empty() ? "No kernel was built yet.\n" : table.text(0));
  return ExitStatus::kDone;
}

}  // namespace

ExitStatus kernel_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, kernel_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  const std::string& what = arguments->operands().front();
  if (what == "build") return build(*arguments);
  if (what == "path") return print_path();
  if (what == "list") return list();
  refuse_word({.file = line.name}, "no such thing to do", what, {"build", "path", "list"});
}

}  // namespace violin
