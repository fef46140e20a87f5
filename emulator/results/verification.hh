#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "emulator/results/frame_record.hh"
#include "emulator/results/run_result.hh"

// `violin verify`: did two runs do the same? Equal digests say yes. Otherwise digest.csv names the
// first second and the first wire (in name order) whose chain differs, and frames.bin of both runs,
// where there is one, the very first event.

namespace violin {

struct Verification {
  enum class Verdict {
    kEqual,
    kDiffer,
    kUnknown,  // a run without digest (real clock), or one that was interrupted
  };
  Verdict verdict = Verdict::kUnknown;
  std::string text;  // for people, several lines
};

// Folders of single runs, or of sweeps: those are compared point by point. Throws InputError.
Verification verify_folders(const std::filesystem::path& first,
                            const std::filesystem::path& second);

// The earliest second at whose end a wire's chain is not the same, and the first such wire by name.
struct DigestDifference {
  int64_t second = 0;
  std::string wire;
  // How many wires differ in that second; a wire that only one of them has counts from its start.
  size_t wires = 0;
};
std::optional<DigestDifference> first_difference(const RunResult& first, const RunResult& second);

// The first frame that is not the same in both records, as text with both frames' bytes; nothing
// when they are equal as far as both go.
std::optional<std::string> first_difference(FrameRecordReader& first, FrameRecordReader& second);

}  // namespace violin
