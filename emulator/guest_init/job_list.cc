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
constexpr int64_t kNever = INT64_MAX;

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
      end_ns_(order.end_ns ? zero_ns_ + *order.end_ns : kNever),
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
  for (;;) {
    start_what_is_due();
    stop_what_is_due();
    if (is_over()) return;
    wait();
  }
}

bool JobList::is_over() const {
  if (!running_.empty()) return false;
  return end_ns_ == kNever ? next_ == by_time_.size() : guest_time_ns() >= end_ns_;
}

// Each is asked to end, and later made to.
void JobList::stop_what_is_due() {
  const int64_t now = guest_time_ns();
  for (auto& [pid, job] : running_) {
    if (job.signal == 0 || job.stop_ns > now) continue;
    kill(-pid, job.signal);
    job.signal = job.signal == SIGINT ? SIGKILL : 0;
    job.stop_ns = now + GuestOrder::kPatienceNs;
  }
}

void JobList::start_what_is_due() {
  while (next_ < by_time_.size()) {
    const size_t number = by_time_[next_];
    const GuestOrder::Job& job = order_.jobs[number];
    const int64_t now = guest_time_ns();
    if (zero_ns_ + job.at_ns > now || now >= end_ns_) return;
    ++next_;
    const std::string what = std::to_string(number) + " " + std::to_string(now);
    const JobStart start = start_job(job, number, results_);
    if (start.pid >= 0) {
      journal_.add("start " + what);
      const int64_t stop = job.stop_ns ? zero_ns_ + *job.stop_ns : kNever;
      running_[start.pid] = {number, std::min(stop, end_ns_), SIGINT};
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
    journal_.add("exit " + std::to_string(job->second.number) + " " +
                 std::to_string(guest_time_ns()) + " " + std::to_string(exit_status(status)));
    running_.erase(job);
  }
}

int64_t JobList::next_instant() const {
  const bool starts = next_ < by_time_.size() && guest_time_ns() < end_ns_;
  int64_t next = starts ? zero_ns_ + order_.jobs[by_time_[next_]].at_ns : kNever;
  if (running_.empty()) return std::min(next, end_ns_);
  for (const auto& [pid, job] : running_) {
    if (job.signal != 0) next = std::min(next, job.stop_ns);
  }
  return next;
}

void JobList::wait() {
  const int64_t next = next_instant();
  // Setting it again also takes back what it had to say; at 0 it is off.
  set_alarm(timer_, next == kNever ? 0 : next);
  pollfd news[] = {{.fd = timer_.get(), .events = POLLIN}, {.fd = deaths_.get(), .events = POLLIN}};
  if (poll(news, 2, -1) < 0 && errno != EINTR) throw_system_error("cannot wait");
  bury();
}

}  // namespace violin
