#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "emulator/deployment/live_run.hh"
#include "emulator/os/file_descriptor.hh"

namespace violin {

// How the coordinator of a run tells others of its user (and root) what runs, and is asked to end
// it: an abstract Unix socket in its network namespace, which the kernel removes whatever dies.
// Answers on a thread of its own.
class RunAnnouncement {
 public:
  // Chooses the run's id, after its scenario and process. Throws std::system_error.
  explicit RunAnnouncement(LiveRun run);
  // Whoever asked for the end learns of it now.
  ~RunAnnouncement();
  RunAnnouncement(const RunAnnouncement&) = delete;
  RunAnnouncement& operator=(const RunAnnouncement&) = delete;

  const std::string& id() const { return id_; }
  // `end_monotonic_ns` is what CLOCK_MONOTONIC shows at the end of the scenario; looked at while
  // running.
  void set_phase(LiveRun::Phase phase, int64_t end_monotonic_ns = 0);
  bool end_was_asked_for() const { return end_asked_; }

 private:
  void serve();
  void answer(FileDescriptor connection);
  std::string description() const;

  mutable std::mutex mutex_;
  LiveRun run_;
  int64_t end_ns_ = 0;
  std::string id_;
  std::atomic<bool> end_asked_ = false;
  std::vector<FileDescriptor> waiting_for_end_;
  FileDescriptor socket_;
  FileDescriptor stop_;
  std::thread thread_;
};

}  // namespace violin
