#include "emulator/kernel/kernel_recipe.hh"

#include <fmt/core.h>
#include <sodium.h>

#include <array>
#include <cstdint>
#include <set>
#include <sstream>
#include <string_view>

#include "violin_kernel_recipe.hh"

namespace violin {
namespace {

constexpr std::string_view kOff = " is not set";

void add_sized(crypto_generichash_state& state, std::string_view text) {
  // The size first, so that no two lists of texts are the same bytes.
  const uint64_t size = text.size();
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&size), sizeof size);
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(text.data()),
                            text.size());
}

// "CONFIG_NET" of "CONFIG_NET=y" and of "# CONFIG_NET is not set".
std::string option_of(const std::string& line) {
  if (line.ends_with(kOff)) return line.substr(2, line.size() - 2 - kOff.size());
  return line.substr(0, line.find('='));
}

}  // namespace

const KernelRecipe& KernelRecipe::ours() {
  static const KernelRecipe recipe = [] {
    KernelRecipe made;
    made.configuration = kKernelConfiguration;
    for (const auto& [name, text] : kKernelPatches) made.patches.push_back({name, text});
    return made;
  }();
  return recipe;
}

std::string KernelRecipe::hash() const {
  std::array<unsigned char, crypto_generichash_BYTES_MIN> digest;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, digest.size());
  add_sized(state, configuration);
  for (const Patch& patch : patches) {
    add_sized(state, patch.name);
    add_sized(state, patch.text);
  }
  crypto_generichash_final(&state, digest.data(), digest.size());
  std::string text;
  for (size_t i = 0; i < 8; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

std::vector<std::string> KernelRecipe::lines_not_in(const std::string& resolved) const {
  std::set<std::string> lines, options;
  std::istringstream text(resolved);
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with("CONFIG_") && !line.ends_with(kOff)) continue;
    options.insert(option_of(line));
    lines.insert(std::move(line));
  }
  std::vector<std::string> missing;
  std::istringstream wanted(configuration);
  for (std::string line; std::getline(wanted, line);) {
    const bool off = line.ends_with(kOff);
    if (!off && !line.starts_with("CONFIG_")) continue;
    // An option that does not exist at all is off, too.
    if (lines.contains(line) || (off && !options.contains(option_of(line)))) continue;
    missing.push_back(line);
  }
  return missing;
}

}  // namespace violin
