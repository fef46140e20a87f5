#pragma once

#include <filesystem>
#include <optional>

#include "emulator/network/capture_set.hh"
#include "emulator/network/event_script.hh"
#include "emulator/network/frame_recording.hh"
#include "emulator/network/network.hh"
#include "emulator/network/sampler.hh"
#include "emulator/network/workload_set.hh"
#include "emulator/results/run_result.hh"

namespace violin {

// A network under the virtual clock, or one slice of it, with all that is put on top of it for a
// run: workloads, events, and who looks on.
class RunSlice {
 public:
  struct Options {
    std::filesystem::path captures;   // a folder, for pcap files
    std::filesystem::path recording;  // of every frame; empty = none
  };
  // Throws as Network, WorkloadSet, CaptureSet and FrameRecording do.
  RunSlice(const NetworkPlan& plan, Network::Slice slice, const Options& options);
  RunSlice(const RunSlice&) = delete;
  RunSlice& operator=(const RunSlice&) = delete;

  Network& network() { return network_; }
  const Network& network() const { return network_; }
  void start();
  // What was measured up to `reached`, with what is captured and recorded on disk. Links, nodes,
  // workloads, series, events, digests of wires; the digest of all and the rest are the caller's.
  RunResult results(Time reached);
  // Nobody looks on any more.
  void stop_watching();

 private:
  Network network_;
  WorkloadSet workloads_;
  EventScript events_;
  Sampler sampler_;
  std::optional<CaptureSet> captures_;
  std::optional<FrameRecording> recording_;
};

}  // namespace violin
