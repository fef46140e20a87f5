#include "emulator/guest_init/job_list.hh"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <optional>
#include <span>
#include <string>

#include "emulator/guest_init/guest_journal.hh"
#include "emulator/os/child_deaths.hh"
#include "emulator/os/exit_status.hh"
#include "emulator/os/program_start.hh"

namespace violin {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kNever = INT64_MAX;

void set_alarm(const FileDescriptor& timer, int64_t when_ns) {
  const itimerspec when = {
      .it_value = {.tv_sec = when_ns / kNsPerSecond, .tv_nsec = when_ns % kNsPerSecond}};
  if (timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &when, nullptr) != 0) {
    throw_system_error("cannot set an alarm");
  }
}

FileDescriptor make_result(const FileDescriptor& results, const std::string& name) {
  return FileDescriptor(openat(results.get(), name.c_str(),
                               O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
}

ProgramStart start_job(const GuestOrder::Job& job, size_t number, const FileDescriptor& results) {
  const FileDescriptor output = make_result(results, output_name(number));
  const FileDescriptor error = make_result(results, error_name(number));
  if (!output.is_open() || !error.is_open()) return {.error = errno, .why = "open its files"};
  const GuestExec what = {.mounts = -1,
                          .network = -1,
                          .uts = -1,
                          .input = -1,
                          .output = output.get(),
                          .error = error.get(),
                          .terminal = false,
                          .user = job.as_root ? GuestUser::kRoot : GuestUser::kNobody};
  return start_program(what, job.argv, job.environment);
}

}  // namespace

int64_t guest_time_ns() {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * kNsPerSecond + now.tv_nsec;
}

JobList::JobList(const GuestOrder& order, const FileDescriptor& results, JournalWriter& journal,
                 ChannelPrograms* programs)
    : order_(order),
      results_(results),
      journal_(journal),
      programs_(programs),
      zero_ns_(order.zero_ns.value_or(guest_time_ns())),
      end_ns_(order.end_ns ? instant(*order.end_ns) : kNever),
      timer_(
          checked_descriptor(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC), "cannot make an alarm")),
      deaths_(watch_deaths()) {
  for (size_t number = 0; number < order.jobs.size(); ++number) {
    if (instant(order.jobs[number].at_ns) < end_ns_) by_time_.push_back(number);
  }
  std::stable_sort(by_time_.begin(), by_time_.end(), [&](size_t left, size_t right) {
    return order_.jobs[left].at_ns < order_.jobs[right].at_ns;
  });
}

void JobList::run() {
  for (;;) {
    end_what_is_due();
    start_what_is_due();
    if (is_finished()) return;
    wait();
  }
}

// Where the order names an end, that is when; what begins before it has begun by then.
bool JobList::is_finished() const {
  if (!running_.empty() || next_ < by_time_.size()) return false;
  return order_.end_ns ? guest_time_ns() >= end_ns_ : !order_.stay;
}

// By the guest's clock.
int64_t JobList::instant(int64_t scenario_ns) const {
  int64_t when = 0;
  return __builtin_add_overflow(zero_ns_, scenario_ns, &when) ? kNever : when;
}

void JobList::start_what_is_due() {
  while (next_ < by_time_.size()) {
    const size_t number = by_time_[next_];
    const int64_t now = guest_time_ns();
    if (instant(order_.jobs[number].at_ns) > now) return;
    ++next_;
    start(number, now);
  }
}

void JobList::start(size_t number, int64_t now) {
  const GuestOrder::Job& job = order_.jobs[number];
  const std::string what = std::to_string(number) + " " + std::to_string(now);
  const ProgramStart start = start_job(job, number, results_);
  if (start.pid >= 0) {
    journal_.add("start " + what);
    const int64_t stop = job.stop_ns ? instant(*job.stop_ns) : kNever;
    running_[start.pid] = {number, SIGINT, std::min(stop, end_ns_)};
  } else if (start.missing) {
    journal_.add("missing " + what);
  } else {
    journal_.add("refused " + what + " cannot " + start.why + ": " +
                 std::generic_category().message(start.error));
  }
}

void JobList::end_what_is_due() {
  const int64_t now = guest_time_ns();
  for (auto& [pid, job] : running_) {
    if (job.signal_ns > now) continue;
    if (job.signal == SIGINT) {
      journal_.add("stop " + std::to_string(job.number) + " " + std::to_string(now));
    }
    kill(-pid, job.signal);
    job.signal_ns = job.signal == SIGINT ? now + GuestOrder::kPatienceNs : kNever;
    job.signal = SIGKILL;
  }
}

// The dead process keeps its number until waitpid() takes it: up to then the group's number cannot
// be anybody else's, so that is when what is left of the group can be killed.
void JobList::bury() {
  signalfd_siginfo death;
  while (read(deaths_.get(), &death, sizeof death) > 0) {
  }
  for (;;) {
    siginfo_t info = {};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    const pid_t dead = info.si_pid;
    const auto job = running_.find(dead);
    const bool is_ours = job != running_.end() || (programs_ != nullptr && programs_->has(dead));
    if (is_ours) kill(-dead, SIGKILL);
    int status = 0;
    waitpid(dead, &status, 0);
    if (job != running_.end()) {
      journal_.add("exit " + std::to_string(job->second.number) + " " +
                   std::to_string(guest_time_ns()) + " " + std::to_string(exit_status(status)));
      running_.erase(job);
    } else if (is_ours) {
      programs_->bury(dead, exit_status(status));
    }
  }
}

int64_t JobList::next_instant() const {
  // What runs has its own end, and is killed behind the guest's.
  int64_t next = running_.empty() ? end_ns_ : kNever;
  if (next_ < by_time_.size()) next = std::min(next, instant(order_.jobs[by_time_[next_]].at_ns));
  for (const auto& [pid, job] : running_) next = std::min(next, job.signal_ns);
  return next;
}

void JobList::wait() {
  const int64_t next = next_instant();
  // Setting it again also takes back what it had to say; at 0 it is off.
  set_alarm(timer_, next == kNever ? 0 : std::max<int64_t>(next, 1));
  std::vector<pollfd> news = {{.fd = timer_.get(), .events = POLLIN},
                              {.fd = deaths_.get(), .events = POLLIN}};
  const int patience = programs_ != nullptr ? programs_->add_to(news) : -1;
  if (poll(news.data(), news.size(), patience) < 0 && errno != EINTR) {
    throw_system_error("cannot wait");
  }
  bury();
  if (programs_ != nullptr) programs_->look_at(std::span(news).subspan(2));
}

}  // namespace violin
