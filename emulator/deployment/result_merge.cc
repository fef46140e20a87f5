#include "emulator/deployment/result_merge.hh"

#include <algorithm>
#include <set>
#include <variant>

#include "emulator/scenario/node_backend.hh"

namespace violin {
namespace {

const LinkResult* find_link(const RunResult& result, const std::string& name) {
  for (const LinkResult& link : result.links) {
    if (link.name == name) return &link;
  }
  return nullptr;
}

const WorkloadResult* find_workload(const RunResult& result, const std::string& name) {
  for (const WorkloadResult& workload : result.workloads) {
    if (workload.name == name) return &workload;
  }
  return nullptr;
}

class Merger {
 public:
  Merger(const Scenario& scenario, const std::map<std::string, RunResult>& slices)
      : scenario_(scenario), slices_(slices) {}

  RunResult merged() {
    for (const LinkSpec& link : scenario_.links) add_link(link);
    for (const WorkloadSpec& workload : scenario_.workloads) add_workload(workload);
    for (const auto& [name, slice] : slices_) add_rest(slice);
    std::vector<AgentFidelity> agents;
    for (const auto& [name, slice] : slices_) {
      if (!slice.fidelity) continue;
      agents.insert(agents.end(), slice.fidelity->agents.begin(), slice.fidelity->agents.end());
    }
    all_.fidelity = judge_fidelity(std::move(agents));
    return std::move(all_);
  }

 private:
  const RunResult* slice_at(int node) const {
    const auto slice = slices_.find(slice_of(scenario_.nodes[static_cast<size_t>(node)]));
    return slice == slices_.end() ? nullptr : &slice->second;
  }

  void add_link(const LinkSpec& spec) {
    const RunResult* at_a = slice_at(spec.a.node);
    const RunResult* at_b = slice_at(spec.b.node);
    const LinkResult* a = at_a == nullptr ? nullptr : find_link(*at_a, spec.full_name());
    const LinkResult* b = at_b == nullptr ? nullptr : find_link(*at_b, spec.full_name());
    if (a == nullptr && b == nullptr) {
      ++all_.idle_links;
      return;
    }
    LinkResult both = a != nullptr ? *a : *b;
    if (b != nullptr) both.b_to_a = b->b_to_a;
    all_.links.push_back(std::move(both));
  }

  // Each half knows what happened on its own node; the receiver's has the bytes that arrived.
  void add_workload(const WorkloadSpec& spec) {
    if (done_by_programs(scenario_, spec)) return;
    const RunResult* at_from = slice_at(spec.from);
    const RunResult* at_to = slice_at(spec.to);
    const WorkloadResult* sent = at_from == nullptr ? nullptr : find_workload(*at_from, spec.name);
    if (sent == nullptr) return;
    WorkloadResult both = *sent;
    const WorkloadResult* received =
        at_to == nullptr || at_to == at_from ? nullptr : find_workload(*at_to, spec.name);
    if (received != nullptr) merge_outcome(*received, both);
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
    // Every slice follows the whole script, each on what it has.
    if (all_.event_log.empty()) all_.event_log = slice.event_log;
  }

  const Scenario& scenario_;
  const std::map<std::string, RunResult>& slices_;
  RunResult all_;
};

}  // namespace

RunResult merge_slices(const Scenario& scenario, const std::map<std::string, RunResult>& slices) {
  return Merger(scenario, slices).merged();
}

}  // namespace violin
