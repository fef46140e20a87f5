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

  // Returns when all jobs have ended, and not before the end that was ordered. Throws
  // std::system_error.
  void run();

 private:
  struct Running {
    size_t number = 0;
    int64_t stop_ns = 0;  // when it gets the signal
    int signal = 0;       // the next one that it gets; 0 = none any more
  };
  bool is_over() const;
  void start_what_is_due();
  void stop_what_is_due();
  void bury();
  int64_t next_instant() const;
  // Sleeps until a child has died or the clock shows the next instant that matters.
  void wait();

  const GuestOrder& order_;
  const FileDescriptor& results_;
  JournalWriter& journal_;
  int64_t zero_ns_;
  int64_t end_ns_;               // INT64_MAX = none was ordered
  std::vector<size_t> by_time_;  // numbers of jobs
  size_t next_ = 0;              // index into by_time_
  std::map<pid_t, Running> running_;
  FileDescriptor timer_;
  FileDescriptor deaths_;
};

// CLOCK_REALTIME, ns.
int64_t guest_time_ns();

}  // namespace violin
