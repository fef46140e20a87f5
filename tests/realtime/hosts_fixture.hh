#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "emulator/os/network_namespace.hh"
#include "tests/realtime/run_fixture.hh"

namespace violin::testing {

// Two hosts with an agent each, joined by a cable:
//
//   a.sock ── agent_a_ in a_: [ 10.9.0.1, fd09::1  eth0 ]──┐
//   b.sock ── agent_b_ in b_: [ 10.9.0.2, fd09::2  eth0 ]──┘     in namespaces of their own
class HostsTest : public RunTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Anew; the clock of b's (CLOCK_MONOTONIC) may be ahead of ours.
  void start_agents(int64_t b_ahead_seconds = 0);
  void start_agent(std::optional<Violin>& agent, const std::string& socket,
                   const NetworkNamespace& where, int64_t ahead_seconds);

  std::optional<NetworkNamespace> a_, b_;
  std::optional<Violin> agent_a_, agent_b_;
};

}  // namespace violin::testing
