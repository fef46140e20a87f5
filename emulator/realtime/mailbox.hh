#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
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
  // Nothing is done of what comes when it is closed.
  void post(std::function<void()> work);
  // The same, but waits for it and passes on what it throws. The loop runs, on another thread.
  // Throws std::runtime_error with the reason when the mailbox is closed, or closes meanwhile.
  void call(const std::function<void()>& work);
  // The loop has ended: what was not done yet will not be. Until open().
  void close(const std::string& why);
  void open();
  size_t read_input(Time now) override;

 private:
  Realtime& realtime_;
  FileDescriptor event_;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
  std::optional<std::string> closed_;  // why
};

}  // namespace violin
