#include "emulator/program/traceroute_output.hh"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/program/program_failure.hh"
#include "emulator/program/program_text.hh"

namespace violin {
namespace {

// What the programs' options allow; more in a line is not theirs.
constexpr int64_t kHopsMax = 255;
constexpr size_t kProbesMax = 10;

class TracerouteReader {
 public:
  TracerouteReader(const IpAddress& target, const NodeOfAddress& node_of)
      : target_(target), node_of_(node_of) {}

  // "2  10.0.0.2  62.104 ms !H *  10.0.0.3  0.110 ms"
  void read_hop(const std::vector<std::string_view>& words) {
    TracerouteHop hop;
    hop.ttl = static_cast<int>(result_.hops.size()) + 1;
    if (words.empty() || whole_number(words[0], kHopsMax) != hop.ttl) return;
    std::optional<IpAddress> from;
    for (size_t i = 1; i < words.size() && hop.rtts.size() < kProbesMax; ++i) {
      if (words[i] == "*") {
        hop.rtts.emplace_back();
      } else if (const auto rtt = span_of(words[i], "ms"); rtt && from) {
        // Without its unit it may be half a number.
        if (i + 1 == words.size() || words[i + 1] != "ms") break;
        hop.rtts.push_back(rtt);
        note_answer(*from, hop);
      } else if (const auto address = IpAddress::parse(words[i])) {
        from = address;
      }
    }
    result_.hops.push_back(std::move(hop));
  }

  TracerouteResult result() && { return std::move(result_); }

 private:
  void note_answer(const IpAddress& from, TracerouteHop& hop) {
    if (from == target_) result_.reached = true;
    if (!hop.address.empty()) return;
    hop.address = to_string(from);
    hop.node = node_of_(from);
  }

  IpAddress target_;
  const NodeOfAddress& node_of_;
  TracerouteResult result_;
};

}  // namespace

TracerouteResult read_traceroute_output(std::string_view text, const IpAddress& target,
                                        const NodeOfAddress& node_of) {
  TracerouteReader reader(target, node_of);
  bool begun = false;
  for (const std::string_view line : lines_of(text)) {
    if (begun) reader.read_hop(words_of(line));
    if (line.starts_with("traceroute to ")) begun = true;
  }
  if (!begun) throw ProgramFailure("traceroute sent nothing; it said: " + last_words(text));
  return std::move(reader).result();
}

}  // namespace violin
