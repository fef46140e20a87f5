#include "emulator/deployment/agent_reservation.hh"

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "emulator/deployment/agent_connection.hh"

namespace violin {
namespace {

namespace v1 = agent::v1;

// For an agent to end a run.
constexpr std::chrono::seconds kEndPatience{5};

}  // namespace

struct AgentReservation::State {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<v1::Reservation, v1::Reserved>> stream;
  std::atomic<bool> lost = false;
  std::promise<void> ended;
  std::thread reader;
};

AgentReservation::AgentReservation(AgentClient& agent, const std::string& run)
    : state_(std::make_unique<State>()) {
  v1::Reservation request;
  request.set_run(run);
  state_->stream = agent.connection().stub->Reserve(&state_->context);
  state_->stream->Write(request);
  v1::Reserved reply;
  if (!state_->stream->Read(&reply)) {
    require(state_->stream->Finish(), agent.name(), "be had for this run");
    throw AgentLost("the agent of " + agent.name() + " has ended the run");
  }
  state_->reader = std::thread([state = state_.get()] {
    v1::Reserved nothing;
    while (state->stream->Read(&nothing)) {
    }
    state->lost = true;
    state->ended.set_value();
  });
}

AgentReservation::~AgentReservation() {
  state_->stream->WritesDone();
  if (state_->ended.get_future().wait_for(kEndPatience) != std::future_status::ready) {
    state_->context.TryCancel();
  }
  state_->reader.join();
  state_->stream->Finish();
}

bool AgentReservation::is_lost() const { return state_->lost; }

}  // namespace violin
