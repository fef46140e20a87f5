#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// What `violin new` prints: short commented scenarios to start from. Each runs as it is and its
// expectations hold, at every size that is allowed.

namespace violin {

// A number the text is made for, an option of `violin new KIND`.
struct TemplateSize {
  std::string name;  // "hosts"
  int64_t usual = 1;
  int64_t least = 1;
  int64_t most = 1;
  std::string explanation;
};

struct ScenarioTemplate {
  std::string kind;     // "star"
  std::string summary;  // half a sentence
  std::vector<TemplateSize> sizes;
};

using TemplateSizes = std::map<std::string, int64_t>;  // by name

// All there are, in the order in which they are listed.
const std::vector<ScenarioTemplate>& scenario_templates();

// The scenario of this kind; sizes that are not given have their usual value. Throws
// std::invalid_argument for sizes that do not fit each other. CHECKs that the kind and the names
// exist and that each size is within its own bounds.
std::string scenario_text(std::string_view kind, const TemplateSizes& sizes = {});

}  // namespace violin
