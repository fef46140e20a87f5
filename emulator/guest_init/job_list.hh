#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <vector>

#include "emulator/guest_init/guest_order.hh"
#include "emulator/guest_init/journal_writer.hh"
#include "emulator/os/file_descriptor.hh"

namespace violin {

// Runs the jobs of an order, each at its time, several at once, and writes down what became of
// them. Of process 1 of a guest: it buries whatever else dies meanwhile.
class JobList {
 public:
  JobList(const GuestOrder& order, const FileDescriptor& results, JournalWriter& journal);

  // Returns when all jobs have ended, or at the end that was ordered. Throws std::system_error.
  void run();

 private:
  bool is_finished() const { return next_ == by_time_.size() && running_.empty(); }
  void start_what_is_due();
  void bury();
  // Sleeps until a child has died or the clock shows the next instant that matters; false when that
  // was the end.
  bool wait();

  const GuestOrder& order_;
  const FileDescriptor& results_;
  JournalWriter& journal_;
  int64_t zero_ns_;
  std::vector<size_t> by_time_;  // numbers of jobs
  size_t next_ = 0;              // index into by_time_
  std::map<pid_t, size_t> running_;
  FileDescriptor timer_;
  FileDescriptor deaths_;
};

// CLOCK_REALTIME, ns.
int64_t guest_time_ns();

}  // namespace violin
