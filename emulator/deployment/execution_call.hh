#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/deployment/agent_client.hh"

namespace violin {

// One program in a node while it runs: what it prints comes out piece by piece, input and signals
// go in. One thread reads with next(); any may send. Destroyed early it ends the program.
class ExecutionCall {
 public:
  struct Piece {
    enum class Kind { kOutput, kError, kStatus };
    Kind kind = Kind::kOutput;
    std::string text;  // what was printed, or
    int status = 0;    // the exit status, or 128 + the signal that ended it: the last piece
  };

  ExecutionCall(AgentClient& agent, const ExecutionSpec& spec);
  ~ExecutionCall();
  ExecutionCall(const ExecutionCall&) = delete;
  ExecutionCall& operator=(const ExecutionCall&) = delete;

  // The next piece, waited for; nothing after the status, or when the call was cancelled. Throws
  // AgentError when it ended in any other way.
  std::optional<Piece> next();

  // Blocks as long as the program does not take what was sent before.
  void send_input(std::string_view text);
  void end_input();
  // To the program's process group. False when it could not be sent, because the program takes no
  // input of which much was sent: it can only be cancelled.
  bool signal(int number);
  void resize(TerminalSize size);
  // Kills the program. From any thread.
  void cancel();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace violin
