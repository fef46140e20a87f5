#pragma once

#include <memory>
#include <string>

#include "emulator/deployment/agent_client.hh"

namespace violin {

// While one lives, an agent is a run's and nobody else's; with it goes all that the agent made for
// the run, also when this process is killed.
class AgentReservation {
 public:
  // Throws AgentError, with the name of the run that has the agent when there is one, and AgentLost
  // when it does not answer. The client outlives the reservation.
  AgentReservation(AgentClient& agent, const std::string& run);
  // Returns when the agent has ended the run, or a few seconds later.
  ~AgentReservation();
  AgentReservation(const AgentReservation&) = delete;
  AgentReservation& operator=(const AgentReservation&) = delete;

  // The agent is gone, or has given the run up.
  bool is_lost() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace violin
