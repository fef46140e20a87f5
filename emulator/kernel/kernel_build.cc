#include "emulator/kernel/kernel_build.hh"

#include <fmt/core.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "emulator/os/child_process.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr uintmax_t kDiskNeeded = 3'000'000'000;
constexpr int kReportEveryMs = 200;
constexpr const char* kConfigurationName = "violin_defconfig";

// What the kernel's makefiles call, and the Debian packages that have it.
constexpr std::pair<const char*, const char*> kTools[] = {
    {"make", "make"},   {"gcc", "gcc"},       {"ld", "binutils"}, {"flex", "flex"},
    {"bison", "bison"}, {"bc", "bc"},         {"patch", "patch"}, {"tar", "tar"},
    {"xz", "xz-utils"}, {"perl", "perl-base"}};

bool is_installed(const std::string& program) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

void check_disk(const fs::path& folder) {
  const uintmax_t available = fs::space(folder).available;
  if (available >= kDiskNeeded) return;
  throw std::runtime_error(fmt::format("{} has {:.1f} GB left, and a build takes {:.0f}",
                                       folder.string(), static_cast<double>(available) * 1e-9,
                                       static_cast<double>(kDiskNeeded) * 1e-9));
}

// As many as we may use processors, which need not be all of them.
int processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

void write_text(const fs::path& file, const std::string& text) {
  std::ofstream out(file);
  out << text;
  out.close();
  if (!out) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace

std::string packages_missing_for_kernels() {
  std::string missing;
  for (const auto& [program, package] : kTools) {
    if (!is_installed(program)) missing += std::string(" ") + package;
  }
  return missing;
}

KernelBuild::KernelBuild(const KernelStore& store, const KernelRecipe& recipe,
                         const KernelSource& source)
    : store_(store), recipe_(recipe), source_(source) {}

BuiltKernel KernelBuild::run(const std::function<void(const State&)>& report) {
  report_ = report;
  state_ = {};
  if (const auto kernel = store_.find(recipe_, source_.version)) return *kernel;
  const std::string missing = packages_missing_for_kernels();
  if (!missing.empty()) {
    throw std::runtime_error("packages are missing; install them: apt-get install" + missing);
  }
  std::optional<FileDescriptor> lock = store_.lock(false);
  if (!lock) {
    begin(Step::kWait);
    lock = store_.lock(true);
    if (const auto kernel = store_.find(recipe_, source_.version)) return *kernel;
  }
  // What is here is of a builder that was killed.
  fs::remove_all(store_.workshop());
  check_disk(store_.folder());
  fs::create_directories(store_.workshop());
  sources_ = store_.workshop() / "source";
  log_file_ = store_.place_of(recipe_, source_.version).string() + ".log";
  log_.emplace(log_file_);
  try {
    unpack();
    patch();
    configure();
    compile();
    return install();
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(store_.workshop(), ignored);
    throw;
  }
}

void KernelBuild::begin(Step step) {
  state_ = {.step = step};
  report_(state_);
}

void KernelBuild::unpack() {
  begin(Step::kUnpack);
  fs::create_directories(sources_);
  perform({"tar", "--extract", "--file", source_.archive, "--directory", sources_,
           "--strip-components=1", "--no-same-owner"});
}

void KernelBuild::patch() {
  begin(Step::kPatch);
  for (const KernelRecipe::Patch& patch : recipe_.patches) {
    const fs::path file = store_.workshop() / patch.name;
    write_text(file, patch.text);
    perform({"patch", "-p1", "--batch", "--forward", "--directory", sources_, "--input", file});
  }
}

void KernelBuild::configure() {
  begin(Step::kConfigure);
  const fs::path folder = sources_ / "arch" / "um" / "configs";
  fs::create_directories(folder);
  write_text(folder / kConfigurationName, recipe_.configuration);
  perform({"make", "-C", sources_, "ARCH=um", kConfigurationName});
  const std::vector<std::string> missing = recipe_.lines_not_in(text_of(sources_ / ".config"));
  if (missing.empty()) return;
  std::string all;
  for (const std::string& line : missing) all += "\n  " + line;
  throw std::runtime_error("these sources cannot be configured as wanted:" + all);
}

void KernelBuild::compile() {
  begin(Step::kCompile);
  // The name, builder and date that a kernel tells of itself are the same wherever it was built.
  perform({"make", "-C", sources_, "ARCH=um", "-j" + std::to_string(processors()),
           "KBUILD_BUILD_TIMESTAMP=1970-01-01", "KBUILD_BUILD_USER=violin",
           "KBUILD_BUILD_HOST=violin", "KBUILD_BUILD_VERSION=1", "linux"});
  perform({"strip", sources_ / "linux"});
}

BuiltKernel KernelBuild::install() {
  const fs::path made = store_.workshop() / "made";
  fs::create_directory(made);
  // Everybody may run it, as guests are nobody.
  fs::permissions(sources_ / "linux", fs::perms(0755));
  fs::rename(sources_ / "linux", made / "linux");
  fs::rename(sources_ / ".config", made / "config");
  fs::permissions(made, fs::perms(0755));
  fs::rename(made, store_.place_of(recipe_, source_.version));
  fs::remove_all(store_.workshop());
  fs::remove(log_file_);
  return store_.find(recipe_, source_.version).value();
}

void KernelBuild::perform(const std::vector<std::string>& argv) {
  ChildProcess program(argv, {.output = log_->input(), .error = log_->input()});
  std::optional<int> status;
  auto next_report = Clock::now();
  while (!(status = program.finished())) {
    log_->take(kReportEveryMs);
    if (Clock::now() < next_report) continue;
    next_report = Clock::now() + std::chrono::milliseconds(kReportEveryMs);
    state_.files = log_->compiled_files();
    report_(state_);
  }
  while (log_->take(0)) {
  }
  if (*status == 0) return;
  throw std::runtime_error(fmt::format("{} failed while {} the kernel; {} says why", argv.front(),
                                       description(state_.step), log_file_.string()));
}

const char* description(KernelBuild::Step step) {
  switch (step) {
    case KernelBuild::Step::kWait:
      return "waiting for another build of";
    case KernelBuild::Step::kUnpack:
      return "unpacking";
    case KernelBuild::Step::kPatch:
      return "patching";
    case KernelBuild::Step::kConfigure:
      return "configuring";
    case KernelBuild::Step::kCompile:
      return "compiling";
  }
  return "building";
}

}  // namespace violin
