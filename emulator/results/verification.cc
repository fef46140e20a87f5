#include "emulator/results/verification.hh"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "core/units.hh"
#include "emulator/results/result_reader.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;
using Verdict = Verification::Verdict;

// What two runs were asked to do differently, as lines of text.
std::string different_settings(const RunIdentity& a, const RunIdentity& b) {
  std::string text;
  const auto compare = [&text](const std::string& what, const std::string& x,
                               const std::string& y) {
    if (x != y) text += fmt::format("  {}: {} and {}\n", what, x, y);
  };
  compare("scenario", a.scenario, b.scenario);
  compare("seed", std::to_string(a.seed), std::to_string(b.seed));
  compare("version", a.version, b.version);
  compare("commit", a.commit, b.commit);
  std::set<std::string> names;
  for (const auto& [name, value] : a.params) names.insert(name);
  for (const auto& [name, value] : b.params) names.insert(name);
  for (const std::string& name : names) {
    const auto x = a.params.find(name);
    const auto y = b.params.find(name);
    compare(name, x == a.params.end() ? "(none)" : x->second,
            y == b.params.end() ? "(none)" : y->second);
  }
  return text.empty() ? "" : "they were asked for different things:\n" + text;
}

std::string hex_line(const std::vector<std::byte>& bytes, size_t from, size_t width) {
  std::string text;
  for (size_t i = from; i < from + width; ++i) {
    text += i < bytes.size() ? fmt::format("{:02x} ", static_cast<unsigned>(bytes[i])) : "   ";
  }
  text.pop_back();
  return text;
}

// Both frames side by side, sixteen bytes a line; a bar stands between lines that differ.
std::string hex_dump(const std::vector<std::byte>& a, const std::vector<std::byte>& b) {
  constexpr size_t kWidth = 16;
  constexpr size_t kLines = 24;
  std::string text;
  const size_t size = std::min(std::max(a.size(), b.size()), kWidth * kLines);
  for (size_t from = 0; from < size; from += kWidth) {
    const std::string left = hex_line(a, from, kWidth);
    const std::string right = hex_line(b, from, kWidth);
    text += fmt::format("  {:04x}  {} {} {}", from, left, left == right ? " " : "|", right);
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
  }
  return text;
}

std::string frame_text(const FrameRecordReader& reader, const RecordedFrame& frame) {
  return fmt::format("{} wire {}, {} B", to_string(frame.when), reader.wires()[frame.wire],
                     frame.length);
}

std::string side_text(const FrameRecordReader& reader, const std::optional<RecordedFrame>& frame) {
  if (frame) return frame_text(reader, *frame);
  return reader.stopped_at_limit() ? "(its record stopped at the size limit)" : "(nothing more)";
}

std::string describe_record_difference(const fs::path& first, const fs::path& second) {
  const fs::path a = first / "frames.bin";
  const fs::path b = second / "frames.bin";
  if (!fs::exists(a) || !fs::exists(b)) {
    return "run both with --record to see the first frame that differs\n";
  }
  std::ifstream in_a(a, std::ios::binary);
  std::ifstream in_b(b, std::ios::binary);
  FrameRecordReader reader_a(in_a, a.string());
  FrameRecordReader reader_b(in_b, b.string());
  const auto difference = first_difference(reader_a, reader_b);
  return difference.value_or("frames.bin of both are equal as far as they go\n");
}

Verification verify_runs(const fs::path& first, const fs::path& second) {
  const RunResult a = read_result(first);
  const RunResult b = read_result(second);
  Verification result;
  if (!a.digest || !b.digest) {
    result.text = "unknown: " + (a.digest ? second : first).string() +
                  " has no digest (the real clock gives none)\n";
    return result;
  }
  const auto difference = first_difference(a, b);
  if (*a.digest == *b.digest && !difference) {
    result.verdict = Verdict::kEqual;
    result.text =
        fmt::format("equal: digest {:016x} over {} frame hops\n", *a.digest, a.frame_hops);
    return result;
  }
  result.verdict = Verdict::kDiffer;
  result.text = fmt::format("differ: digest {:016x} and {:016x}\n", *a.digest, *b.digest);
  result.text += different_settings(a.identity, b.identity);
  if (a.interrupted != b.interrupted) {
    result.text += "only " + (a.interrupted ? first : second).string() + " was interrupted\n";
  }
  if (difference) {
    result.text += fmt::format(
        "first in second {} (by its end), on wire {}{}\n", difference->second, difference->wire,
        difference->wires > 1 ? fmt::format(" and {} more", difference->wires - 1) : "");
  }
  result.text += describe_record_difference(first, second);
  return result;
}

