#include "emulator/guest_init/job_list.hh"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <numeric>

#include "emulator/guest_init/job_process.hh"
#include "emulator/os/exit_status.hh"

namespace violin {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

// Deaths of children become readable; they stay blocked otherwise, so that none is lost.
FileDescriptor watch_deaths() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return checked_descriptor(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK),
                            "cannot watch children");
}

void set_alarm(const FileDescriptor& timer, int64_t when_ns) {
  const itimerspec when = {
      .it_value = {.tv_sec = when_ns / kNsPerSecond, .tv_nsec = when_ns % kNsPerSecond}};
  if (timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &when, nullptr) != 0) {
    throw_system_error("cannot set an alarm");
  }
}

}  // namespace

int64_t guest_time_ns() {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * kNsPerSecond + now.tv_nsec;
}

JobList::JobList(const GuestOrder& order, const FileDescriptor& results, JournalWriter& journal)
    : order_(order),
      results_(results),
      journal_(journal),
      zero_ns_(order.zero_ns.value_or(guest_time_ns())),
      by_time_(order.jobs.size()),
      timer_(
          checked_descriptor(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC), "cannot make an alarm")),
      deaths_(watch_deaths()) {
  std::iota(by_time_.begin(), by_time_.end(), size_t{0});
  std::stable_sort(by_time_.begin(), by_time_.end(), [&](size_t left, size_t right) {
    return order_.jobs[left].at_ns < order_.jobs[right].at_ns;
  });
}

void JobList::run() {
  do {
    start_what_is_due();
  } while (!is_finished() && wait());
}

void JobList::start_what_is_due() {
  while (next_ < by_time_.size()) {
    const size_t number = by_time_[next_];
    const GuestOrder::Job& job = order_.jobs[number];
    const int64_t now = guest_time_ns();
    if (zero_ns_ + job.at_ns > now) return;
    ++next_;
    const std::string what = std::to_string(number) + " " + std::to_string(now);
    const JobStart start = start_job(job, number, results_);
    if (start.pid >= 0) {
      journal_.add("start " + what);
      running_[start.pid] = number;
    } else if (start.error == ENOENT) {
      journal_.add("missing " + what);
    } else {
      journal_.add("refused " + what + " " + start.why + ": " +
                   std::generic_category().message(start.error));
    }
  }
}

void JobList::bury() {
  signalfd_siginfo death;
  while (read(deaths_.get(), &death, sizeof death) > 0) {
  }
  int status = 0;
  for (pid_t dead; (dead = waitpid(-1, &status, WNOHANG)) > 0;) {
    const auto job = running_.find(dead);
    if (job == running_.end()) continue;
    journal_.add("exit " + std::to_string(job->second) + " " + std::to_string(guest_time_ns()) +
                 " " + std::to_string(exit_status(status)));
    running_.erase(job);
  }
}

bool JobList::wait() {
  constexpr int64_t kNever = INT64_MAX;
  const int64_t end = order_.end_ns ? zero_ns_ + *order_.end_ns : kNever;
  const int64_t start =
      next_ < by_time_.size() ? zero_ns_ + order_.jobs[by_time_[next_]].at_ns : kNever;
  if (guest_time_ns() >= end) return false;
  // Setting it again also takes back what it had to say; at 0 it is off.
  set_alarm(timer_, std::min(start, end) == kNever ? 0 : std::min(start, end));
  pollfd news[] = {{.fd = timer_.get(), .events = POLLIN}, {.fd = deaths_.get(), .events = POLLIN}};
  if (poll(news, 2, -1) < 0 && errno != EINTR) throw_system_error("cannot wait");
  bury();
  return true;
}

}  // namespace violin
