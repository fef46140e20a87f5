#include "emulator/guest_init/program_order.hh"

#include <cstdint>

#include "emulator/guest_init/word_lines.hh"

namespace violin {
namespace {

// The line says that there is no terminal, or how large it is; nothing when it says neither.
std::optional<std::optional<TerminalSize>> parse_terminal(const WordLine& words) {
  if (words.size() == 1 && words[0] == "pipes") return std::optional<TerminalSize>();
  if (words.size() != 3 || words[0] != "terminal") return std::nullopt;
  const auto columns = decimal_number(words[1]), rows = decimal_number(words[2]);
  const auto fits = [](std::optional<int64_t> size) { return size && *size >= 0 && *size < 65536; };
  if (!fits(columns) || !fits(rows)) return std::nullopt;
  return TerminalSize{static_cast<int>(*columns), static_cast<int>(*rows)};
}

}  // namespace

std::string ProgramOrder::text() const {
  std::string bytes;
  append_words(bytes, {as_root ? "root" : "nobody"});
  if (terminal) {
    append_words(bytes,
                 {"terminal", std::to_string(terminal->columns), std::to_string(terminal->rows)});
  } else {
    append_words(bytes, {"pipes"});
  }
  append_words(bytes, environment);
  append_words(bytes, argv);
  return bytes;
}

std::optional<ProgramOrder> ProgramOrder::parse(std::string_view bytes) {
  const auto lines = parse_words(bytes);
  if (!lines || lines->size() != 4 || lines->at(3).empty()) return std::nullopt;
  const WordLine& user = lines->at(0);
  const auto terminal = parse_terminal(lines->at(1));
  if (user.size() != 1 || (user[0] != "root" && user[0] != "nobody") || !terminal) {
    return std::nullopt;
  }
  return ProgramOrder{.argv = lines->at(3),
                      .as_root = user[0] == "root",
                      .terminal = *terminal,
                      .environment = lines->at(2)};
}

}  // namespace violin
