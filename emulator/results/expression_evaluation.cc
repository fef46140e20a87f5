#include <algorithm>
#include <numeric>

#include "emulator/results/expression_node.hh"
#include "emulator/results/statistics.hh"

// Evaluates the nodes of a resolved expression.

namespace violin {
namespace {

using Kind = ExpressionNode::Kind;

std::optional<Quantity> read_metric(const ExpressionNode& node, const std::string& name,
                                    const MetricLookup& lookup, std::string& reason) {
  const MetricValue value = lookup(name, node.selector ? &*node.selector : nullptr);
  if (value.value) return Quantity::of(*value.value, value.unit);
  if (reason.empty()) reason = name + ": " + value.reason;
  return std::nullopt;
}

// The values that a call is over; what has none is left out, the first reason kept.
std::vector<Quantity> call_values(const ExpressionNode& node, const MetricLookup& lookup,
                                  std::string& reason) {
  std::vector<Quantity> values;
  for (const auto& child : node.children) {
    if (child->kind == Kind::kRange) {
      for (const std::string& name : child->names) {
        if (const auto value = read_metric(*child, name, lookup, reason)) values.push_back(*value);
      }
      continue;
    }
    const Evaluation evaluation = evaluate_node(*child, lookup);
    if (evaluation.value) {
      values.push_back(*evaluation.value);
    } else if (reason.empty()) {
      reason = evaluation.reason;
    }
  }
  return values;
}

Evaluation evaluate_call(const ExpressionNode& node, const MetricLookup& lookup) {
  std::string reason;
  const std::vector<Quantity> quantities = call_values(node, lookup, reason);
  if (node.name == "count") {
    return {Quantity::of(static_cast<double>(quantities.size()), Unit::kCount), ""};
  }
  if (!reason.empty()) return {std::nullopt, reason};
  std::vector<double> values;
  for (const Quantity& quantity : quantities) values.push_back(quantity.value);
  Quantity result = quantities.front();
  if (node.name == "sum") result.value = std::accumulate(values.begin(), values.end(), 0.0);
  if (node.name == "min") result.value = *std::min_element(values.begin(), values.end());
  if (node.name == "max") result.value = *std::max_element(values.begin(), values.end());
  if (node.name == "mean") result.value = mean(values);
  if (node.name == "jain") result = Quantity::of(jain_index(values), Unit::kCount);
  return {result, ""};
}

Evaluation evaluate_pair(const ExpressionNode& node, const MetricLookup& lookup) {
  const Evaluation left = evaluate_node(*node.children[0], lookup);
  if (!left.value) return left;
  const Evaluation right = evaluate_node(*node.children[1], lookup);
  if (!right.value) return right;
  const Quantity& a = *left.value;
  const Quantity& b = *right.value;
  if (node.kind == Kind::kMultiply) return {product(a, b), ""};
  if (node.kind == Kind::kDivide) {
    if (b.value == 0) return {std::nullopt, "division by zero"};
    return {quotient(a, b), ""};
  }
  Quantity result = a;
  result.value = node.kind == Kind::kAdd ? a.value + b.value : a.value - b.value;
  result.is_share = a.is_share || b.is_share;
  return {result, ""};
}

}  // namespace

Evaluation evaluate_node(const ExpressionNode& node, const MetricLookup& lookup) {
  switch (node.kind) {
    case Kind::kLiteral:
      return {node.literal, ""};
    case Kind::kMetric: {
      std::string reason;
      const auto value = read_metric(node, node.name, lookup, reason);
      return {value, reason};
    }
    case Kind::kRange:
      return {std::nullopt, "a range has no single value"};
    case Kind::kCall:
      return evaluate_call(node, lookup);
    case Kind::kNegate: {
      Evaluation evaluation = evaluate_node(*node.children[0], lookup);
      if (evaluation.value) evaluation.value->value = -evaluation.value->value;
      return evaluation;
    }
    default:
      return evaluate_pair(node, lookup);
  }
}

}  // namespace violin
