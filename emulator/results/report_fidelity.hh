#pragma once

#include <string>

#include "emulator/results/plot.hh"
#include "emulator/results/run_result.hh"

// What the report of a real-clock run says about its times; empty under the virtual clock, which
// keeps them by definition.

namespace violin {

// "VALID", as a coloured badge.
std::string fidelity_badge(const RunResult& result);
// What the verdict means for the figures of the run, in a sentence.
std::string fidelity_sentence(FidelityVerdict verdict);
// How many frames were how late, a curve for each agent.
Plot lateness_plot(const RunResult& result);
// The verdict in words with its reasons, the plot, and what each agent counted.
std::string fidelity_part(const RunResult& result);

}  // namespace violin