Verification verify_sweeps(const fs::path& first, const std::vector<fs::path>& a,
                           const fs::path& second, const std::vector<fs::path>& b) {
  std::set<std::string> names;
  for (const fs::path& run : a) names.insert(run.filename().string());
  for (const fs::path& run : b) names.insert(run.filename().string());
  Verification all{Verdict::kEqual, ""};
  for (const std::string& name : names) {
    const bool in_both =
        fs::exists(first / name / "summary.json") && fs::exists(second / name / "summary.json");
    const Verification one = in_both ? verify_runs(first / name, second / name)
                                     : Verification{Verdict::kDiffer, "only one has this point\n"};
    all.text += name + ": " + one.text;
    if (one.verdict == Verdict::kDiffer) all.verdict = Verdict::kDiffer;
    if (one.verdict == Verdict::kUnknown && all.verdict == Verdict::kEqual) {
      all.verdict = Verdict::kUnknown;
    }
  }
  return all;
}

}  // namespace

std::optional<DigestDifference> first_difference(const RunResult& first, const RunResult& second) {
  std::map<std::string, std::pair<const DigestTrack*, const DigestTrack*>> wires;
  for (const DigestTrack& track : first.digests) wires[track.wire].first = &track;
  for (const DigestTrack& track : second.digests) wires[track.wire].second = &track;
  std::optional<DigestDifference> earliest;
  for (const auto& [wire, tracks] : wires) {
    const auto& [a, b] = tracks;
    std::optional<int64_t> differs;
    if (a == nullptr || b == nullptr) {
      differs = (a == nullptr ? b : a)->first_second;
    } else if (a->first_second != b->first_second) {
      differs = std::min(a->first_second, b->first_second);
    } else {
      const auto [x, y] =
          std::mismatch(a->values.begin(), a->values.end(), b->values.begin(), b->values.end());
      if (x != a->values.end() || y != b->values.end()) {
        differs = a->first_second + (x - a->values.begin());
      }
    }
    if (!differs) continue;
    if (!earliest || *differs < earliest->second) {
      earliest = DigestDifference{*differs, wire, 1};
    } else if (*differs == earliest->second) {
      ++earliest->wires;
    }
  }
  return earliest;
}

std::optional<std::string> first_difference(FrameRecordReader& first, FrameRecordReader& second) {
  for (uint64_t number = 1;; ++number) {
    const auto a = first.next();
    const auto b = second.next();
    if (!a && !b) return std::nullopt;
    const bool same = a && b && a->when == b->when && a->length == b->length &&
                      a->hash == b->hash && a->bytes == b->bytes &&
                      first.wires()[a->wire] == second.wires()[b->wire];
    if (same) continue;
    std::string text = fmt::format("frame hop {} is the first that differs:\n", number);
    text += "  first   " + side_text(first, a) + "\n";
    text += "  second  " + side_text(second, b) + "\n";
    text +=
        hex_dump(a ? a->bytes : std::vector<std::byte>{}, b ? b->bytes : std::vector<std::byte>{});
    const bool beyond =
        a && b && a->bytes == b->bytes && a->length == b->length && a->hash != b->hash;
    if (beyond) text += "  the difference lies behind the bytes that were kept\n";
    return text;
  }
}

Verification verify_folders(const fs::path& first, const fs::path& second) {
  const std::vector<fs::path> a = run_folders(first);
  const std::vector<fs::path> b = run_folders(second);
  const bool single = a.size() == 1 && b.size() == 1 && a[0] == first && b[0] == second;
  return single ? verify_runs(first, second) : verify_sweeps(first, a, second, b);
}

}  // namespace violin
