#include "emulator/results/expectation.hh"

#include <algorithm>
#include <cmath>

#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

using Comparison = ExpectationExpression::Comparison;

// What rounding in a few operations may do to doubles.
constexpr double kRounding = 1e-12;

bool nearly_equal(double a, double b) {
  return std::fabs(a - b) <= kRounding * std::max(std::fabs(a), std::fabs(b));
}

// How far inside the wanted side the measured value is; negative = missed.
double margin_of(const ExpectationExpression& expectation, double left, double right) {
  switch (expectation.comparison()) {
    case Comparison::kAtLeast:
    case Comparison::kMore:
      return left - right;
    case Comparison::kAtMost:
    case Comparison::kLess:
      return right - left;
    case Comparison::kEqual:
      return -std::fabs(left - right);
    case Comparison::kNotEqual:
      return std::fabs(left - right);
    case Comparison::kWithin:
      return expectation.tolerance() * std::fabs(right) - std::fabs(left - right);
  }
  return 0;
}

bool holds(const ExpectationExpression& expectation, double left, double right) {
  const double margin = margin_of(expectation, left, right);
  switch (expectation.comparison()) {
    case Comparison::kAtLeast:
    case Comparison::kAtMost:
      return margin >= 0 || nearly_equal(left, right);
    case Comparison::kMore:
    case Comparison::kLess:
      return margin > 0 && !nearly_equal(left, right);
    case Comparison::kEqual:
      return nearly_equal(left, right);
    case Comparison::kNotEqual:
      return !nearly_equal(left, right);
    case Comparison::kWithin:
      return margin >= -kRounding * std::max(std::fabs(left), std::fabs(right));
  }
  return false;
}

// Four digits, or as many as are needed for two different values to look different.
int digits_apart(const Quantity& left, const Quantity& right) {
  constexpr int kUsual = 4;
  constexpr int kAll = 17;
  if (nearly_equal(left.value, right.value)) return kUsual;
  int digits = kUsual;
  while (digits < kAll && to_text(left, digits) == to_text(right, digits)) ++digits;
  return digits;
}

// "-5.26 %", or "19.8 times the bound" where a percentage is beyond what people can picture.
std::string relative_margin(const ExpectationExpression& expectation, double margin,
                            const Quantity& left, const Quantity& right) {
  constexpr double kTimesFrom = 10;
  const bool has_bound = expectation.comparison() < Comparison::kEqual;
  const double times = left.value / right.value;
  if (has_bound && times >= kTimesFrom) return number_text(times, 3) + " times the bound";
  const double share = margin / std::fabs(right.value);
  return to_signed_text(Quantity::of(share, Unit::kShare), 3);
}

void describe_values(const ExpectationExpression& expectation, Quantity left, Quantity right,
                     ExpectationOutcome& outcome) {
  left.is_share = right.is_share = left.is_share || right.is_share;
  const int digits = digits_apart(left, right);
  outcome.measured = to_text(left, digits);
  outcome.wanted = expectation.comparison_text() + " " + to_text(right, digits);
  if (!expectation.right().literal()) outcome.wanted += " (" + expectation.right_text() + ")";
  Quantity margin = left;
  margin.value = margin_of(expectation, left.value, right.value);
  outcome.margin = to_signed_text(margin);
  if (right.value != 0 && margin.value != 0) {
    outcome.margin += " (" + relative_margin(expectation, margin.value, left, right) + ")";
  }
}

void judge_node_name(const ExpectationExpression& expectation, const MetricLookup& lookup,
                     ExpectationOutcome& outcome) {
  const MetricValue found = lookup(outcome.metrics.front(), nullptr);
  outcome.wanted = expectation.comparison_text() + " " + expectation.wanted_node();
  outcome.measured = found.text;
  if (found.text.empty()) {
    outcome.reason = outcome.metrics.front() + ": " + found.reason;
    return;
  }
  const bool is_it = found.text == expectation.wanted_node();
  outcome.met = is_it == (expectation.comparison() == Comparison::kEqual);
}

[[noreturn]] void rethrow(const Place& place, const std::string& text,
                          const ExpressionError& error) {
  throw InputError(place, "in \"" + text + "\", column " + std::to_string(error.column()) + ": " +
                              error.message());
}

