#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/results/expression_lexer.hh"
#include "emulator/results/metric_catalogue.hh"
#include "emulator/results/metrics.hh"
#include "emulator/results/quantity.hh"

// The language of `expect:` and `compare:`.
//
//   expectation  value op value            op: >= > <= < == !=
//                value within N % of value    |left - right| <= N % of |right|
//                trace.hop.1.node == v1/r1    or !=: which node answered at a hop
//   value        70 Mbit/s | 2 s | 64 KiB | 0.5 % | 5 /s | 12      a quantity
//                vm.goodput                                        a metric (metrics.hh)
//                vm.goodput{crypt=none, seed=3}                    … of a sweep: see below
//                value + - * / value, - value, (value)
//                sum|min|max|mean|jain|count(value or range, …)
//   range        vm.1..vm.10.goodput  or  vm.*.goodput             several metrics
//
// Quantities carry dimensions: comparing Mbit/s with ms is an error before anything runs. Bytes are
// eight bits each, so goodput x time may be compared with bytes; 1 % is the number 0.01.
// After a name, - and / need a space in front of them, for names may hold both.
//
// In a single run a metric is that of the run. An expression with a {selector} anywhere is about a
// whole sweep and is evaluated once, after it: each metric is the mean over the points that match
// its selector (no selector = all points) and that have a value.
//
// A metric that has no samples makes the whole expression unknown, with a reason, and an unknown
// expectation is not met; only count() takes missing values, leaving them out. Values that differ
// by less than 10^-12 of the larger are equal, which is what rounding may do to them.

namespace violin {

using ParamSelector = std::map<std::string, std::string>;

// Gets the value of a metric; `selector` is null for a metric without one.
using MetricLookup =
    std::function<MetricValue(const std::string& name, const ParamSelector* selector)>;

// A parameter's values in the sweep, by name, for checking selectors.
using SweepValues = std::map<std::string, std::vector<std::string>>;

// What came out; `value` is nothing when a metric was missing, and `reason` says which and why.
struct Evaluation {
  std::optional<Quantity> value;
  std::string reason;
};

struct ExpressionNode;

// `value` of the grammar. Copies share their tree: resolving one resolves all.
class Expression {
 public:
  // Throws ExpressionError.
  static Expression parse(std::string_view text);

  // Looks every name up and checks dimensions; throws ExpressionError with a "did you mean".
  // To be called before evaluate().
  Dimension resolve(const MetricCatalogue& catalogue, const SweepValues& sweep = {});
  Evaluation evaluate(const MetricLookup& lookup) const;

  // The metrics it reads, in the order they stand, ranges spelt out once resolved.
  std::vector<std::string> metrics() const;
  bool has_selector() const;
  // The quantity when the expression is nothing but one (perhaps negated).
  std::optional<Quantity> literal() const;

 private:
  friend class ExpectationExpression;
  std::shared_ptr<ExpressionNode> root_;
};

// `expectation` of the grammar.
class ExpectationExpression {
 public:
  enum class Comparison { kAtLeast, kMore, kAtMost, kLess, kEqual, kNotEqual, kWithin };

  static ExpectationExpression parse(std::string_view text);
  void resolve(const MetricCatalogue& catalogue, const SweepValues& sweep = {});

  const Expression& left() const { return left_; }
  const Expression& right() const { return right_; }
  Comparison comparison() const { return comparison_; }
  // The share of `within N % of`, 0.05 for 5 %.
  double tolerance() const { return tolerance_; }
  // ">=", "within 5 % of" …
  std::string comparison_text() const;
  // The right side as it was written.
  const std::string& right_text() const { return right_text_; }
  // Of an expectation about a node's name, once resolved: the right side; else empty.
  const std::string& wanted_node() const { return wanted_node_; }
  bool has_selector() const { return left_.has_selector() || right_.has_selector(); }
  std::vector<std::string> metrics() const;

 private:
  bool resolve_node_name(const MetricCatalogue& catalogue);

  Expression left_, right_;
  Comparison comparison_ = Comparison::kEqual;
  double tolerance_ = 0;
  std::string right_text_;
  std::string wanted_node_;
  int comparison_column_ = 1;
};

}  // namespace violin
