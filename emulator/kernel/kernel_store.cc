#include "emulator/kernel/kernel_store.hh"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace violin {
namespace {

namespace fs = std::filesystem;

const fs::path kMachineFolder = "/var/cache/violin/kernels";

// An environment variable that names a folder; nothing for one that is not set, or relative, which
// the XDG Base Directory Specification wants ignored.
std::optional<fs::path> folder_in(const char* variable) {
  const char* const value = std::getenv(variable);
  if (value == nullptr || !fs::path(value).is_absolute()) return std::nullopt;
  return value;
}

}  // namespace

KernelStore KernelStore::of_user() {
  if (const auto cache = folder_in("XDG_CACHE_HOME")) {
    return KernelStore(*cache / "violin" / "kernels");
  }
  if (geteuid() == 0) return KernelStore(kMachineFolder);
  if (const auto home = folder_in("HOME")) {
    return KernelStore(*home / ".cache" / "violin" / "kernels");
  }
  throw std::runtime_error("neither XDG_CACHE_HOME nor HOME says where kernels are kept");
}

std::vector<KernelStore> KernelStore::all() {
  std::vector<KernelStore> stores;
  try {
    stores.push_back(of_user());
  } catch (const std::runtime_error&) {
    // Who has no folder of his own may still use the machine's.
  }
  if (stores.empty() || stores.front().folder() != kMachineFolder) {
    stores.push_back(KernelStore(kMachineFolder));
  }
  return stores;
}

std::vector<BuiltKernel> KernelStore::kernels() const {
  std::vector<BuiltKernel> found;
  std::error_code nothing_there;
  for (const auto& entry : fs::directory_iterator(folder_, nothing_there)) {
    const std::string name = entry.path().filename();
    const size_t dash = name.rfind('-');
    const fs::path program = entry.path() / "linux";
    std::error_code unreadable;
    if (dash == std::string::npos || !fs::exists(program, unreadable)) continue;
    found.push_back(
        {.program = program, .version = name.substr(0, dash), .recipe = name.substr(dash + 1)});
  }
  std::sort(found.begin(), found.end(), [](const BuiltKernel& left, const BuiltKernel& right) {
    if (left.version != right.version) return is_older_version(left.version, right.version);
    return left.recipe < right.recipe;
  });
  return found;
}

std::optional<BuiltKernel> KernelStore::find(const KernelRecipe& recipe,
                                             const std::string& version) const {
  for (BuiltKernel& kernel : kernels()) {
    if (kernel.recipe == recipe.hash() && kernel.version == version) return kernel;
  }
  return std::nullopt;
}

fs::path KernelStore::place_of(const KernelRecipe& recipe, const std::string& version) const {
  return folder_ / (version + "-" + recipe.hash());
}

std::optional<FileDescriptor> KernelStore::lock(bool wait) const {
  fs::create_directories(folder_);
  // Inherited by what a builder starts: as long as any of that still runs, it may still write here.
  FileDescriptor folder = checked_descriptor(open(folder_.c_str(), O_RDONLY | O_DIRECTORY),
                                             "cannot open " + folder_.string());
  while (flock(folder.get(), LOCK_EX | (wait ? 0 : LOCK_NB)) != 0) {
    if (errno == EWOULDBLOCK) return std::nullopt;
    if (errno != EINTR) throw_system_error("cannot lock " + folder_.string());
  }
  return folder;
}

std::optional<BuiltKernel> find_kernel(const KernelRecipe& recipe) {
  for (const KernelStore& store : KernelStore::all()) {
    const std::vector<BuiltKernel> kernels = store.kernels();
    for (auto kernel = kernels.rbegin(); kernel != kernels.rend(); ++kernel) {
      if (kernel->recipe == recipe.hash()) return *kernel;
    }
  }
  return std::nullopt;
}

BuiltKernel require_kernel() {
  std::optional<BuiltKernel> kernel = find_kernel();
  if (kernel) return *kernel;
  throw std::runtime_error(
      "backend uml needs a kernel, which is not built yet on this machine: violin kernel build");
}

bool is_older_version(const std::string& left, const std::string& right) {
  // As the C library compares versions, which is close enough to Debian's order for one package.
  return strverscmp(left.c_str(), right.c_str()) < 0;
}

}  // namespace violin
