#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>

#include "emulator/kernel/kernel_store.hh"
#include "emulator/network/run.hh"
#include "emulator/timetravel/uml_machines.hh"
#include "tests/support/scenario_text.hh"
#include "tests/support/temporary_folder.hh"
#include "tests/uml/cell_fixture.hh"

namespace violin::testing {

// A scenario with kernels, run in virtual time; skipped, with the reason, where there is none.
class VirtualKernels : public CellTest {
 protected:
  void SetUp() override {
    CellTest::SetUp();
    if (IsSkipped()) return;
    static const std::optional<BuiltKernel> kernel = find_kernel();
    if (!kernel) GTEST_SKIP() << "needs a kernel: violin kernel build";
    options_.kernel = kernel->program;
    options_.violin = VIOLIN_BINARY;
  }

  RunResult run(const std::string& text, uint64_t seed = 1) {
    const TemporaryFolder folder;
    return run_into(folder.path(), text, seed);
  }
  // Captures stay in the folder.
  RunResult run_into(const std::filesystem::path& folder, const std::string& text,
                     uint64_t seed = 1) {
    Scenario scenario = test::read(text);
    scenario.seed = seed;
    return run(scenario, {.folder = folder, .record = false, .quiet = true}, 1);
  }

  // In at most so many parts that run in parallel.
  RunResult run(const Scenario& scenario, RunOptions options, int parts_max) {
    const NetworkPlan plan(scenario);
    options.cut = cut_network(plan, parts_max);
    UmlMachines::Options of_machines = options_;
    if (options.cut.parts > 1) of_machines.on_one_processor = false;
    UmlMachines machines(plan, of_machines);
    return run_scenario(plan, machines, options);
  }

  UmlMachines::Options options_;
};

// By name; a failed test where there is none.
template <class Kind>
const Kind& outcome_of(const RunResult& result, const std::string& name) {
  static const Kind none{};
  for (const WorkloadResult& workload : result.workloads) {
    if (workload.name == name) return std::get<Kind>(workload.outcome);
  }
  ADD_FAILURE() << "no result of " << name;
  for (const std::string& failure : result.failures) ADD_FAILURE() << failure;
  return none;
}

}  // namespace violin::testing
