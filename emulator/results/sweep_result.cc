#include "emulator/results/sweep_result.hh"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "emulator/results/csv.hh"
#include "emulator/results/expectation.hh"
#include "emulator/results/metrics.hh"

namespace violin {
namespace {

// Quantities of links and nodes stay in links.csv: there may be thousands of them.
bool is_of_a_table(const MetricInfo& info) {
  if (info.unit == Unit::kName) return false;
  if (info.name.find('/') != std::string::npos) return false;
  return info.name.substr(0, 4) != "run." || info.name == "run.frame_hops";
}

bool matches(const RunIdentity& identity, const ParamSelector& selector) {
  return std::all_of(selector.begin(), selector.end(), [&](const auto& entry) {
    if (entry.first == "seed") return entry.second == std::to_string(identity.seed);
    const auto param = identity.params.find(entry.first);
    return param != identity.params.end() && param->second == entry.second;
  });
}

// The mean of a metric over the points that match.
MetricValue mean_over_sweep(const std::vector<SweepRun>& runs, const std::string& name,
                            const ParamSelector* selector) {
  std::vector<double> values;
  MetricValue result{std::nullopt, Unit::kCount, "no point of the sweep matches the selector"};
  for (const SweepRun& run : runs) {
    if (selector != nullptr && !matches(run.result.identity, *selector)) continue;
    const MetricValue value = metric_value(run.result, name);
    if (value.value) {
      values.push_back(*value.value);
      result.unit = value.unit;
    } else {
      result.reason = "in run " + run.run + ", " + value.reason;
    }
  }
  if (!values.empty()) result.value = mean(values);
  return result;
}

std::string param_of(const RunResult& result, const std::string& name) {
  const auto param = result.identity.params.find(name);
  return param == result.identity.params.end() ? "" : param->second;
}

std::string column_name(const MetricInfo& info) {
  return info.name + std::string(suffix_of(info.unit));
}

}  // namespace

std::vector<std::string> swept_params(const std::vector<SweepRun>& runs) {
  std::set<std::string> names;
  for (const SweepRun& run : runs) {
    for (const auto& [name, value] : run.result.identity.params) names.insert(name);
  }
  names.erase("seed");
  // The first parameter of a sweep changes slowest, so the later a value first changes, the earlier
  // its parameter stands; rows of a sweep may change several at once, which then keep name order.
  std::vector<std::pair<size_t, std::string>> swept;
  for (const std::string& name : names) {
    size_t change = 0;
    while (change < runs.size() &&
           param_of(runs[change].result, name) == param_of(runs.front().result, name)) {
      ++change;
    }
    if (change < runs.size()) swept.emplace_back(change, name);
  }
  std::stable_sort(swept.begin(), swept.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> result;
  for (auto& entry : swept) result.push_back(std::move(entry.second));
  return result;
}

bool has_several_seeds(const std::vector<SweepRun>& runs) {
  return std::any_of(runs.begin(), runs.end(), [&](const SweepRun& run) {
    return run.result.identity.seed != runs.front().result.identity.seed;
  });
}

SweepValues sweep_values(const std::vector<SweepRun>& runs) {
  SweepValues values;
  const auto add = [&values](const std::string& name, const std::string& value) {
    std::vector<std::string>& known = values[name];
    if (std::find(known.begin(), known.end(), value) == known.end()) known.push_back(value);
  };
  for (const SweepRun& run : runs) {
    for (const auto& [name, value] : run.result.identity.params) add(name, value);
    add("seed", std::to_string(run.result.identity.seed));
  }
  return values;
}

std::string combination_of(const RunResult& result, const std::vector<std::string>& params) {
  std::string text;
  for (const std::string& name : params) {
    if (!text.empty()) text += ", ";
    text += name + "=" + param_of(result, name);
  }
  return text;
}

std::vector<MetricInfo> table_metrics(const std::vector<SweepRun>& runs) {
  std::vector<MetricInfo> metrics;
  std::set<std::string> known;
  for (const SweepRun& run : runs) {
    RunResult without_links;
    without_links.workloads = run.result.workloads;
    without_links.compares = run.result.compares;
    for (MetricInfo& info : MetricCatalogue(without_links).all()) {
      if (is_of_a_table(info) && known.insert(info.name).second) metrics.push_back(std::move(info));
    }
  }
  return metrics;
}

std::vector<SweepSummaryRow> summarise_sweep(const SweepResult& sweep) {
  const std::vector<std::string> params = swept_params(sweep.runs);
  const std::vector<MetricInfo> metrics = table_metrics(sweep.runs);
  std::vector<std::string> combinations;  // in the order of the sweep
  std::map<std::string, std::vector<const SweepRun*>> members;
  for (const SweepRun& run : sweep.runs) {
    const std::string combination = combination_of(run.result, params);
    if (members[combination].empty()) combinations.push_back(combination);
    members[combination].push_back(&run);
  }
  std::vector<SweepSummaryRow> rows;
  for (const std::string& combination : combinations) {
    const std::vector<const SweepRun*>& runs = members[combination];
    std::vector<std::string> values;
    for (const std::string& name : params) values.push_back(param_of(runs[0]->result, name));
    for (const MetricInfo& metric : metrics) {
      std::vector<double> sample;
      for (const SweepRun* run : runs) {
        const MetricValue value = metric_value(run->result, metric.name);
        if (value.value) sample.push_back(*value.value);
      }
      rows.push_back({combination, values, metric, estimate(sample)});
    }
  }
  return rows;
}

std::vector<ExpectationOutcome> judge_sweep(const Scenario& scenario,
                                            const std::vector<SweepRun>& runs) {
  std::vector<ExpectationOutcome> outcomes;
  const MetricCatalogue catalogue(scenario);
  const SweepValues values = sweep_values(runs);
  const MetricLookup lookup = [&runs](const std::string& name, const ParamSelector* selector) {
    return mean_over_sweep(runs, name, selector);
  };
  for (const ExpectSpec& spec : scenario.expects) {
    if (!ExpectationExpression::parse(spec.check).has_selector()) continue;
    const MeasureWindow window{scenario.measure_from, scenario.measure_to};
    outcomes.push_back(judge_expectation(spec, catalogue, lookup, window, values));
  }
  return outcomes;
}

void write_runs_table(std::ostream& out, const SweepResult& sweep) {
  const std::vector<std::string> params = swept_params(sweep.runs);
  const std::vector<MetricInfo> metrics = table_metrics(sweep.runs);
  std::vector<std::string> columns = {"run"};
  columns.insert(columns.end(), params.begin(), params.end());
  columns.insert(columns.end(), {"seed", "digest", "interrupted"});
  for (const MetricInfo& metric : metrics) columns.push_back(column_name(metric));
  CsvWriter csv(out);
  csv.row(columns);
  for (const SweepRun& run : sweep.runs) {
    csv.text(run.run);
    for (const std::string& name : params) csv.text(param_of(run.result, name));
    csv.number(run.result.identity.seed);
    csv.text(run.result.digest ? fmt::format("{:016x}", *run.result.digest) : "");
    csv.text(run.result.interrupted ? "true" : "false");
    for (const MetricInfo& metric : metrics) {
      csv.number(metric_value(run.result, metric.name).value);
    }
    csv.end_row();
  }
}

void write_sweep_summary(std::ostream& out, const SweepResult& sweep) {
  std::vector<std::string> columns = swept_params(sweep.runs);
  columns.insert(columns.end(), {"metric", "unit", "samples", "mean", "stddev", "ci95"});
  CsvWriter csv(out);
  csv.row(columns);
  for (const SweepSummaryRow& row : summarise_sweep(sweep)) {
    for (const std::string& value : row.values) csv.text(value);
    csv.text(row.metric.name).text(name_of(row.metric.unit));
    csv.number(uint64_t{row.estimate.samples});
    if (row.estimate.samples > 0) {
      csv.number(row.estimate.mean).number(row.estimate.stddev).number(row.estimate.ci95);
    } else {
      csv.nothing().nothing().nothing();
    }
    csv.end_row();
  }
}

}  // namespace violin
