#pragma once

#include <string>
#include <vector>

#include "emulator/results/expression.hh"
#include "emulator/results/run_result.hh"
#include "emulator/scenario/scenario.hh"

// Expectations and compare entries of a scenario: checked before a run, judged after it.

namespace violin {

// Throws InputError (place of the entry, then the column within its text) for every expectation or
// compare entry that does not parse, names what is not there, or mixes dimensions.
void check_expectations(const Scenario& scenario, const MetricCatalogue& catalogue,
                        const SweepValues& sweep = {});

// Judges one expectation by values from `lookup`.
ExpectationOutcome judge_expectation(const ExpectSpec& spec, const MetricCatalogue& catalogue,
                                     const MetricLookup& lookup, const MeasureWindow& window,
                                     const SweepValues& sweep = {});

// Fills `result.compares`, then `result.expectations`, from the run itself. Expectations with a
// {selector} are about a sweep and are left out; sweep_result.hh judges them.
void judge_run(const Scenario& scenario, RunResult& result);

// 100 x (host - violin) / host; nothing when host is 0.
std::optional<double> degradation_percent(double host, double violin);

}  // namespace violin
