#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "emulator/guest_init/program_order.hh"
#include "emulator/uml/guest_channel.hh"

namespace violin {

// A program running in a guest with a kernel of its own that stays: as GuestProcess (emulator/os)
// for guests that share ours. What is left of its process group is killed when its first process
// ends, and all of it when its owner is destroyed; when the guest ends it counts as killed.
//
// May be used in a process with several threads, each of these by one at a time.
class UmlProcess {
 public:
  // Returns when the program runs; waits at most so long for the guest to be ready, and as long for
  // it to say so.
  // Throws ProgramMissing, or std::system_error for what else the guest refuses: ETIMEDOUT when it
  // says nothing, ECONNRESET when it has ended.
  UmlProcess(std::shared_ptr<GuestChannel> channel, const ProgramOrder& order,
             std::chrono::milliseconds patience = std::chrono::seconds(10));
  ~UmlProcess();
  UmlProcess(const UmlProcess&) = delete;
  UmlProcess& operator=(const UmlProcess&) = delete;

  // Ours to read, write, poll and close.
  UmlStreams& streams() { return started_.streams; }
  // Readable when it has ended; its last output may still be to be read then, up to the end of
  // file.
  int exit_descriptor() const { return started_.exit.get(); }
  // Waits for it; the exit status, or 128 + the signal that ended it.
  int wait();
  // As wait(), but nothing when it has not ended yet.
  std::optional<int> finished() { return channel_->status(started_.number); }
  // To every process of its group; 1 to 255.
  void signal(int number) { channel_->signal(started_.number, number); }
  void resize(TerminalSize size) { channel_->resize(started_.number, size); }

 private:
  std::shared_ptr<GuestChannel> channel_;
  GuestChannel::Started started_;
};

}  // namespace violin
