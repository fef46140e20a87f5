#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <vector>

#include "emulator/guest_init/channel_programs.hh"
#include "emulator/guest_init/guest_order.hh"
#include "emulator/guest_init/journal_writer.hh"
#include "emulator/os/file_descriptor.hh"

namespace violin {

// Runs the jobs of an order, each at its time, several at once, and writes down what became of
// them; beside them what is asked for over a channel. Of process 1 of a guest: it buries whatever
// else dies meanwhile.
class JobList {
 public:
  // `programs` = those of the channel; null = there is none.
  JobList(const GuestOrder& order, const FileDescriptor& results, JournalWriter& journal,
          ChannelPrograms* programs = nullptr);

  // Returns when the order says that the guest ends, and all jobs have ended. Throws
  // std::system_error.
  void run();

 private:
  struct Running {
    size_t number;
    int signal;         // the next one it gets
    int64_t signal_ns;  // and when
  };
  bool is_finished() const;
  int64_t instant(int64_t scenario_ns) const;
  void start_what_is_due();
  void start(size_t number, int64_t now);
  void end_what_is_due();
  void bury();
  int64_t next_instant() const;
  // Sleeps until something happens or the clock shows the next instant that matters.
  void wait();

  const GuestOrder& order_;
  const FileDescriptor& results_;
  JournalWriter& journal_;
  ChannelPrograms* programs_;
  int64_t zero_ns_;
  int64_t end_ns_;               // INT64_MAX = never
  std::vector<size_t> by_time_;  // numbers of jobs that begin before the end
  size_t next_ = 0;              // index into by_time_
  std::map<pid_t, Running> running_;
  FileDescriptor timer_;
  FileDescriptor deaths_;
};

// CLOCK_REALTIME, ns.
int64_t guest_time_ns();

}  // namespace violin
