#pragma once

#include <string>
#include <vector>

namespace violin {

// What a guest kernel is made of besides its sources: a configuration, as `make savedefconfig`
// writes it, and patches of ours. Both stand beside this file and are part of this program.
struct KernelRecipe {
  struct Patch {
    std::string name;
    std::string text;
  };

  std::string configuration;
  std::vector<Patch> patches;  // applied in this order

  // The one that this program has.
  static const KernelRecipe& ours();

  // 16 hexadecimal digits that differ for every other recipe (BLAKE2b, RFC 7693).
  std::string hash() const;

  // The lines of the configuration that `resolved`, the .config that the kernel's makefiles made of
  // it, has otherwise: options that these sources do not have, or not together.
  std::vector<std::string> lines_not_in(const std::string& resolved) const;
};

}  // namespace violin
