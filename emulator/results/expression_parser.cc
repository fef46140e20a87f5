#include "emulator/results/expression_parser.hh"

#include <algorithm>
#include <array>

namespace violin {
namespace {

using Kind = ExpressionNode::Kind;
using Node = ExpressionParser::Node;

// Parentheses, signs and calls within each other: more is not meant for people.
constexpr int kMaxDepth = 100;
constexpr std::array<std::string_view, 6> kFunctions = {"sum",  "min",  "max",
                                                        "mean", "jain", "count"};

Node make(Kind kind, int column) {
  auto node = std::make_shared<ExpressionNode>();
  node->kind = kind;
  node->column = column;
  return node;
}
Node join(Kind kind, int column, Node left, Node right) {
  Node node = make(kind, column);
  node->children = {std::move(left), std::move(right)};
  return node;
}

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

ParamSelector selector_of(const Token& token) {
  ParamSelector selector;
  std::string_view rest = token.text;
  while (true) {
    const std::string_view entry = rest.substr(0, rest.find(','));
    const size_t equals = entry.find('=');
    const std::string name = trimmed(entry.substr(0, equals));
    if (equals == std::string_view::npos || name.empty()) {
      throw ExpressionError(token.column,
                            "not a selector: {" + token.text + "}; allowed: {parameter=value, …}");
    }
    if (!selector.emplace(name, trimmed(entry.substr(equals + 1))).second) {
      throw ExpressionError(token.column, "selected twice: " + name);
    }
    if (entry.size() == rest.size()) return selector;
    rest.remove_prefix(entry.size() + 1);
  }
}

}  // namespace

// Counts how deep the parser is within itself.
struct ExpressionParser::Deeper {
  explicit Deeper(ExpressionParser& of) : parser(of) {
    if (++parser.depth_ > kMaxDepth) parser.fail("something less nested");
  }
  ~Deeper() { --parser.depth_; }
  ExpressionParser& parser;
};

Token ExpressionParser::take() {
  return tokens_[at_].kind == Token::Kind::kEnd ? tokens_[at_] : tokens_[at_++];
}

bool ExpressionParser::take_symbol(std::string_view symbol) {
  if (peek().kind != Token::Kind::kSymbol || peek().text != symbol) return false;
  ++at_;
  return true;
}

bool ExpressionParser::take_word(std::string_view word) {
  if (peek().kind != Token::Kind::kName || peek().text != word) return false;
  ++at_;
  return true;
}

void ExpressionParser::fail(const std::string& wanted) const {
  const Token& token = peek();
  throw ExpressionError(token.column,
                        wanted + " is expected here" +
                            (token.kind == Token::Kind::kEnd ? ", but the expression ends"
                             : token.text.empty()            ? ""
                                                             : ", not " + token.text));
}

void ExpressionParser::require_end() const {
  if (peek().kind != Token::Kind::kEnd) fail("an operator or the end");
}

ExpressionParser::Node ExpressionParser::sum() {
  const Deeper deeper(*this);
  Node left = product();
  while (peek().kind == Token::Kind::kSymbol && (peek().text == "+" || peek().text == "-")) {
    const Token sign = take();
    left = join(sign.text == "+" ? Kind::kAdd : Kind::kSubtract, sign.column, left, product());
  }
  return left;
}

ExpressionParser::Node ExpressionParser::product() {
  Node left = factor();
  while (peek().kind == Token::Kind::kSymbol && (peek().text == "*" || peek().text == "/")) {
    const Token sign = take();
    left = join(sign.text == "*" ? Kind::kMultiply : Kind::kDivide, sign.column, left, factor());
  }
  return left;
}

ExpressionParser::Node ExpressionParser::factor() {
  const Deeper deeper(*this);
  const Token token = peek();
  if (take_symbol("-")) {
    Node node = make(Kind::kNegate, token.column);
    node->children = {factor()};
    return node;
  }
  if (take_symbol("(")) {
    Node node = sum();
    if (!take_symbol(")")) fail(")");
    return node;
  }
  if (token.kind == Token::Kind::kQuantity) {
    Node node = make(Kind::kLiteral, token.column);
    node->literal = take().quantity;
    return node;
  }
  if (token.kind != Token::Kind::kName) fail("a metric or a quantity");
  take();
  if (take_symbol("(")) return call(token);
  return metric(token);
}

ExpressionParser::Node ExpressionParser::call(const Token& name) {
  if (std::find(kFunctions.begin(), kFunctions.end(), name.text) == kFunctions.end()) {
    throw ExpressionError(name.column, "not a function: " + name.text +
                                           "; allowed: sum, min, max, mean, jain, count");
  }
  Node node = make(Kind::kCall, name.column);
  node->name = name.text;
  do {
    node->children.push_back(sum());
  } while (take_symbol(","));
  if (!take_symbol(")")) fail(", or )");
  return node;
}

ExpressionParser::Node ExpressionParser::metric(const Token& name) {
  const bool is_range =
      name.text.find("..") != std::string::npos || name.text.find('*') != std::string::npos;
  Node node = make(is_range ? Kind::kRange : Kind::kMetric, name.column);
  node->name = name.text;
  if (!is_range) node->names = {name.text};
  if (peek().kind == Token::Kind::kSelector) node->selector = selector_of(take());
  return node;
}

}  // namespace violin
