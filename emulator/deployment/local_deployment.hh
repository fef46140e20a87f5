#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "emulator/deployment/agent_client.hh"
#include "emulator/deployment/program_run.hh"
#include "emulator/os/sandbox.hh"
#include "emulator/scenario/scenario.hh"

namespace violin {

// Every overlay host of a scenario on this machine: a sandbox, in it the agent of the underlay (or
// of everything, when there is no underlay), and in that one's guests an agent per overlay host.
// Destroyed, or its process killed, nothing of it is left.
class LocalDeployment final : public AgentDirectory {
 public:
  // Makes the processes. Before the caller has a second thread (Sandbox). Throws AgentError or
  // std::system_error.
  explicit LocalDeployment(const Scenario& scenario);
  ~LocalDeployment();
  LocalDeployment(const LocalDeployment&) = delete;
  LocalDeployment& operator=(const LocalDeployment&) = delete;

  // Makes the network: the underlay first, then what is placed on it.
  void build(const std::vector<NodeSetting>& settings);
  // Lets time begin on all agents; returns CLOCK_MONOTONIC at scenario time 0, ns.
  int64_t start();
  // The agent that has a node. There from build() on.
  AgentClient& agent_of(const NodeSpec& node) override;
  // By slice name, the underlay's (or only one) under "".
  const std::map<std::string, std::unique_ptr<AgentClient>>& agents() const { return agents_; }
  // Where an agent of ours listens, as this process and others outside of the sandbox see it.
  std::filesystem::path socket_of(const std::string& slice) const;
  // Whether a process that should be there is not.
  bool has_failed();
  // Which one, and how it ended. When one is not known to have ended, but does not answer, that is
  // waited for a moment: it says more.
  std::optional<std::string> failure();

 private:
  void connect(const std::string& name, const std::string& slice);
  void start_agent(const std::string& overlay_host);
  void watch_agent(const std::string& overlay_host, AgentClient& underlay,
                   const ExecutionSpec& spec);
  // A process that is known to have ended, in words.
  std::optional<std::string> ended();
  std::optional<std::string> lost();

  const Scenario& scenario_;
  Sandbox sandbox_;
  std::map<std::string, std::unique_ptr<AgentClient>> agents_;
  std::atomic<bool> ending_ = false;
  std::optional<int> sandbox_end_;  // its status
  std::mutex failure_mutex_;
  std::optional<std::string> ended_;  // the first process that was seen to end
  std::optional<std::string> lost_;   // the first call that was not answered
  std::vector<std::thread> watches_;  // one per agent that runs in a guest
};

}  // namespace violin
