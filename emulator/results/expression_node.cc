#include "emulator/results/expression_node.hh"

#include <algorithm>
#include <numeric>

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

[[noreturn]] void refuse_name(int column, const std::string& metric) {
  throw ExpressionError(column, metric +
                                    " is a name, no number: it stands alone, to the left of == or "
                                    "!= and the name of a node");
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

// A trace's hops are counted only once it has run.
[[noreturn]] void refuse_family(const ExpressionNode& node) {
  throw ExpressionError(
      node.column, node.name + " has no end before the run: say which, as in t.hop.1..t.hop.3.rtt");
}

Dimension resolve_names(ExpressionNode& node, const MetricCatalogue& catalogue) {
  if (node.kind == Kind::kRange) {
    node.names.clear();
    if (node.name.find("..") != std::string::npos) {
      node.names = expand_dots(node);
    } else {
      for (MetricInfo& info : catalogue.matching(node.name, kRangeMax)) {
        if (info.name.find('<') != std::string::npos) refuse_family(node);
        node.names.push_back(std::move(info.name));
      }
    }
    if (node.names.empty()) throw ExpressionError(node.column, "no metric matches " + node.name);
  }
  std::optional<Dimension> common;
  for (const std::string& name : node.names) {
    const auto info = catalogue.find(name);
    if (!info) refuse_metric(node.column, name, catalogue);
    if (info->unit == Unit::kName) refuse_name(node.column, name);
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

}  // namespace violin
