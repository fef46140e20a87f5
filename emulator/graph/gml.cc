#include "emulator/graph/gml.hh"

#include <charconv>
#include <utility>

#include "emulator/scenario/input_error.hh"

namespace violin {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_key_character(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }

void append_utf8(std::string& text, unsigned code) {
  const auto put = [&text](unsigned byte) { text.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else if (code < 0x1'0000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

// Appends what the entity `name` (between & and ;) stands for; false when it is not known.
bool append_entity(std::string& text, std::string_view name) {
  constexpr std::pair<std::string_view, char> kNamed[] = {
      {"amp", '&'}, {"quot", '"'}, {"lt", '<'}, {"gt", '>'}, {"apos", '\''}};
  for (const auto& [known, character] : kNamed) {
    if (name != known) continue;
    text.push_back(character);
    return true;
  }
  if (name.size() < 2 || name.front() != '#') return false;
  unsigned code = 0;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + 1, end, code);
  if (error != std::errc() || stop != end || code < 0x20 || code > 0x10'ffff) return false;
  append_utf8(text, code);
  return true;
}

std::string decode_entities(std::string_view raw) {
  constexpr size_t kLongestEntity = 10;  // &#1114111;
  std::string text;
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '&') {
      const size_t end = raw.substr(i, kLongestEntity).find(';');
      if (end != std::string_view::npos && append_entity(text, raw.substr(i + 1, end - 1))) {
        i += end;
        continue;
      }
    }
    text.push_back(raw[i]);
  }
  return text;
}

class GmlParser {
 public:
  GmlParser(std::string_view text, const std::string& file_name)
      : text_(text), file_name_(file_name) {}

  std::vector<GmlItem> parse() {
    std::vector<GmlItem> items = parse_list(0);
    if (position_ < text_.size()) fail("] without [");
    return items;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw InputError({file_name_, line_, 0}, message);
  }

  bool at_end() const { return position_ >= text_.size(); }
  char here() const { return text_[position_]; }
  void advance() {
    if (here() == '\n') ++line_;
    ++position_;
  }

  void skip_space_and_comments() {
    bool at_line_start = position_ == 0 || text_[position_ - 1] == '\n';
    while (!at_end()) {
      if (here() == '#' && at_line_start) {
        while (!at_end() && here() != '\n') advance();
      } else if (is_space(here())) {
        at_line_start |= here() == '\n';
        advance();
      } else {
        return;
      }
    }
  }

  // Up to the closing bracket, which is left to the caller, or the end of the text.
  std::vector<GmlItem> parse_list(int depth) {
    if (depth > kGmlMaximumDepth) {
      fail("lists are nested deeper than " + std::to_string(kGmlMaximumDepth));
    }
    std::vector<GmlItem> items;
    for (skip_space_and_comments(); !at_end() && here() != ']'; skip_space_and_comments()) {
      if (++items_ > kGmlMaximumItems) {
        fail("more than " + std::to_string(kGmlMaximumItems) + " keys");
      }
      items.push_back(parse_item(depth));
    }
    return items;
  }

  GmlItem parse_item(int depth) {
    GmlItem item;
    item.line = line_;
    if (!is_letter(here())) fail("expected a key, which begins with a letter");
    while (!at_end() && is_key_character(here())) {
      item.key.push_back(here());
      advance();
    }
    skip_space_and_comments();
    if (at_end() || here() == ']') fail("the key " + item.key + " has no value");
    if (here() == '[') {
      advance();
      item.is_list = true;
      item.list = parse_list(depth + 1);
      if (at_end())
        fail("the list " + item.key + " of line " + std::to_string(item.line) + " is not closed");
      advance();
    } else if (here() == '"') {
      item.text = parse_string(item);
    } else {
      while (!at_end() && !is_space(here()) && here() != '[' && here() != ']') {
        item.text.push_back(here());
        advance();
      }
    }
    return item;
  }

  std::string parse_string(const GmlItem& item) {
    advance();
    const size_t start = position_;
    while (!at_end() && here() != '"') advance();
    if (at_end())
      fail("the text of " + item.key + " in line " + std::to_string(item.line) +
           " has no closing quote");
    const std::string_view raw = text_.substr(start, position_ - start);
    advance();
    return decode_entities(raw);
  }

  std::string_view text_;
  const std::string& file_name_;
  size_t position_ = 0;
  int line_ = 1;
  int items_ = 0;
};

}  // namespace

std::vector<GmlItem> parse_gml(std::string_view text, const std::string& file_name) {
  return GmlParser(text, file_name).parse();
}

}  // namespace violin
