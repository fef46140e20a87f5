#pragma once

#include <string>
#include <string_view>

namespace violin {

// `text` as a YAML scalar that parse_yaml reads back to the same text, quoted where it must be.
std::string yaml_scalar(std::string_view text);

}  // namespace violin
