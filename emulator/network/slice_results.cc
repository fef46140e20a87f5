#include "emulator/network/slice_results.hh"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "core/random.hh"
#include "emulator/results/frame_record.hh"
#include "emulator/results/result_merge.hh"

namespace violin {
namespace {

std::vector<std::string> wire_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const LinkSpec& link : scenario.links) {
    for (const bool a_to_b : {true, false}) names.push_back(wire_name(scenario, link, a_to_b));
  }
  return names;
}

// Names that lists are ordered by; others come behind, as they are.
class NameOrder {
 public:
  void add(const std::string& name) { places_.emplace(name, places_.size()); }
  template <class List, class NameOf>
  void sort(List& list, NameOf name_of) const {
    const auto place = [&](const auto& item) { return place_of(name_of(item)); };
    std::ranges::stable_sort(list, {}, place);
  }

 private:
  size_t place_of(const std::string& name) const {
    const auto found = places_.find(name);
    return found == places_.end() ? places_.size() : found->second;
  }
  std::map<std::string, size_t> places_;
};

void put_in_order(const Scenario& scenario, RunResult& result) {
  NameOrder nodes, entities, captures;
  for (const NodeSpec& node : scenario.nodes) nodes.add(node.full_name());
  nodes.sort(result.nodes, [](const NodeResult& node) { return node.name; });
  for (const WorkloadSpec& workload : scenario.workloads) entities.add(workload.name);
  for (const std::string& wire : wire_names(scenario)) entities.add(wire);
  entities.sort(result.series, [](const Series& series) { return series.entity; });
  for (const CaptureSpec& capture : scenario.captures) {
    const NodeSpec& node = scenario.nodes[static_cast<size_t>(capture.node)];
    const std::string& interface = node.interfaces[static_cast<size_t>(capture.interface)].name;
    captures.add("pcap/" + node.plane + "." + node.name + "." + interface + ".pcap");
  }
  captures.sort(result.captures, [](const std::string& file) { return file; });
  std::sort(
      result.digests.begin(), result.digests.end(),
      [](const DigestTrack& left, const DigestTrack& right) { return left.wire < right.wire; });
}

}  // namespace

RunResult join_results(const NetworkPlan& plan, const NetworkCut& cut,
                       const std::vector<RunResult>& parts) {
  std::map<std::string, RunResult> by_name;
  for (size_t i = 0; i < parts.size(); ++i) by_name.emplace(std::to_string(i), parts[i]);
  const SliceOfNode part_of_node = [&](int node) {
    return std::to_string(cut.part_of[static_cast<size_t>(node)]);
  };
  RunResult whole = merge_slices(plan.scenario(), ClockKind::kVirtual, part_of_node, by_name);
  whole.fidelity.reset();
  whole.window = parts.front().window;
  for (const RunResult& part : parts) {
    whole.digests.insert(whole.digests.end(), part.digests.begin(), part.digests.end());
  }
  put_in_order(plan.scenario(), whole);
  return whole;
}

// ---- recordings -------------------------------------------------------------------------------

namespace {

// The recording of one part, as far as it was read.
struct Part {
  explicit Part(const std::filesystem::path& file)
      : in(file, std::ios::binary), reader(in, file.string()), head(reader.next()) {}

  // Among the heads of all parts: by time, then as assign_ranks() has it. There is a head.
  auto place(uint64_t seed) const {
    const std::string& wire = reader.wires()[head->wire];
    return std::tuple(head->when, stable_hash(wire, seed), wire);
  }

  std::ifstream in;
  FrameRecordReader reader;
  std::optional<RecordedFrame> head;
};

}  // namespace

void join_recordings(const NetworkPlan& plan, const std::vector<std::filesystem::path>& parts,
                     const std::filesystem::path& whole) {
  const std::vector<std::string> wires = wire_names(plan.scenario());
  std::map<std::string, uint32_t> number_of;
  for (const std::string& wire : wires) {
    number_of.emplace(wire, static_cast<uint32_t>(number_of.size()));
  }
  FrameRecordWriter writer(whole, wires);
  std::deque<Part> open;
  for (const std::filesystem::path& part : parts) open.emplace_back(part);
  const uint64_t seed = plan.scenario().seed;
  for (;;) {
    Part* first = nullptr;
    for (Part& part : open) {
      if (part.reader.stopped_at_limit()) writer.stop();
      if (part.head && (first == nullptr || part.place(seed) < first->place(seed))) first = &part;
    }
    if (first == nullptr) break;
    first->head->wire = number_of.at(first->reader.wires()[first->head->wire]);
    writer.write(*first->head);
    first->head = first->reader.next();
  }
  writer.close();
}

}  // namespace violin
