#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "emulator/guest_init/channel_frame.hh"
#include "emulator/guest_init/program_order.hh"

namespace violin {

// The owner's end of a guest's channel, as a state machine: bytes in, bytes out. The guest is a
// stranger: whatever it sends, what is kept of it is bounded by kChannelWindow for each program
// that was asked for, and by one frame.
class ChannelClient {
 public:
  enum class State { kAsked, kRunning, kEnded, kRefused };
  struct Program {
    State state = State::kAsked;
    int status = 0;        // of one that has ended: 0 to 255
    bool missing = false;  // of a refused one: there is no such program
    int reason = 0;        // of a refused one: errno
    std::string why;       // of a refused one; printable, at most 200 bytes
    std::string output;    // what has come and was not taken yet
    std::string error;
    size_t may_send = kChannelWindow;  // bytes of input
    uint32_t taken = 0;                // of what came, and not told yet
  };

  // Programs can be asked for.
  bool is_ready() const { return ready_; }
  // What came makes no sense; nothing that comes afterwards is looked at.
  bool is_broken() const { return broken_; }
  void received(std::string_view bytes);
  // What may be sent now, and that so many bytes of it were; and all that waits to be, in bytes.
  std::string_view to_send() const;
  void sent(size_t bytes);
  size_t waiting() const { return out_.size(); }

  // Returns the number that the program has from now on.
  uint32_t start(const ProgramOrder& order);
  // CHECKs that the program is there, as those below do.
  const Program& program(uint32_t number) const { return programs_.at(number); }
  // At most as many bytes as may be sent.
  void input(uint32_t number, std::string_view bytes);
  void end_input(uint32_t number);
  void signal(uint32_t number, int signal);
  void resize(uint32_t number, TerminalSize size);
  // Takes so many bytes, from the front, of its output or its error.
  void take(uint32_t number, ChannelKind what, size_t bytes);
  // Ends it, and forgets it.
  void drop(uint32_t number);

 private:
  bool accept(const ChannelFrame& frame);
  static bool accept(Program& program, const ChannelFrame& frame);
  void tell_taken(uint32_t number, Program& program);
  static bool keep(Program& program, std::string& where, const std::string& bytes);

  ChannelReader reader_;
  std::string out_;
  std::map<uint32_t, Program> programs_;
  uint32_t last_ = 0;   // number given
  size_t unheard_ = 0;  // bytes that were sent
  bool ready_ = false;
  bool broken_ = false;
};

}  // namespace violin
