#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emulator/results/expression.hh"

namespace violin {

// One node of a parsed expression; only expression*.cc look inside.
struct ExpressionNode {
  enum class Kind {
    kLiteral,
    kMetric,
    kRange,
    kNegate,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kCall
  };
  Kind kind = Kind::kLiteral;
  int column = 1;
  Quantity literal;                       // kLiteral
  std::string name;                       // kMetric, kRange (as written), kCall (the function)
  std::optional<ParamSelector> selector;  // kMetric, kRange
  std::vector<std::string> names;  // kMetric: itself; kRange: what it stands for, once resolved
  std::vector<std::shared_ptr<ExpressionNode>> children;
};

// Checks names and dimensions below `node`, spells its ranges out, and returns its dimension.
Dimension resolve_node(ExpressionNode& node, const MetricCatalogue& catalogue,
                       const SweepValues& sweep);
Evaluation evaluate_node(const ExpressionNode& node, const MetricLookup& lookup);

}  // namespace violin