// Both sides must be of one dimension for a degradation to mean something.
void check_compare(const CompareSpec& compare, const MetricCatalogue& catalogue) {
  std::vector<Dimension> dimensions;
  for (const std::string* text : {&compare.host, &compare.violin}) {
    try {
      Expression expression = Expression::parse(*text);
      if (expression.has_selector()) {
        throw ExpressionError(1, "a compare entry is taken in each run: no {selector}");
      }
      dimensions.push_back(expression.resolve(catalogue));
    } catch (const ExpressionError& error) {
      rethrow(compare.at, *text, error);
    }
  }
  if (dimensions[0] == dimensions[1]) return;
  throw InputError(compare.at, "host is " + describe(dimensions[0]) + ", violin is " +
                                   describe(dimensions[1]) + "; allowed: two of one kind");
}

CompareOutcome judge_compare(const CompareSpec& spec, const MetricCatalogue& catalogue,
                             const MetricLookup& lookup) {
  CompareOutcome outcome;
  outcome.name = spec.name;
  outcome.host_expression = spec.host;
  outcome.violin_expression = spec.violin;
  Expression host = Expression::parse(spec.host);
  Expression violin = Expression::parse(spec.violin);
  const Dimension dimension = host.resolve(catalogue);
  violin.resolve(catalogue);
  double scale = 1;
  for (const Unit unit : {Unit::kBitRate, Unit::kDuration, Unit::kBytes, Unit::kFrequency}) {
    if (!(dimension_of(unit) == dimension)) continue;
    outcome.unit = name_of(unit);
    scale = scale_of(unit);
  }
  const Evaluation host_value = host.evaluate(lookup);
  const Evaluation violin_value = violin.evaluate(lookup);
  if (host_value.value) outcome.host = host_value.value->value / scale;
  if (violin_value.value) outcome.violin = violin_value.value->value / scale;
  if (outcome.host && outcome.violin) {
    outcome.percent = degradation_percent(*outcome.host, *outcome.violin);
  }
  return outcome;
}

}  // namespace

std::optional<double> degradation_percent(double host, double violin) {
  if (host == 0) return std::nullopt;
  return 100 * (host - violin) / host;
}

void check_expectations(const Scenario& scenario, const MetricCatalogue& catalogue,
                        const SweepValues& sweep) {
  for (const CompareSpec& compare : scenario.compares) check_compare(compare, catalogue);
  for (const ExpectSpec& spec : scenario.expects) {
    try {
      ExpectationExpression::parse(spec.check).resolve(catalogue, sweep);
    } catch (const ExpressionError& error) {
      rethrow(spec.at, spec.check, error);
    }
  }
}

ExpectationOutcome judge_expectation(const ExpectSpec& spec, const MetricCatalogue& catalogue,
                                     const MetricLookup& lookup, const MeasureWindow& window,
                                     const SweepValues& sweep) {
  ExpectationOutcome outcome;
  outcome.check = spec.check;
  outcome.fail = spec.fail;
  outcome.place = to_string(spec.at);
  outcome.window = window;
  ExpectationExpression expectation = ExpectationExpression::parse(spec.check);
  expectation.resolve(catalogue, sweep);
  outcome.metrics = expectation.metrics();
  if (!expectation.wanted_node().empty()) {
    judge_node_name(expectation, lookup, outcome);
    return outcome;
  }
  const Evaluation left = expectation.left().evaluate(lookup);
  const Evaluation right = expectation.right().evaluate(lookup);
  if (left.value && right.value) {
    outcome.met = holds(expectation, left.value->value, right.value->value);
    describe_values(expectation, *left.value, *right.value, outcome);
    return outcome;
  }
  outcome.reason = left.value ? right.reason : left.reason;
  outcome.wanted = expectation.comparison_text() + " " + expectation.right_text();
  if (left.value) outcome.measured = to_text(*left.value);
  return outcome;
}

void judge_run(const Scenario& scenario, RunResult& result) {
  const MetricCatalogue catalogue(scenario);
  const MetricLookup lookup = [&result](const std::string& name, const ParamSelector*) {
    return metric_value(result, name);
  };
  result.compares.clear();
  for (const CompareSpec& spec : scenario.compares) {
    result.compares.push_back(judge_compare(spec, catalogue, lookup));
  }
  result.expectations.clear();
  for (const ExpectSpec& spec : scenario.expects) {
    if (ExpectationExpression::parse(spec.check).has_selector()) continue;
    result.expectations.push_back(judge_expectation(spec, catalogue, lookup, result.window));
  }
}

}  // namespace violin
