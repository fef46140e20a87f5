#pragma once

#include <string>
#include <vector>

#include "emulator/program/program_step.hh"
#include "emulator/program/workload_programs.hh"
#include "emulator/scenario/node_backend.hh"
#include "emulator/scenario/scenario.hh"

namespace violin {

// The firewalls and address translation of a scenario as programs to be run: per node one nft(8)
// that gives its kernel a ruleset, a second before everything else begins.
class FilterPrograms {
 public:
  FilterPrograms(const Scenario& scenario, ClockKind clock);

  const std::vector<ProgramStep>& steps() const { return steps_; }
  // Rulesets that were not taken, in nft's words, from what became of steps(), one by one.
  std::vector<std::string> failures(const std::vector<ProgramOutcome>& outcomes) const;

 private:
  const Scenario& scenario_;
  std::vector<ProgramStep> steps_;
};

// What nft is told of a router's `nat:`.
std::string nat_ruleset(const NatSpec& nat);

}  // namespace violin
