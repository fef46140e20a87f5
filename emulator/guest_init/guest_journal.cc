#include "emulator/guest_init/guest_journal.hh"

#include <optional>

#include "emulator/guest_init/word_lines.hh"

namespace violin {
namespace {

std::string_view take_word(std::string_view& line) {
  const size_t end = line.find(' ');
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

// "JOB NS" and what stands behind it.
struct JobLine {
  size_t job;
  int64_t when_ns;
  std::string_view rest;
};

std::optional<JobLine> job_line(std::string_view line, size_t jobs) {
  const auto job = decimal_number(take_word(line));
  const auto when = decimal_number(take_word(line));
  if (!job || !when || *job < 0 || static_cast<size_t>(*job) >= jobs) return std::nullopt;
  return JobLine{static_cast<size_t>(*job), *when, line};
}

void take_job_line(GuestJournal& journal, std::string_view kind, std::string_view text) {
  using State = GuestJournal::JobState;
  const auto line = job_line(text, journal.jobs.size());
  if (!line) return;
  GuestJournal::Job& job = journal.jobs[line->job];
  if (kind == "start") {
    job.state = State::kRunning;
    job.began_ns = line->when_ns;
  } else if (kind == "stop") {
    job.stopped_ns = line->when_ns;
  } else if (kind == "exit") {
    const auto status = decimal_number(line->rest);
    if (!status || *status < 0 || *status > 255) return;
    job.state = State::kEnded;
    job.ended_ns = line->when_ns;
    job.status = static_cast<int>(*status);
  } else {
    job.state = kind == "missing" ? State::kMissing : State::kRefused;
    job.began_ns = job.ended_ns = line->when_ns;
    job.why = line->rest;
  }
}

void take_line(GuestJournal& journal, std::string_view line) {
  const std::string_view kind = take_word(line);
  if (kind == "ready") {
    const auto when = decimal_number(line);
    journal.ready = when.has_value();
    journal.ready_ns = when.value_or(0);
  } else if (kind == "failed") {
    journal.failure = line;
  } else if (kind == "done") {
    journal.done = line.empty();
  } else if (kind == "start" || kind == "stop" || kind == "exit" || kind == "missing" ||
             kind == "refused") {
    take_job_line(journal, kind, line);
  }
}

}  // namespace

GuestJournal GuestJournal::parse(std::string_view text, size_t jobs) {
  GuestJournal journal;
  journal.jobs.resize(jobs);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) break;  // not written to its end
    take_line(journal, text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return journal;
}

std::string output_name(size_t job) { return std::to_string(job) + ".out"; }
std::string error_name(size_t job) { return std::to_string(job) + ".err"; }

}  // namespace violin
