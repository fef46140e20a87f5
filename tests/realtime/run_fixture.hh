#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "emulator/results/run_result.hh"
#include "tests/support/temporary_folder.hh"

namespace violin::testing {

// Until the condition holds; false when it does not within so many seconds.
template <class Condition>
bool eventually(const Condition& holds, int seconds = 20) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    poll(nullptr, 0, 10);
  }
  return true;
}

struct Outcome {
  int status = 0;  // exit status, or 128 + the signal that ended it
  std::string output;
  std::string error;
};

// `violin` with some arguments, running. Killed and buried when it is destroyed.
class Violin {
 public:
  struct Surroundings {
    std::filesystem::path folder;  // its working directory; its output goes there too
    std::string input;
    std::function<void()> prepare;  // called in it before it begins
  };
  Violin(const std::vector<std::string>& arguments, const Surroundings& surroundings);
  ~Violin();
  Violin(const Violin&) = delete;
  Violin& operator=(const Violin&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  bool has_ended();
  // What it has printed so far.
  std::string output() const;
  std::string error() const;
  // Waits for it, a minute at most.
  Outcome wait();

 private:
  std::filesystem::path folder_;
  std::string log_;
  pid_t pid_ = -1;
  int status_ = -1;
};

std::vector<pid_t> children_of(pid_t parent);
// "agent --socket /run/violin/a.sock" and the like; empty when it is gone.
std::string command_of(pid_t process);

// Runs the program on small scenarios, in namespaces and a folder of the test's own, and holds it
// to leaving nothing of a run: no process (every orphan comes to us), interface, mount, socket or
// hidden file. Skipped by whoever may not make namespaces and TAP devices.
class RunTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  Violin::Surroundings here(const std::function<void()>& prepare = {}) const;
  std::filesystem::path write(const std::string& name, const std::string& text) const;
  // `violin` with these arguments, to its end.
  Outcome violin(const std::vector<std::string>& arguments, const std::string& input = "") const;
  // `violin run --clock real` of a scenario, results in "out".
  Outcome run(const std::string& scenario, const std::function<void()>& prepare = {}) const;
  RunResult result() const;
  // Of "out"; fails when there is none of that name.
  template <class Result>
  Result outcome_of(const std::string& workload) const {
    for (const WorkloadResult& one : result().workloads) {
      if (one.name == workload) return std::get<Result>(one.outcome);
    }
    ADD_FAILURE() << "no results of " << workload;
    return {};
  }

  // Waits until no process is left of what we started, but those (children of ours); false when
  // some does not end.
  using Processes = std::set<pid_t>;
  bool all_ended(const Processes& except = {}) const;
  // Interfaces, mounts, sockets of runs and hidden files that are there; "" when none are.
  std::string leftovers() const;

  std::filesystem::path folder() const { return folder_->path(); }

 private:
  std::optional<TemporaryFolder> folder_;
  std::string mounts_before_;
};

// Of a node, or what else drops; 0 when it dropped nothing.
uint64_t drops_of(const RunResult& result, const std::string& name, DropReason reason);

// Two overlay hosts, 5 ms and 100 Mbit/s apart, and a violin over them:
//   h1 - s1 - m1 (model)  on a  ==tunnel==  r1 - h2  on b
// `rest` is what stands behind the planes.
std::string two_hosts(const std::string& rest, const std::string& duration = "2 s");

}  // namespace violin::testing
