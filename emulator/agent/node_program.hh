#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "emulator/agent/uml_machine.hh"
#include "emulator/guest_init/program_order.hh"
#include "emulator/os/guest_space.hh"

namespace violin {

// Where the programs of a real node run: one of the two.
struct NodePlace {
  const GuestSpace* space = nullptr;    // it shares the machine's kernel
  const UmlMachine* machine = nullptr;  // it has one of its own
};

// A program running in a real node, of whatever kind that is. What is left of its process group is
// killed when its first process ends, and all of it when its owner is destroyed. To be started from
// a thread that lives as long as it.
class NodeProgram {
 public:
  virtual ~NodeProgram() = default;

  // Our ends of its streams, to be polled; input() does not block. A terminal is both input and
  // output; -1 = there is none.
  virtual int input() const = 0;
  virtual int output() const = 0;
  virtual int error() const = 0;
  // No more input comes; of a terminal nothing is closed.
  virtual void end_input() = 0;
  virtual void resize(TerminalSize size) = 0;
  // To every process of its group.
  virtual void signal(int number) = 0;
  // Waits for it; the exit status, or 128 + the signal that ended it.
  virtual int wait() = 0;
  // As wait(), but nothing when it has not ended yet.
  virtual std::optional<int> finished() = 0;
};

// Returns when it runs. Throws ProgramMissing, or std::system_error for what else the node refuses.
// The place outlives it.
std::unique_ptr<NodeProgram> start_in(const NodePlace& place, const ProgramOrder& order);

// Does a socket listen at this TCP port of the node, at any address? Throws std::system_error when
// nobody can tell.
bool listens_in(const NodePlace& place, uint16_t tcp_port);

}  // namespace violin
