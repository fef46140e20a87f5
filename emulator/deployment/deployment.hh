#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulator/deployment/agent_directory.hh"
#include "emulator/deployment/clock_offset.hh"

namespace violin {

// The agents of a run, wherever they are, and what is asked of all of them alike.
class Deployment : public AgentDirectory {
 public:
  explicit Deployment(const Scenario& scenario) : scenario_(scenario) {}
  virtual ~Deployment() = default;
  Deployment(const Deployment&) = delete;
  Deployment& operator=(const Deployment&) = delete;

  struct Order {
    std::string run;  // its name
    std::vector<NodeSetting> settings;
  };
  // Makes the network on all agents. Throws AgentError or std::system_error.
  virtual void build(const Order& order) = 0;
  // Lets time begin on all agents, once their tunnels are joined, so that the bootstrap fits before
  // time 0, which is returned by our
  // clocks.
  AgentZero start(Duration bootstrap);
  // By how much the scenario time of an agent can have been off ours until now. Throws AgentError.
  Duration clock_error(const std::string& slice) const;

  // The name of the agent that has a node; nothing when no agent has it.
  virtual std::optional<std::string> slice_with(const NodeSpec& node) const = 0;
  AgentClient& agent_of(const NodeSpec& node) override;
  int64_t calendar_zero_of(const NodeSpec& node) const override;
  // By slice name, the underlay's (or only one) under "". There from build() on.
  using Agents = std::map<std::string, std::unique_ptr<AgentClient>>;
  const Agents& agents() const { return agents_; }
  // Where an agent of ours listens, as this process and others outside of it see it.
  virtual std::filesystem::path socket_of(const std::string& slice) const = 0;
  virtual bool has_real_underlay() const = 0;
  // What whoever reads the results should know of where they were measured, a sentence each.
  virtual std::vector<std::string> notes() const { return {}; }
  // Whether an agent that should be there is not.
  virtual bool has_failed() = 0;
  // Which one, and how it ended. May wait a moment for what says more.
  virtual std::optional<std::string> failure() = 0;

 protected:
  // What an agent is to make, without what it alone may know.
  SliceOrder order_for(const std::string& slice, const Order& order) const;
  // The overlay hosts that have nodes.
  std::vector<std::string> overlay_hosts() const;

  const Scenario& scenario_;
  Agents agents_;

 private:
  void connect_all();

  std::map<std::string, ClockOffset> clocks_;      // by slice
  std::map<std::string, int64_t> calendar_zeros_;  // by slice
};

}  // namespace violin
