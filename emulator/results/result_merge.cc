#include "emulator/results/result_merge.hh"

#include <algorithm>
#include <iterator>
#include <map>
#include <variant>

namespace violin {
namespace {

// One slice with its parts by name: a run may have tens of thousands of links.
class SliceIndex {
 public:
  explicit SliceIndex(const RunResult& slice) : slice_(slice) {
    for (const LinkResult& link : slice.links) links_.emplace(link.name, &link);
    for (const WorkloadResult& workload : slice.workloads) {
      workloads_.emplace(workload.name, &workload);
    }
  }

  const RunResult& slice() const { return slice_; }
  const LinkResult* link(const std::string& name) const { return find(links_, name); }
  const WorkloadResult* workload(const std::string& name) const { return find(workloads_, name); }

 private:
  template <class Part>
  static const Part* find(const std::map<std::string, const Part*>& parts,
                          const std::string& name) {
    const auto found = parts.find(name);
    return found == parts.end() ? nullptr : found->second;
  }

  const RunResult& slice_;
  std::map<std::string, const LinkResult*> links_;
  std::map<std::string, const WorkloadResult*> workloads_;
};

class Merger {
 public:
  Merger(const Scenario& scenario, ClockKind clock, const SliceOfNode& slice_of_node,
         const std::map<std::string, RunResult>& slices)
      : scenario_(scenario), clock_(clock), slice_of_node_(slice_of_node) {
    for (const auto& [name, slice] : slices) slices_.emplace(name, slice);
  }

  RunResult merged() {
    for (const LinkSpec& link : scenario_.links) add_link(link);
    for (const WorkloadSpec& workload : scenario_.workloads) add_workload(workload);
    std::vector<AgentFidelity> agents;
    for (const auto& [name, index] : slices_) {
      const RunResult& slice = index.slice();
      add_rest(slice);
      if (!slice.fidelity) continue;
      agents.insert(agents.end(), slice.fidelity->agents.begin(), slice.fidelity->agents.end());
    }
    all_.fidelity = judge_fidelity(std::move(agents));
    return std::move(all_);
  }

 private:
  // Null when no agent had the node: it is of a real underlay.
  const SliceIndex* slice_at(int node) const {
    const auto slice = slices_.find(slice_of_node_(node));
    return slice == slices_.end() ? nullptr : &slice->second;
  }

  void add_link(const LinkSpec& spec) {
    const SliceIndex* at_a = slice_at(spec.a.node);
    const SliceIndex* at_b = slice_at(spec.b.node);
    if (at_a == nullptr && at_b == nullptr) return;
    const LinkResult* a = at_a == nullptr ? nullptr : at_a->link(spec.full_name());
    const LinkResult* b = at_b == nullptr ? nullptr : at_b->link(spec.full_name());
    if (a == nullptr && b == nullptr) {
      ++all_.idle_links;
      return;
    }
    LinkResult both = a != nullptr ? *a : *b;
    if (b != nullptr) both.b_to_a = b->b_to_a;
    all_.links.push_back(std::move(both));
  }

  // Each half knows what happened on its own node; the receiver's has the bytes that arrived. One
  // without the other still says something.
  void add_workload(const WorkloadSpec& spec) {
    if (done_by_programs(scenario_, spec, clock_)) return;
    const SliceIndex* at_from = slice_at(spec.from);
    const SliceIndex* at_to = spec.to < 0 ? nullptr : slice_at(spec.to);
    const WorkloadResult* sent = at_from == nullptr ? nullptr : at_from->workload(spec.name);
    if (is_half_model(scenario_, spec, clock_)) {
      // The real half is a program's to say; the slice of the model's has all the rest.
      const NodeSpec& from = scenario_.nodes[static_cast<size_t>(spec.from)];
      const bool model_sends = backend_under(clock_, from) == Backend::kModel;
      const SliceIndex* at_model = model_sends ? at_from : at_to;
      const WorkloadResult* half = at_model == nullptr ? nullptr : at_model->workload(spec.name);
      if (half != nullptr) all_.workloads.push_back(*half);
      return;
    }
    const WorkloadResult* received =
        at_to == nullptr || at_to == at_from ? nullptr : at_to->workload(spec.name);
    if (sent == nullptr && received == nullptr) return;
    WorkloadResult both = sent != nullptr ? *sent : *received;
    if (sent != nullptr && received != nullptr) merge_outcome(*received, both);
    all_.workloads.push_back(std::move(both));
  }

  static void merge_outcome(const WorkloadResult& received, WorkloadResult& both) {
    if (auto* tcp = std::get_if<TcpResult>(&both.outcome)) {
      const TcpResult& at_sink = std::get<TcpResult>(received.outcome);
      tcp->window_bytes = at_sink.window_bytes;
      tcp->goodput_bps = at_sink.goodput_bps;
      tcp->bytes = at_sink.bytes;
      tcp->wrong_bytes = at_sink.wrong_bytes;
    }
    if (auto* udp = std::get_if<UdpResult>(&both.outcome)) {
      const int64_t sent = udp->sent;
      *udp = std::get<UdpResult>(received.outcome);
      udp->sent = sent;
      udp->lost = sent - udp->received;
    }
  }

  void add_rest(const RunResult& slice) {
    all_.frame_hops += slice.frame_hops;
    all_.events += slice.events;
    all_.virtual_time = std::max(all_.virtual_time, slice.virtual_time);
    all_.nodes.insert(all_.nodes.end(), slice.nodes.begin(), slice.nodes.end());
    all_.series.insert(all_.series.end(), slice.series.begin(), slice.series.end());
    all_.captures.insert(all_.captures.end(), slice.captures.begin(), slice.captures.end());
    // Every slice follows the whole script, each on what it has; what it notes is its own.
    const bool has_script = !all_.event_log.empty();
    std::copy_if(slice.event_log.begin(), slice.event_log.end(), std::back_inserter(all_.event_log),
                 [&](const RunEvent& event) { return !has_script || event.kind == "note"; });
  }

  const Scenario& scenario_;
  ClockKind clock_;
  const SliceOfNode& slice_of_node_;
  std::map<std::string, SliceIndex> slices_;
  RunResult all_;
};

}  // namespace

RunResult merge_slices(const Scenario& scenario, ClockKind clock, const SliceOfNode& slice_of_node,
                       const std::map<std::string, RunResult>& slices) {
  return Merger(scenario, clock, slice_of_node, slices).merged();
}

RunResult merge_slices(const Scenario& scenario, const std::map<std::string, RunResult>& slices) {
  const SliceOfNode by_host = [&](int node) {
    return slice_of(scenario.nodes[static_cast<size_t>(node)]);
  };
  return merge_slices(scenario, ClockKind::kReal, by_host, slices);
}

}  // namespace violin
