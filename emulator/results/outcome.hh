#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emulator/results/workload_result.hh"

// What became of a scenario's expect: and compare: entries, as plain data.

namespace violin {

struct ExpectationOutcome {
  std::string check;  // as written
  std::string fail;   // the scenario's own words, may be empty
  std::string place;  // "scenario.yaml:41:5"
  bool met = false;
  std::string wanted;    // ">= 70 Mbit/s"
  std::string measured;  // "64.2 Mbit/s"; empty when nothing was measured
  std::string margin;    // "-5.8 Mbit/s (-8.3 %)"; signed, negative = missed
  std::string reason;    // why there is no value
  MeasureWindow window;
  std::vector<std::string> metrics;  // that the expectation uses
};

// 100 x (host - violin)/host of one run.
struct CompareOutcome {
  std::string name;
  std::string host_expression, violin_expression;
  std::string unit;            // of host and violin
  std::optional<double> host;  // in base units
  std::optional<double> violin;
  std::optional<double> percent;  // nothing when one is missing or host is 0
};

}  // namespace violin
