#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "emulator/deployment/deployment.hh"
#include "emulator/deployment/slice_order.hh"
#include "emulator/kernel/kernel_store.hh"
#include "emulator/os/sandbox.hh"
#include "emulator/scenario/scenario.hh"

namespace violin {

// Every overlay host of a scenario on this machine: a sandbox, in it the agent of the underlay (or
// of everything, when there is no underlay), and in that one's guests an agent per overlay host.
// Destroyed, or its process killed, nothing of it is left.
class LocalDeployment final : public Deployment {
 public:
  // Makes the processes. Before the caller has a second thread (Sandbox). Throws AgentError or
  // std::system_error.
  explicit LocalDeployment(const Scenario& scenario);
  ~LocalDeployment() override;

  // The underlay first, then what is placed on it. Throws std::runtime_error also where a kernel is
  // needed and none was built.
  void build(const Order& order) override;
  std::optional<std::string> slice_with(const NodeSpec& node) const override;
  std::optional<IpAddress> real_address_of(const NodeSpec&) const override { return {}; }
  std::filesystem::path socket_of(const std::string& slice) const override;
  bool has_real_underlay() const override { return false; }
  bool has_failed() override;
  // When a process is not known to have ended, but does not answer, its end is waited for a moment.
  std::optional<std::string> failure() override;

 private:
  SliceOrder local_order(const std::string& slice, const Order& order) const;
  void connect(const std::string& name, const std::string& slice);
  void start_agent(const std::string& overlay_host);
  void watch_agent(const std::string& overlay_host, AgentClient& underlay,
                   const ExecutionSpec& spec);
  // A process that is known to have ended, in words.
  std::optional<std::string> ended();
  std::optional<std::string> lost();

  Sandbox sandbox_;
  std::optional<BuiltKernel> kernel_;  // where a node needs one
  std::atomic<bool> ending_ = false;
  std::optional<int> sandbox_end_;  // its status
  std::mutex failure_mutex_;
  std::optional<std::string> ended_;  // the first process that was seen to end
  std::optional<std::string> lost_;   // the first call that was not answered
  std::vector<std::thread> watches_;  // one per agent that runs in a guest
};

}  // namespace violin
