#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace violin {

// What a guest tells of itself: a file of lines, written by its init and read after power-off (or,
// under the real clock, at any time). Whoever is root in the guest can write it too, so that it is
// read as anybody's bytes.
//
//   ready NS            everything is set up; NS by the guest's CLOCK_REALTIME
//   start JOB NS        the job with this number (from 0, as ordered) began
//   stop JOB NS         it was interrupted, because it was to end
//   exit JOB NS STATUS  it ended: exit status, or 128 + the signal that ended it
//   missing JOB NS      there is no such program
//   refused JOB NS WHY  it could not be started
//   failed WHY          the guest gave up
//   done                the guest is about to power off
struct GuestJournal {
  enum class JobState { kWaiting, kRunning, kEnded, kMissing, kRefused };
  struct Job {
    JobState state = JobState::kWaiting;
    int64_t began_ns = 0;
    int64_t ended_ns = 0;
    int status = 0;                     // when it has ended
    std::optional<int64_t> stopped_ns;  // none = it was left alone
    std::string why;                    // when it was refused
  };

  bool ready = false;
  int64_t ready_ns = 0;
  bool done = false;
  std::string failure;    // empty = none
  std::vector<Job> jobs;  // as many as were ordered

  // Lines that say nothing of the above, or nothing of a job that was ordered, are passed over.
  static GuestJournal parse(std::string_view text, size_t jobs);
};

// Names in the folder that a guest writes to.
inline constexpr const char* kJournalName = "journal";
std::string output_name(size_t job);  // "0.out"
std::string error_name(size_t job);   // "0.err"

}  // namespace violin
