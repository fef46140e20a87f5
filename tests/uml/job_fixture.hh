#pragma once

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/guest_init/channel_programs.hh"
#include "emulator/guest_init/guest_journal.hh"
#include "emulator/guest_init/guest_order.hh"
#include "emulator/guest_init/job_list.hh"
#include "emulator/uml/guest_channel.hh"
#include "tests/support/temporary_folder.hh"

namespace violin::testing {

// What process 1 of a guest does once it is set up, in a process of ours: jobs and channel are the
// same, and no kernel is needed.
class JobRunner {
 public:
  explicit JobRunner(const GuestOrder& order) : jobs_(order.jobs.size()) {
    int ends[2] = {-1, -1};
    if (order.stay) socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
    FileDescriptor ours(ends[0]), theirs(ends[1]);
    process_ = fork();
    if (process_ == 0) {
      ours.close();
      live(order, std::move(theirs));
    }
    if (order.stay) channel_ = std::make_shared<GuestChannel>(std::move(ours));
  }
  ~JobRunner() { kill(); }

  // Until all was done as ordered.
  GuestJournal wait() {
    waitpid(std::exchange(process_, -1), nullptr, 0);
    return journal();
  }
  void kill() {
    if (process_ < 0) return;
    ::kill(process_, SIGKILL);
    wait();
  }
  const std::shared_ptr<GuestChannel>& channel() const { return channel_; }
  GuestJournal journal() const { return GuestJournal::parse(text("journal"), jobs_); }
  std::string output(size_t job) const { return text(output_name(job)); }

 private:
  [[noreturn]] void live(const GuestOrder& order, FileDescriptor line) const {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const FileDescriptor results = open_file(folder_.path(), O_RDONLY | O_DIRECTORY);
    JournalWriter journal(results);
    std::optional<ChannelPrograms> programs;
    if (line.is_open()) programs.emplace(std::move(line));
    journal.add("ready " + std::to_string(guest_time_ns()));
    JobList(order, results, journal, programs ? &*programs : nullptr).run();
    journal.add("done");
    _exit(0);
  }
  std::string text(const std::string& name) const {
    std::ifstream file(folder_.path() / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TemporaryFolder folder_;
  size_t jobs_;
  pid_t process_ = -1;  // -1 = was waited for
  std::shared_ptr<GuestChannel> channel_;
};

}  // namespace violin::testing
