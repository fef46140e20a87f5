#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/results/expression_lexer.hh"
#include "emulator/results/expression_node.hh"

namespace violin {

// Makes a tree of the words of an expression; only expression*.cc need it. Each member that takes
// something advances behind it; all throw ExpressionError.
class ExpressionParser {
 public:
  using Node = std::shared_ptr<ExpressionNode>;

  explicit ExpressionParser(std::string_view text) : tokens_(split_into_tokens(text)) {}

  // The next word, without or with going past it.
  const Token& peek() const { return tokens_[at_]; }
  Token take();
  bool take_symbol(std::string_view symbol);
  bool take_word(std::string_view word);
  // `value` of the grammar.
  Node sum();
  void require_end() const;
  // Complains that `wanted` does not stand where the parser is.
  [[noreturn]] void fail(const std::string& wanted) const;

 private:
  struct Deeper;

  Node product();
  Node factor();
  Node call(const Token& name);
  Node metric(const Token& name);

  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace violin
