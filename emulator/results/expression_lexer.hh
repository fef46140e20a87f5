#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/results/quantity.hh"

// The words of the expectation language (expression.hh).

namespace violin {

// What is wrong with an expression, and at which column of it (from 1).
class ExpressionError : public std::runtime_error {
 public:
  // what() is "column N: message".
  ExpressionError(int column, const std::string& message);
  int column() const { return column_; }
  const std::string& message() const { return message_; }

 private:
  int column_;
  std::string message_;
};

struct Token {
  enum class Kind { kQuantity, kName, kSelector, kSymbol, kEnd };
  Kind kind = Kind::kEnd;
  int column = 1;
  std::string
      text;  // kName; kSymbol: >= > <= < == != + - * / ( ) , ; kSelector: between the braces
  Quantity quantity;  // kQuantity
};

// A name begins with a letter and goes on with letters, digits, _ . - / and ->, so minus and
// division need a space in front of them after a name. `*` belongs to a name right behind a dot,
// slash, dash or arrow. Ends with a kEnd token. Throws ExpressionError; at most 10 000 characters.
std::vector<Token> split_into_tokens(std::string_view text);

}  // namespace violin
