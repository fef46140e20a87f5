#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "emulator/realtime/realtime.hh"

namespace violin {

// How other threads have something done on the thread of a Realtime loop.
class Mailbox final : public InputSource {
 public:
  // Throws std::system_error.
  explicit Mailbox(Realtime& realtime);
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // From any thread: has `work` done on the loop's, between two events, and returns at once.
  void post(std::function<void()> work);
  // The same, but waits for it and passes on what it throws. The loop runs, on another thread.
  void call(const std::function<void()>& work);
  void read_input(Time now) override;

 private:
  Realtime& realtime_;
  FileDescriptor event_;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
};

}  // namespace violin
