#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "emulator/results/run_result.hh"

// `violin explain`, and what `violin run` prints below a failed expectation: what was wanted and
// measured, and everything the run knows about why. It points, it does not conclude: the drops and
// the event it names are those nearest to the trouble, and may be innocent.

namespace violin {

struct ExplanationOptions {
  std::filesystem::path folder;  // of the run, for the paths of captures
};

// One expectation in a few lines of text.
std::string explain(const RunResult& result, const ExpectationOutcome& outcome,
                    const ExplanationOptions& options = {});

// Every expectation that failed, numbered as `violin explain DIR N` counts them (all of them, from
// 1); "every expectation holds" when none did.
std::string explain_failures(const RunResult& result, const ExplanationOptions& options = {});

}  // namespace violin
