#include "emulator/results/expression.hh"

#include <algorithm>
#include <array>

#include "core/check.hh"
#include "emulator/results/expression_node.hh"

namespace violin {
namespace {

using Kind = ExpressionNode::Kind;
using Node = std::shared_ptr<ExpressionNode>;

// Parentheses, signs and calls within each other: more is not meant for people.
constexpr int kMaxDepth = 100;
constexpr std::array<std::string_view, 6> kFunctions = {"sum",  "min",  "max",
                                                        "mean", "jain", "count"};

class Parser {
 public:
  explicit Parser(std::string_view text) : tokens_(split_into_tokens(text)) {}

  const Token& peek() const { return tokens_[at_]; }
  Token take() { return tokens_[at_].kind == Token::Kind::kEnd ? tokens_[at_] : tokens_[at_++]; }
  bool take_symbol(std::string_view symbol) {
    if (peek().kind != Token::Kind::kSymbol || peek().text != symbol) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (peek().kind != Token::Kind::kName || peek().text != word) return false;
    ++at_;
    return true;
  }
  [[noreturn]] void fail(const std::string& wanted) const {
    const Token& token = peek();
    throw ExpressionError(token.column,
                          wanted + " is expected here" +
                              (token.kind == Token::Kind::kEnd ? ", but the expression ends"
                               : token.text.empty()            ? ""
                                                               : ", not " + token.text));
  }
  void require_end() const {
    if (peek().kind != Token::Kind::kEnd) fail("an operator or the end");
  }

  Node sum() {
    const Deeper deeper(*this);
    Node left = product();
    while (peek().kind == Token::Kind::kSymbol && (peek().text == "+" || peek().text == "-")) {
      const Token sign = take();
      left = join(sign.text == "+" ? Kind::kAdd : Kind::kSubtract, sign.column, left, product());
    }
    return left;
  }

 private:
  // Counts how deep the parser is within itself.
  struct Deeper {
    explicit Deeper(Parser& of) : parser(of) {
      if (++parser.depth_ > kMaxDepth) parser.fail("something less nested");
    }
    ~Deeper() { --parser.depth_; }
    Parser& parser;
  };

  static Node make(Kind kind, int column) {
    auto node = std::make_shared<ExpressionNode>();
    node->kind = kind;
    node->column = column;
    return node;
  }
  static Node join(Kind kind, int column, Node left, Node right) {
    Node node = make(kind, column);
    node->children = {std::move(left), std::move(right)};
    return node;
  }

  Node product() {
    Node left = factor();
    while (peek().kind == Token::Kind::kSymbol && (peek().text == "*" || peek().text == "/")) {
      const Token sign = take();
      left = join(sign.text == "*" ? Kind::kMultiply : Kind::kDivide, sign.column, left, factor());
    }
    return left;
  }

