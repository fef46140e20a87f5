#include "emulator/deployment/execution_call.hh"

#include <atomic>
#include <chrono>
#include <mutex>

#include "emulator/deployment/agent_connection.hh"

namespace violin {
namespace {

namespace v1 = agent::v1;
using Kind = ExecutionCall::Piece::Kind;

// How long a signal waits for input before it to be taken.
constexpr std::chrono::milliseconds kSignalPatience{500};

void set_window(TerminalSize size, v1::ExecuteInput& input) {
  input.mutable_window()->set_rows(static_cast<uint32_t>(size.rows));
  input.mutable_window()->set_columns(static_cast<uint32_t>(size.columns));
}

v1::ExecuteInput beginning(const ExecutionSpec& spec) {
  v1::ExecuteInput input;
  v1::ExecuteInput::Begin& begin = *input.mutable_begin();
  begin.set_node(spec.node);
  for (const std::string& word : spec.command) begin.add_command(word);
  begin.set_as_root(spec.as_root);
  if (spec.console == ExecutionSpec::Console::kSoFar) {
    begin.set_console(v1::ExecuteInput::CONSOLE_SO_FAR);
  } else if (spec.console == ExecutionSpec::Console::kFollowed) {
    begin.set_console(v1::ExecuteInput::CONSOLE_FOLLOWED);
  }
  if (spec.terminal) {
    begin.set_terminal(true);
    begin.set_rows(static_cast<uint32_t>(spec.terminal->rows));
    begin.set_columns(static_cast<uint32_t>(spec.terminal->columns));
  }
  return input;
}

}  // namespace

struct ExecutionCall::State {
  State(AgentClient& to, const ExecutionSpec& spec)
      : agent(to.name()),
        what(spec.command.at(0)),
        ends_with_agent(spec.console == ExecutionSpec::Console::kFollowed) {}

  void write(const v1::ExecuteInput& input) {
    const std::lock_guard lock(writing);
    if (!closed) stream->Write(input);
  }

  std::string agent, what;  // for error messages
  bool ends_with_agent;     // which is no error
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<v1::ExecuteInput, v1::ExecuteOutput>> stream;
  std::timed_mutex writing;  // the stream takes one message at a time
  bool closed = false;       // our half of the stream
  std::atomic<bool> cancelled = false;
  bool has_status = false;
  bool finished = false;
};

ExecutionCall::ExecutionCall(AgentClient& agent, const ExecutionSpec& spec)
    : state_(std::make_unique<State>(agent, spec)) {
  state_->stream = agent.connection().stub->Execute(&state_->context);
  state_->write(beginning(spec));
}

ExecutionCall::~ExecutionCall() {
  if (state_->finished) return;
  // The stream wants to be read to its end.
  cancel();
  v1::ExecuteOutput rest;
  while (state_->stream->Read(&rest)) {
  }
  state_->stream->Finish();
}

std::optional<ExecutionCall::Piece> ExecutionCall::next() {
  if (state_->finished) return std::nullopt;
  v1::ExecuteOutput output;
  if (state_->stream->Read(&output)) {
    if (output.has_output()) return Piece{Kind::kOutput, std::move(*output.mutable_output()), 0};
    if (output.has_error()) return Piece{Kind::kError, std::move(*output.mutable_error()), 0};
    // The agent waits for our half to end.
    const std::lock_guard lock(state_->writing);
    state_->has_status = state_->closed = true;
    state_->stream->WritesDone();
    return Piece{Kind::kStatus, "", output.status()};
  }
  state_->finished = true;
  const grpc::Status status = state_->stream->Finish();
  const bool is_gone = status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                       status.error_code() == grpc::StatusCode::CANCELLED;
  if (is_gone && state_->ends_with_agent) return Piece{Kind::kStatus, "", 0};
  if (!state_->has_status && !state_->cancelled) {
    require(status, state_->agent, "run " + state_->what);
  }
  return std::nullopt;
}

void ExecutionCall::send_input(std::string_view text) {
  v1::ExecuteInput input;
  input.set_input(text.data(), text.size());
  state_->write(input);
}

void ExecutionCall::end_input() {
  v1::ExecuteInput input;
  input.set_end_of_input(true);
  state_->write(input);
}

bool ExecutionCall::signal(int number) {
  v1::ExecuteInput input;
  input.set_signal(number);
  const std::unique_lock lock(state_->writing, kSignalPatience);
  if (!lock.owns_lock()) return false;
  if (!state_->closed) state_->stream->Write(input);
  return true;
}

void ExecutionCall::resize(TerminalSize size) {
  v1::ExecuteInput input;
  set_window(size, input);
  state_->write(input);
}

void ExecutionCall::cancel() {
  state_->cancelled = true;
  state_->context.TryCancel();
}

}  // namespace violin
