#include "emulator/scenario/input_error.hh"

#include "emulator/scenario/near_miss.hh"

namespace violin {
namespace {

// A list of allowed words longer than this is cut: nobody reads ten thousand node names.
constexpr size_t kMaxWordsListed = 30;

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size() && i < kMaxWordsListed; ++i) {
    if (i > 0) text += ", ";
    text += words[i];
  }
  if (words.size() > kMaxWordsListed) {
    text += " … (" + std::to_string(words.size()) + " in all)";
  }
  return text.empty() ? "nothing" : text;
}

}  // namespace

std::string to_string(const Place& place) {
  std::string text = place.file;
  if (place.line > 0) text += ":" + std::to_string(place.line);
  if (place.line > 0 && place.column > 0) text += ":" + std::to_string(place.column);
  return text;
}

InputError::InputError(const Place& place, const std::string& message)
    : std::runtime_error(to_string(place) + ": " + message), place_(place), message_(message) {}

void refuse(const Place& place, std::string_view problem, std::string_view value,
            std::string_view allowed) {
  std::string message(problem);
  message.append(": ").append(value).append("; allowed: ").append(allowed);
  throw InputError(place, message);
}

void refuse_word(const Place& place, std::string_view problem, std::string_view value,
                 const std::vector<std::string>& allowed) {
  std::string text = join(allowed);
  const std::string near = nearest_word(value, allowed);
  if (!near.empty()) text += "; did you mean \"" + near + "\"?";
  refuse(place, problem, value, text);
}

}  // namespace violin