  Node factor() {
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

  Node call(const Token& name) {
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

  Node metric(const Token& name) {
    const bool is_range =
        name.text.find("..") != std::string::npos || name.text.find('*') != std::string::npos;
    Node node = make(is_range ? Kind::kRange : Kind::kMetric, name.column);
    node->name = name.text;
    if (!is_range) node->names = {name.text};
    if (peek().kind == Token::Kind::kSelector) node->selector = selector(take());
    return node;
  }

  static std::string trimmed(std::string_view text) {
    const size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return "";
    return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
  }

  static ParamSelector selector(const Token& token) {
    ParamSelector selector;
    std::string_view rest = token.text;
    while (true) {
      const std::string_view entry = rest.substr(0, rest.find(','));
      const size_t equals = entry.find('=');
      const std::string name = trimmed(entry.substr(0, equals));
      if (equals == std::string_view::npos || name.empty()) {
        throw ExpressionError(
            token.column, "not a selector: {" + token.text + "}; allowed: {parameter=value, …}");
      }
      if (!selector.emplace(name, trimmed(entry.substr(equals + 1))).second) {
        throw ExpressionError(token.column, "selected twice: " + name);
      }
      if (entry.size() == rest.size()) return selector;
      rest.remove_prefix(entry.size() + 1);
    }
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
};

void collect_metrics(const ExpressionNode& node, std::vector<std::string>& into) {
  if (node.kind == Kind::kRange && node.names.empty()) into.push_back(node.name);
  for (const std::string& name : node.names) {
    if (std::find(into.begin(), into.end(), name) == into.end()) into.push_back(name);
  }
  for (const Node& child : node.children) collect_metrics(*child, into);
}

bool any_selector(const ExpressionNode& node) {
  return node.selector.has_value() ||
         std::any_of(node.children.begin(), node.children.end(),
                     [](const Node& child) { return any_selector(*child); });
}

std::optional<ExpectationExpression::Comparison> comparison_of(const Token& token) {
  using Comparison = ExpectationExpression::Comparison;
  if (token.text == ">=") return Comparison::kAtLeast;
  if (token.text == ">") return Comparison::kMore;
  if (token.text == "<=") return Comparison::kAtMost;
  if (token.text == "<") return Comparison::kLess;
  if (token.text == "==") return Comparison::kEqual;
  if (token.text == "!=") return Comparison::kNotEqual;
  if (token.kind == Token::Kind::kName && token.text == "within") return Comparison::kWithin;
  return std::nullopt;
}

// "N % of" behind `within`.
double take_tolerance(Parser& parser) {
  const Token token = parser.take();
  if (token.kind != Token::Kind::kQuantity || !token.quantity.is_share) {
    throw ExpressionError(token.column, "a percentage is expected here, as in within 5 % of");
  }
  if (!parser.take_word("of")) parser.fail("of, as in within 5 % of,");
  return token.quantity.value;
}

}  // namespace

Expression Expression::parse(std::string_view text) {
  Parser parser(text);
  Expression expression;
  expression.root_ = parser.sum();
  parser.require_end();
  return expression;
}

Dimension Expression::resolve(const MetricCatalogue& catalogue, const SweepValues& sweep) {
  CHECK(root_ != nullptr);
  return resolve_node(*root_, catalogue, sweep);
}

Evaluation Expression::evaluate(const MetricLookup& lookup) const {
  CHECK(root_ != nullptr);
  return evaluate_node(*root_, lookup);
}

std::vector<std::string> Expression::metrics() const {
  std::vector<std::string> names;
  collect_metrics(*root_, names);
  return names;
}

bool Expression::has_selector() const { return any_selector(*root_); }

std::optional<Quantity> Expression::literal() const {
  if (root_->kind == Kind::kLiteral) return root_->literal;
  if (root_->kind != Kind::kNegate || root_->children[0]->kind != Kind::kLiteral) {
    return std::nullopt;
  }
  Quantity negated = root_->children[0]->literal;
  negated.value = -negated.value;
  return negated;
}

ExpectationExpression ExpectationExpression::parse(std::string_view text) {
  Parser parser(text);
  ExpectationExpression expectation;
  expectation.left_.root_ = parser.sum();
  const Token token = parser.peek();
  const auto comparison = comparison_of(token);
  if (!comparison) parser.fail("a comparison (>= > <= < == != or within N % of)");
  parser.take();
  expectation.comparison_ = *comparison;
  expectation.comparison_column_ = token.column;
  if (*comparison == Comparison::kWithin) expectation.tolerance_ = take_tolerance(parser);
  const auto right_from = static_cast<size_t>(parser.peek().column - 1);
  expectation.right_.root_ = parser.sum();
  if (comparison_of(parser.peek())) {
    throw ExpressionError(parser.peek().column,
                          "only one comparison is allowed: write two expectations");
  }
  parser.require_end();
  expectation.right_text_ = text.substr(std::min(right_from, text.size()));
  return expectation;
}

void ExpectationExpression::resolve(const MetricCatalogue& catalogue, const SweepValues& sweep) {
  const Dimension left = left_.resolve(catalogue, sweep);
  const Dimension right = right_.resolve(catalogue, sweep);
  if (left == right) return;
  throw ExpressionError(comparison_column_,
                        describe(left) + " cannot be compared with " + describe(right));
}

std::string ExpectationExpression::comparison_text() const {
  static constexpr std::array<const char*, 6> kTexts = {">=", ">", "<=", "<", "==", "!="};
  if (comparison_ != Comparison::kWithin) return kTexts[static_cast<size_t>(comparison_)];
  return "within " + to_text(Quantity::of(tolerance_, Unit::kShare)) + " of";
}

std::vector<std::string> ExpectationExpression::metrics() const {
  std::vector<std::string> names = left_.metrics();
  for (std::string& name : right_.metrics()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

}  // namespace violin
