#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "emulator/deployment/deployment.hh"
#include "emulator/deployment/hosts_file.hh"
#include "emulator/deployment/run_announcement.hh"
#include "emulator/network/network_plan.hh"
#include "emulator/network/run.hh"

namespace violin {

// One scenario under the real clock: every overlay host on this machine, or each on a host of a
// real underlay. Others can see and end it while this object lives (RunAnnouncement); with it all
// that it made is gone.
class RealRun {
 public:
  struct Options {
    RunOptions run;
    std::filesystem::path file;      // the scenario's, for those who ask what runs
    std::filesystem::path folder;    // where the results will be, for the same
    bool hold = false;               // hold() will be called
    std::optional<HostsFile> hosts;  // nothing = all on this machine
  };

  // Makes the processes; the caller has no second thread yet. Throws InputError for a scenario that
  // cannot be run, AgentError or std::system_error for what could not be started.
  RealRun(const Scenario& scenario, Options options);

  // To the scenario's end, or until an InterruptGuard or another process asked to stop. Returns
  // what was measured with its expectations judged. Throws as the constructor, and
  // std::runtime_error that names the process that died.
  RunResult run();

  // After run(): keeps the network up until somebody asks to stop. Throws when a process died.
  void hold();
  const std::string& id() const { return announcement_->id(); }

 private:
  RunResult run_unexplained();
  bool should_stop() const;
  bool wait_for_end(int64_t zero_ns);
  // Every agent's own results.
  std::map<std::string, RunResult> collect(AgentClient::Afterwards afterwards);
  RunResult merged(const std::map<std::string, RunResult>& slices) const;

  const Scenario& scenario_;
  Options options_;
  NetworkPlan plan_;
  // Ends last, so that whoever asked for the end finds nothing of the run any more.
  std::optional<RunAnnouncement> announcement_;
  std::unique_ptr<Deployment> deployment_;
};

}  // namespace violin
