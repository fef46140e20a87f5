#include "emulator/results/expression.hh"

#include <algorithm>
#include <array>

#include "core/check.hh"
#include "emulator/results/expression_node.hh"
#include "emulator/results/expression_parser.hh"

namespace violin {
namespace {

using Kind = ExpressionNode::Kind;
using Node = std::shared_ptr<ExpressionNode>;

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
double take_tolerance(ExpressionParser& parser) {
  const Token token = parser.take();
  if (token.kind != Token::Kind::kQuantity || !token.quantity.is_share) {
    throw ExpressionError(token.column, "a percentage is expected here, as in within 5 % of");
  }
  if (!parser.take_word("of")) parser.fail("of, as in within 5 % of,");
  return token.quantity.value;
}

}  // namespace

Expression Expression::parse(std::string_view text) {
  ExpressionParser parser(text);
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
  ExpressionParser parser(text);
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

// `trace.hop.1.node == v1/r1` is the only form in which names may stand.
bool ExpectationExpression::resolve_node_name(const MetricCatalogue& catalogue) {
  const ExpressionNode& metric = *left_.root_;
  const auto info = metric.kind == Kind::kMetric ? catalogue.find(metric.name) : std::nullopt;
  if (!info || info->unit != Unit::kName) return false;
  if (comparison_ != Comparison::kEqual && comparison_ != Comparison::kNotEqual) {
    throw ExpressionError(comparison_column_,
                          metric.name + " is a name: only == and != compare names");
  }
  if (metric.selector) {
    throw ExpressionError(metric.column, "names are compared in each run: no {selector}");
  }
  ExpressionNode& node = *right_.root_;
  if (node.kind != Kind::kMetric || node.selector) {
    throw ExpressionError(
        node.column, "the name of a node is expected here, as in " + metric.name + " == v1/r1");
  }
  if (!catalogue.has_node(node.name)) {
    const std::string near = catalogue.node_suggestion(node.name);
    throw ExpressionError(
        node.column,
        "no such node: " + node.name + (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  }
  node.names.clear();  // it is no metric, and nobody shall look for its value
  wanted_node_ = node.name;
  return true;
}

void ExpectationExpression::resolve(const MetricCatalogue& catalogue, const SweepValues& sweep) {
  if (resolve_node_name(catalogue)) return;
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
