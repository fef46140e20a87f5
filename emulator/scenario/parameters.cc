#include "emulator/scenario/parameters.hh"

#include <cctype>
#include <functional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

// A value may not grow beyond this by substitution, so that params cannot double each other.
constexpr size_t kMaxValueBytes = 1 << 20;

bool is_name_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool is_name_letter(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

using LookUp = std::function<std::string(const std::string& name)>;

// Takes the name after a dollar sign at `position`, moving it past the name; empty if malformed.
std::string take_name(std::string_view text, size_t& position) {
  const bool braced = position < text.size() && text[position] == '{';
  size_t end = position + (braced ? 1 : 0);
  const size_t start = end;
  if (end < text.size() && is_name_start(text[end])) {
    while (end < text.size() && is_name_letter(text[end])) ++end;
  }
  if (end == start || (braced && (end >= text.size() || text[end] != '}'))) return {};
  position = end + (braced ? 1 : 0);
  return std::string(text.substr(start, end - start));
}

std::string replace_names(std::string_view text, const Place& place, const LookUp& look_up) {
  std::string result;
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '$') {
      result += text[i++];
      continue;
    }
    ++i;
    if (i < text.size() && text[i] == '$') {
      result += text[i++];
      continue;
    }
    const std::string name = take_name(text, i);
    if (name.empty()) {
      refuse(place, "a $ must be followed by a parameter's name", text, "$name, ${name} or $$");
    }
    result += look_up(name);
    if (result.size() > kMaxValueBytes) {
      throw InputError(place, "a value grows beyond 1 MiB by its parameters");
    }
  }
  return result;
}

std::vector<std::string> names_of(const std::map<std::string, std::string>& values) {
  std::vector<std::string> names;
  for (const auto& [name, value] : values) names.push_back(name);
  return names;
}

// Resolves parameters that use each other, depth first.
class Resolver {
 public:
  struct Raw {
    std::string text;
    Place place;
  };

  explicit Resolver(std::map<std::string, Raw> raw) : raw_(std::move(raw)) {
    for (const auto& [name, value] : raw_) names_.push_back(name);
  }

  std::map<std::string, std::string> resolve_all() {
    for (const auto& [name, value] : raw_) resolve(name);
    return std::move(values_);
  }

 private:
  // Nothing sensible nests deeper; a chain of 10 000 would exhaust the stack.
  static constexpr size_t kMaxNesting = 64;

  const std::string& resolve(const std::string& name) {
    const auto done = values_.find(name);
    if (done != values_.end()) return done->second;
    const Raw& raw = raw_.at(name);
    for (const std::string& outer : open_) {
      if (outer == name) throw InputError(raw.place, "the parameter is defined by itself: " + name);
    }
    if (open_.size() >= kMaxNesting) {
      throw InputError(raw.place, "parameters nested more than 64 deep: " + name);
    }
    open_.push_back(name);
    std::string value = replace_names(raw.text, raw.place, [&](const std::string& inner) {
      if (raw_.count(inner) == 0) refuse_word(raw.place, "no such parameter", inner, names_);
      return resolve(inner);
    });
    open_.pop_back();
    return values_[name] = std::move(value);
  }

  std::map<std::string, Raw> raw_;
  std::vector<std::string> names_;
  std::map<std::string, std::string> values_;
  std::vector<std::string> open_;
};

std::map<std::string, Resolver::Raw> declared_values(const YamlValue* declared) {
  std::map<std::string, Resolver::Raw> raw;
  if (declared == nullptr || declared->is_null()) return raw;
  if (!declared->is_map()) throw InputError(declared->place, "params must be a map of names");
  for (const YamlEntry& entry : declared->entries) {
    if (!is_parameter_name(entry.key) || entry.key == "seed") {
      refuse(entry.key_place, "not a parameter's name", entry.key,
             "letters, digits and underscores; seed is kept for the seed");
    }
    if (!entry.value->is_scalar()) {
      throw InputError(entry.value->place, "a parameter must be one value: " + entry.key);
    }
    raw[entry.key] = {entry.value->text, entry.value->place};
  }
  return raw;
}

// Shared values are replaced once, for a second pass would take "$$" apart. The set of pointers is
// only asked, never iterated; depth is bounded by the document's.
void visit(const YamlPointer& value, std::unordered_set<const YamlValue*>& seen,
           const Parameters& parameters) {
  if (value.use_count() > 1 && !seen.insert(value.get()).second) return;
  if (value->is_scalar() && value->text.find('$') != std::string::npos) {
    value->text = parameters.substitute(value->text, value->place);
  }
  for (const YamlPointer& item : value->items) visit(item, seen, parameters);
  for (const YamlEntry& entry : value->entries) visit(entry.value, seen, parameters);
}

}  // namespace

bool is_parameter_name(std::string_view text) {
  if (text.empty() || !is_name_start(text.front())) return false;
  for (const char c : text) {
    if (!is_name_letter(c)) return false;
  }
  return true;
}

Parameters::Parameters(const YamlValue* declared,
                       const std::map<std::string, std::string>& replaced,
                       const std::string& file) {
  std::map<std::string, Resolver::Raw> raw = declared_values(declared);
  std::vector<std::string> names;
  for (const auto& [name, value] : raw) names.push_back(name);
  for (const auto& [name, text] : replaced) {
    const auto found = raw.find(name);
    if (found == raw.end()) {
      refuse_word({file + " (--set or sweep)", 0, 0}, "no such parameter", name, names);
    }
    found->second.text = text;
  }
  values_ = Resolver(std::move(raw)).resolve_all();
}

std::string Parameters::substitute(std::string_view text, const Place& place) const {
  return replace_names(text, place, [&](const std::string& name) {
    const auto found = values_.find(name);
    if (found == values_.end()) refuse_word(place, "no such parameter", name, names_of(values_));
    return found->second;
  });
}

void Parameters::substitute_all(YamlValue& root) const {
  std::unordered_set<const YamlValue*> seen;
  for (const YamlEntry& entry : root.entries) {
    if (entry.key != "params" && entry.key != "sweep") visit(entry.value, seen, *this);
  }
}

}  // namespace violin
