#pragma once

#include <string_view>

namespace violin {

// The text of a scenario template (scenario_template.hh) in which @name@ stands for a number yet to
// be filled in. There must be one of this kind.
std::string_view template_text(std::string_view kind);

}  // namespace violin
