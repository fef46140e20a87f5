#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulator/guest_init/guest_order.hh"
#include "emulator/realtime/guest.hh"
#include "emulator/uml/uml_guest.hh"

namespace violin {

struct UmlMachineOptions {
  std::filesystem::path kernel;  // a built one
  GuestOrder order;
  int memory_mib = 64;
  std::vector<std::string> exposed;  // UmlGuestOptions
  std::optional<int> processor;      // UmlGuestOptions
  bool offloads = true;              // super-frames and checksums, both ways
};

// A real node's own kernel, under the real clock: boots it and connects its interfaces, as soon as
// its devices look for them, with ports of the node. Ends with its owner.
class UmlMachine {
 public:
  // `ended` is told, by the thread that reads inputs, when and how the kernel has ended: in words
  // that go on after the node's name. All of it outlives this. Throws as UmlGuest does.
  using Ended = std::function<void(Time, const std::string&)>;
  UmlMachine(const UmlMachineOptions& options, Guest& node, Realtime& realtime, Ended ended);
  ~UmlMachine();
  UmlMachine(const UmlMachine&) = delete;
  UmlMachine& operator=(const UmlMachine&) = delete;

  const UmlGuest& guest() const { return guest_; }
  // Whether programs can run in it; by the thread that reads inputs, as trouble().
  bool is_ready() const { return guest_.journal().ready; }
  // Whether its kernel has ended; from any thread.
  bool has_ended() const { return has_ended_; }
  // How it ended, or why it is about to; empty = it lives.
  std::string trouble() const;

 private:
  // Where a device of the guest connects to.
  class Socket final : public InputSource {
   public:
    Socket(const FileDescriptor& listener, VhostPort& port, Realtime& realtime);
    ~Socket();
    size_t read_input(Time now) override;

   private:
    void close();
    const FileDescriptor& listener_;
    VhostPort& port_;
    Realtime& realtime_;
    bool is_open_ = true;
  };
  class End final : public InputSource {
   public:
    explicit End(UmlMachine& machine) : machine_(machine) {}
    size_t read_input(Time now) override;

   private:
    UmlMachine& machine_;
  };
  std::string how_it_ended(UmlEnding ending) const;

  Realtime& realtime_;
  Ended ended_;
  UmlGuest guest_;
  std::deque<Socket> sockets_;
  End end_{*this};
  int exit_descriptor_;  // -1 = it has ended
  std::string how_;      // it did
  std::atomic<bool> has_ended_ = false;
};

}  // namespace violin
