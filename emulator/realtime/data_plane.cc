#include "emulator/realtime/data_plane.hh"

#include <algorithm>
#include <array>
#include <utility>

namespace violin {
namespace {

constexpr std::array<std::pair<const char*, bool DataPlane::*>, 5> kTechniques = {
    {{"linger", &DataPlane::linger},
     {"super-frames", &DataPlane::super_frames},
     {"gather", &DataPlane::gather},
     {"segment", &DataPlane::segment},
     {"join", &DataPlane::join}}};

}  // namespace

const std::vector<std::string>& DataPlane::names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& [name, technique] : kTechniques) all.emplace_back(name);
    return all;
  }();
  return names;
}

bool DataPlane::switch_off(const std::string& name) {
  const auto* const found = std::find_if(kTechniques.begin(), kTechniques.end(),
                                         [&](const auto& one) { return one.first == name; });
  if (found == kTechniques.end()) return false;
  this->*found->second = false;
  return true;
}

}  // namespace violin
