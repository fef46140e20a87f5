#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/deployment/slice_order.hh"
#include "emulator/os/terminal_size.hh"

namespace violin {

// A call that an agent did not answer as it should; what() names the agent and says why.
class AgentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One to which there is no connection any more: it has ended, or is about to be seen to have.
class AgentLost : public AgentError {
 public:
  using AgentError::AgentError;
};

// A program to run in a node.
struct ExecutionSpec {
  std::string node;  // full name
  std::vector<std::string> command;
  bool as_root = false;
  std::optional<TerminalSize> terminal;  // a pseudo-terminal instead of pipes
  // No program, whose name then is for error messages, but what the node's kernel prints.
  enum class Console { kNone, kSoFar, kFollowed };
  Console console = Console::kNone;
};

struct ExecutionResult {
  int status = 0;      // exit status, or 128 + the signal that ended it
  std::string output;  // each at most kOutputMax bytes, the rest is dropped
  std::string error;
};

// What a coordinator knows of one agent: the calls of agent.proto. May be used by several threads.
class AgentClient {
 public:
  static constexpr size_t kOutputMax = 64 << 20;

  // `name` is for error messages; `socket` is a Unix socket, waited for until `patience` is over or
  // `is_hopeless` (asked often) says so. Throws AgentLost.
  AgentClient(std::string name, const std::filesystem::path& socket,
              std::chrono::milliseconds patience, const std::function<bool()>& is_hopeless = {});
  ~AgentClient();
  AgentClient(const AgentClient&) = delete;
  AgentClient& operator=(const AgentClient&) = delete;

  const std::string& name() const { return name_; }
  AgentDescription describe() const;
  // Throws AgentError when the agent is of another version than we, or built from another commit.
  void check_version() const;
  // Returns the real nodes that it made.
  std::vector<std::string> build(const SliceOrder& order);
  // Returns when all its tunnels can carry frames.
  void connect(std::chrono::milliseconds patience);
  // Returns what the calendar of the agent's machine shows at time 0, nanoseconds since 1970.
  int64_t start(const AgentZero& zero);
  // Ends the measurement and writes what was measured into `folder`. The agent's part stops, unless
  // it is to be held: then it goes on, unmeasured, for whoever wants to look around in it.
  enum class Afterwards { kStop, kHold };
  void finish(const std::filesystem::path& folder, Afterwards afterwards = Afterwards::kStop);

  // Returns when something listens at a TCP port of a node; throws AgentError when nothing did
  // within `patience`.
  void await_port(const std::string& node, uint16_t port, std::chrono::milliseconds patience);

  // Blocks until the program has ended. When `should_end` becomes true (it is asked often, on
  // another thread) the program is interrupted, and killed when that does not help.
  ExecutionResult execute(const ExecutionSpec& spec, const std::function<bool()>& should_end);

  // For the calls that have a life of their own (ExecutionCall).
  struct Connection;
  Connection& connection() { return *connection_; }

 private:
  std::string name_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace violin
