#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "emulator/kernel/build_log.hh"
#include "emulator/kernel/kernel_recipe.hh"
#include "emulator/kernel/kernel_source.hh"
#include "emulator/kernel/kernel_store.hh"

namespace violin {

// Makes one guest kernel: unpacks the sources, applies our patches, configures, compiles, and puts
// it into a store. Needs 3 GB of disk for some minutes, and the compiler's packages.
class KernelBuild {
 public:
  enum class Step { kWait, kUnpack, kPatch, kConfigure, kCompile };

  struct State {
    Step step = Step::kWait;
    size_t files = 0;  // compiled so far
  };

  KernelBuild(const KernelStore& store, const KernelRecipe& recipe, const KernelSource& source);

  // Returns the kernel, which was perhaps there already; several builders at a time make it once.
  // `report` is called at every step and every fifth of a second. Whatever goes wrong, a killed
  // builder included, the store then has this kernel complete or not at all. Throws
  // std::runtime_error that says what is missing, or names the log of the step that failed.
  BuiltKernel run(const std::function<void(const State&)>& report);

 private:
  void begin(Step step);
  void unpack();
  void patch();
  void configure();
  void compile();
  BuiltKernel install();
  void perform(const std::vector<std::string>& argv);

  const KernelStore& store_;
  const KernelRecipe& recipe_;
  const KernelSource& source_;
  std::filesystem::path sources_;  // unpacked
  std::filesystem::path log_file_;
  std::optional<BuildLog> log_;
  std::function<void(const State&)> report_;
  State state_;
};

// The Debian packages of programs that a build calls and this machine does not have, each with a
// space before it.
std::string packages_missing_for_kernels();

// "compiling".
const char* description(KernelBuild::Step step);

}  // namespace violin
