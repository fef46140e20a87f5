#include "emulator/results/expression_node.hh"

#include <algorithm>
#include <numeric>

#include "emulator/results/statistics.hh"
#include "emulator/scenario/near_miss.hh"

namespace violin {
namespace {

using Kind = ExpressionNode::Kind;

// A range names at most this many metrics.
constexpr size_t kRangeMax = 100'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

[[noreturn]] void refuse_metric(int column, const std::string& name,
                                const MetricCatalogue& catalogue) {
  std::string message = "no such metric: " + name;
  const std::string near = catalogue.suggestion(name);
  if (!near.empty()) {
    message += "; did you mean \"" + near + "\"?";
  } else {
    message += "; `violin metrics` lists them";
  }
  const size_t slash = name.find('/');
  if (slash != std::string::npos && name.find('.') < slash) {
    message += " (a division needs a space in front of the /)";
  }
  throw ExpressionError(column, message);
}

// Splits "vm.1..vm.10.goodput" and gives vm.1.goodput to vm.10.goodput.
std::vector<std::string> expand_dots(const ExpressionNode& node) {
  const size_t dots = node.name.find("..");
  const std::string first = node.name.substr(0, dots);
  const std::string last = node.name.substr(dots + 2);
  size_t digits = first.size();
  while (digits > 0 && is_digit(first[digits - 1])) --digits;
  const std::string stem = first.substr(0, digits);
  size_t end = digits;
  while (end < last.size() && is_digit(last[end])) ++end;
  const bool fits = digits < first.size() && end > digits && first.size() - digits <= 9 &&
                    end - digits <= 9 && last.substr(0, digits) == stem && end < last.size() &&
                    last[end] == '.';
  if (!fits) {
    throw ExpressionError(node.column,
                          "not a range: " + node.name + "; allowed: vm.1..vm.10.goodput");
  }
  const size_t from = std::stoul(first.substr(digits));
  const size_t to = std::stoul(last.substr(digits, end - digits));
  if (to < from || to - from >= kRangeMax) {
    throw ExpressionError(node.column, "the range must rise and name at most 100000 metrics");
  }
  std::vector<std::string> names;
  for (size_t i = from; i <= to; ++i) names.push_back(stem + std::to_string(i) + last.substr(end));
  return names;
}

void check_selector(const ExpressionNode& node, const SweepValues& sweep) {
  if (!node.selector) return;
  for (const auto& [param, value] : *node.selector) {
    const auto known = sweep.find(param);
    if (known == sweep.end()) {
      std::vector<std::string> names;
      for (const auto& [name, values] : sweep) names.push_back(name);
      const std::string near = nearest_word(param, names);
      throw ExpressionError(node.column,
                            "not a parameter of the sweep: " + param +
                                (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
    }
    const auto& values = known->second;
    if (std::find(values.begin(), values.end(), value) != values.end()) continue;
    const std::string allowed = std::accumulate(
        values.begin(), values.end(), std::string(),
        [](const std::string& a, const std::string& b) { return a.empty() ? b : a + ", " + b; });
    throw ExpressionError(
        node.column, "no point of the sweep has " + param + "=" + value + "; allowed: " + allowed);
  }
}

Dimension resolve_names(ExpressionNode& node, const MetricCatalogue& catalogue) {
  if (node.kind == Kind::kRange) {
    node.names.clear();
    if (node.name.find("..") != std::string::npos) {
      node.names = expand_dots(node);
    } else {
      for (MetricInfo& info : catalogue.matching(node.name, kRangeMax)) {
        node.names.push_back(std::move(info.name));
      }
    }
    if (node.names.empty()) throw ExpressionError(node.column, "no metric matches " + node.name);
  }
  std::optional<Dimension> common;
  for (const std::string& name : node.names) {
    const auto info = catalogue.find(name);
    if (!info) refuse_metric(node.column, name, catalogue);
    const Dimension dimension = dimension_of(info->unit);
    if (common && !(dimension == *common)) {
      throw ExpressionError(node.column, "the range mixes " + describe(*common) + " with " +
                                             describe(dimension) + ": " + name);
    }
    common = dimension;
  }
  return *common;
}

Dimension resolve_call(ExpressionNode& node, const MetricCatalogue& catalogue,
                       const SweepValues& sweep) {
  std::optional<Dimension> common;
  for (const auto& child : node.children) {
    Dimension dimension;
    if (child->kind == Kind::kRange) {
      check_selector(*child, sweep);
      dimension = resolve_names(*child, catalogue);
    } else {
      dimension = resolve_node(*child, catalogue, sweep);
    }
    if (common && !(dimension == *common) && node.name != "count") {
      throw ExpressionError(child->column, describe(*common) + " and " + describe(dimension) +
                                               " cannot go into one " + node.name + "()");
    }
    common = dimension;
  }
  return node.name == "count" || node.name == "jain" ? Dimension{} : *common;
}

Dimension same_dimension(const ExpressionNode& node, Dimension left, Dimension right) {
  if (left == right) return left;
  throw ExpressionError(
      node.column, describe(left) + " and " + describe(right) + " cannot be added or subtracted");
}

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

Dimension resolve_node(ExpressionNode& node, const MetricCatalogue& catalogue,
                       const SweepValues& sweep) {
  switch (node.kind) {
    case Kind::kLiteral:
      return node.literal.dimension;
    case Kind::kRange:
      throw ExpressionError(node.column,
                            "a range stands for several metrics: put it into sum(), "
                            "min(), max(), mean(), jain() or count()");
    case Kind::kMetric:
      check_selector(node, sweep);
      return resolve_names(node, catalogue);
    case Kind::kCall:
      return resolve_call(node, catalogue, sweep);
    case Kind::kNegate:
      return resolve_node(*node.children[0], catalogue, sweep);
    default:
      break;
  }
  const Dimension left = resolve_node(*node.children[0], catalogue, sweep);
  const Dimension right = resolve_node(*node.children[1], catalogue, sweep);
  if (node.kind == Kind::kMultiply) return {left.data + right.data, left.time + right.time};
  if (node.kind == Kind::kDivide) return {left.data - right.data, left.time - right.time};
  return same_dimension(node, left, right);
}

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
