#include "emulator/scenario/scenario.hh"

#include "core/check.hh"

namespace violin {

const PlaneSpec& Scenario::plane(const std::string& plane_name) const {
  for (const PlaneSpec& plane : planes) {
    if (plane.name == plane_name) return plane;
  }
  check_failed(__FILE__, __LINE__, "the plane exists", plane_name);
}

int Scenario::find_node(const std::string& full_name) const {
  const size_t slash = full_name.find('/');
  if (slash == std::string::npos) return -1;
  const std::string_view wanted(full_name);
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].name == wanted.substr(slash + 1) && nodes[i].plane == wanted.substr(0, slash)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

}  // namespace violin
