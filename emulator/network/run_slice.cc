#include "emulator/network/run_slice.hh"

#include <utility>

#include "emulator/network/link_results.hh"

namespace violin {

RunSlice::RunSlice(const NetworkPlan& plan, Network::Slice slice, const Options& options)
    : network_(plan, std::move(slice)),
      workloads_(network_),
      events_(network_),
      sampler_(network_),
      captures_(std::in_place, network_, options.captures) {
  network_.add_entity(events_.entity());
  network_.add_entity(sampler_.entity());
  network_.rank_entities();
  if (!options.recording.empty()) recording_.emplace(network_, options.recording);
}

void RunSlice::start() {
  workloads_.start();
  events_.start();
  sampler_.start();
}

RunResult RunSlice::results(Time reached) {
  RunResult result;
  captures_->close();
  if (recording_) recording_->close();
  for (const std::string& file : captures_->files()) result.captures.push_back("pcap/" + file);
  result.window = network_.window();
  result.virtual_time = reached - Time::zero();
  add_link_results(network_, reached, result);
  network_.check_conservation();
  result.frame_hops = network_.frame_hops();
  result.events = network_.scheduler().events_run();
  result.workloads = workloads_.results(reached);
  result.series = workloads_.series();
  for (Series& series : sampler_.series()) result.series.push_back(std::move(series));
  result.digests = sampler_.digests(reached);
  result.event_log = events_.log();
  return result;
}

void RunSlice::stop_watching() {
  captures_.reset();
  recording_.reset();
  sampler_.stop();
}

}  // namespace violin
