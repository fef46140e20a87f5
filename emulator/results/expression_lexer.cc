#include "emulator/results/expression_lexer.hh"

#include <array>
#include <charconv>

#include "core/units.hh"

namespace violin {
namespace {

constexpr size_t kMaxLength = 10'000;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_name_part(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-' || c == '/';
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    if (text_.size() > kMaxLength) throw ExpressionError(1, "too long an expression");
    std::vector<Token> tokens;
    do {
      while (is_space(peek())) ++at_;
      tokens.push_back(next());
    } while (tokens.back().kind != Token::Kind::kEnd);
    return tokens;
  }

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  int column() const { return static_cast<int>(at_) + 1; }

  Token next() {
    Token token;
    token.column = column();
    if (at_ >= text_.size()) return token;
    if (is_digit(peek())) {
      token.kind = Token::Kind::kQuantity;
      token.quantity = take_quantity();
    } else if (is_letter(peek())) {
      token.kind = Token::Kind::kName;
      token.text = take_name();
    } else if (peek() == '{') {
      token.kind = Token::Kind::kSelector;
      token.text = take_selector();
    } else {
      token.kind = Token::Kind::kSymbol;
      token.text = take_symbol();
    }
    return token;
  }

  Quantity take_quantity() {
    const int start = column();
    const size_t from = at_;
    while (is_digit(peek())) ++at_;
    if (peek() == '.' && is_digit(peek(1))) {
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    double number = 0;
    std::from_chars(text_.data() + from, text_.data() + at_, number);
    const std::string_view unit = take_unit();
    if (const auto quantity = make_quantity(number, unit)) return *quantity;
    try {
      parse_bit_rate(text_.substr(from, at_ - from));  // knows what is wrong with "Mbps"
    } catch (const UnitError& error) {
      if (std::string_view(error.what()).substr(0, 3) == "bps") {
        throw ExpressionError(start, error.what());
      }
    }
    throw ExpressionError(
        start, "not a unit: " + std::string(unit) + "; allowed: " + std::string(quantity_units()));
  }

  // The unit behind a number, perhaps after spaces; "within" and "of" are words, not units.
  std::string_view take_unit() {
    const size_t before = at_;
    while (is_space(peek())) ++at_;
    const size_t from = at_;
    if (peek() == '%') {
      ++at_;
    } else if (is_letter(peek()) || (peek() == '/' && is_letter(peek(1)))) {
      ++at_;
      while (is_letter(peek()) || (peek() == '/' && is_letter(peek(1)))) ++at_;
    }
    const std::string_view unit = text_.substr(from, at_ - from);
    if (unit.empty() || unit == "within" || unit == "of") {
      at_ = before;
      return {};
    }
    return unit;
  }

  std::string take_name() {
    const size_t from = at_;
    while (true) {
      const char c = peek();
      const char before = at_ > from ? text_[at_ - 1] : '\0';
      const bool is_arrow = c == '>' && before == '-' && is_letter(peek(1));
      const bool is_arrow_to_star = c == '>' && before == '-' && peek(1) == '*';
      const bool is_star =
          c == '*' && (before == '.' || before == '/' || before == '-' || before == '>');
      if (!is_name_part(c) && !is_arrow && !is_arrow_to_star && !is_star) break;
      ++at_;
    }
    return std::string(text_.substr(from, at_ - from));
  }

  std::string take_selector() {
    const int start = column();
    const size_t end = text_.find('}', at_);
    if (end == std::string_view::npos) throw ExpressionError(start, "the } is missing");
    std::string inside(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return inside;
  }

  std::string take_symbol() {
    static constexpr std::array<std::string_view, 13> kSymbols = {
        ">=", "<=", "==", "!=", ">", "<", "+", "-", "*", "/", "(", ")", ","};
    for (const std::string_view symbol : kSymbols) {
      if (text_.substr(at_, symbol.size()) != symbol) continue;
      at_ += symbol.size();
      return std::string(symbol);
    }
    if (peek() == '=') throw ExpressionError(column(), "equality is written ==");
    throw ExpressionError(column(), std::string("unexpected character: ") + peek() +
                                        "; allowed: metrics, quantities, >= > <= < == != + - * / "
                                        "( ) and within N % of");
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

ExpressionError::ExpressionError(int column, const std::string& message)
    : std::runtime_error("column " + std::to_string(column) + ": " + message),
      column_(column),
      message_(message) {}

std::vector<Token> split_into_tokens(std::string_view text) { return Lexer(text).run(); }

}  // namespace violin
