#pragma once

#include <map>
#include <string>
#include <string_view>

#include "emulator/scenario/yaml_document.hh"

// The `params:` of a scenario and their use as `$name` in any value, never in a key; "${name}"
// where a letter follows, in quotes, for YAML takes braces for a map inside of one. Parameter names
// are letters, digits and underscores; a parameter may use others, not itself. `$$` is a dollar
// sign, for commands. Values from a sweep point or from
// --set replace those of the file before anything is resolved.

namespace violin {

class Parameters {
 public:
  // `declared` is the value of `params:` (null when there is none); `replaced` are sweep and --set
  // values by name. Throws InputError for a parameter that is not declared, not text, undefined
  // or defined by itself.
  Parameters(const YamlValue* declared, const std::map<std::string, std::string>& replaced,
             const std::string& file);

  const std::map<std::string, std::string>& values() const { return values_; }
  // `text` with its parameters replaced; `place` is for messages.
  std::string substitute(std::string_view text, const Place& place) const;
  // Replaces in every value of the scenario under `root`, except in params and sweep themselves.
  void substitute_all(YamlValue& root) const;

 private:
  std::map<std::string, std::string> values_;
};

// Is `text` letters, digits and underscores, not starting with a digit?
bool is_parameter_name(std::string_view text);

}  // namespace violin
