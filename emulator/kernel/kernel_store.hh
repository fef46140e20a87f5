#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "emulator/kernel/kernel_recipe.hh"
#include "emulator/os/file_descriptor.hh"

namespace violin {

// A guest kernel that was built, complete.
struct BuiltKernel {
  std::filesystem::path program;  // an executable file
  std::string version;            // of its sources
  std::string recipe;             // KernelRecipe::hash()
};

// The folder in which built kernels are kept, one folder each, named by version and recipe. A
// folder of that name is complete: builders work elsewhere in here and rename what they have made.
class KernelStore {
 public:
  // Where this user's kernels are put: $XDG_CACHE_HOME/violin/kernels; else root's machine-wide
  // /var/cache/violin/kernels, and ~/.cache/violin/kernels for everybody else. Throws
  // std::runtime_error for a user without a home.
  static KernelStore of_user();
  // The stores to look into: the user's own, then the machine's.
  static std::vector<KernelStore> all();

  explicit KernelStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  const std::filesystem::path& folder() const { return folder_; }
  // By version, the newest last; none where there is no such folder.
  std::vector<BuiltKernel> kernels() const;
  std::optional<BuiltKernel> find(const KernelRecipe& recipe, const std::string& version) const;
  // Where a kernel is when it is built.
  std::filesystem::path place_of(const KernelRecipe& recipe, const std::string& version) const;
  // Where a builder works: everything under such a name belongs to the holder of the lock.
  std::filesystem::path workshop() const { return folder_ / "building"; }

  // Makes the folder where there is none. Whoever holds the descriptor, or a child that inherited
  // it, is the only builder here; the kernel lets go of it with the last of them. Nothing when
  // somebody else has it and `wait` is off. Throws std::system_error.
  std::optional<FileDescriptor> lock(bool wait) const;

 private:
  std::filesystem::path folder_;
};

// The newest kernel of our recipe in any of the stores; nothing when none was built.
std::optional<BuiltKernel> find_kernel(const KernelRecipe& recipe = KernelRecipe::ours());
// The same for who needs one: throws std::runtime_error that says how to get it.
BuiltKernel require_kernel();

// Is `left` an older version than `right`? Numbers in them count as numbers.
bool is_older_version(const std::string& left, const std::string& right);

}  // namespace violin
