#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "emulator/agent/slice_engine.hh"

namespace violin {

// What was asked for does not fit what the agent is at: it has another run, or none.
class RunRefused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The one run that an agent has, if any, through its stages: reserved (or not), built, connected,
// started, finished. May be used by several threads; whoever uses the engine keeps it alive, so
// that the end of a run comes when the last of them lets go. Everything throws RunRefused out of
// turn.
class RunSlot {
 public:
  // `folder` is made for the captures and results of a run, until they are handed over.
  explicit RunSlot(std::filesystem::path folder);
  ~RunSlot();
  RunSlot(const RunSlot&) = delete;
  RunSlot& operator=(const RunSlot&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  // No run of another name is built from now on.
  void reserve(const std::string& run);
  // `make` builds the engine; it throws what it likes.
  void build(const std::string& run, const std::function<std::shared_ptr<SliceEngine>()>& make);
  void connect(std::chrono::milliseconds patience);
  void start(const SliceEngine::Zero& zero);
  // Stops the measurement, has its files taken from the folder, and empties that. Nothing is built
  // meanwhile. When the run is not to be held it is gone before that, as far as nobody uses it.
  struct Finish {
    bool hold = false;
    bool discard = false;  // nothing is taken
  };
  void finish(const Finish& how, const std::function<void(const std::filesystem::path&)>& take);
  // Null when there is none.
  std::shared_ptr<SliceEngine> engine() const;
  // Ends the run there is. Nothing is built any more; another agent may follow.
  void end();
  bool is_ending() const;

 private:
  enum class Stage { kEmpty, kBuilt, kConnecting, kConnected, kStarted, kFinished };
  void require_free(const std::string& run) const;
  std::shared_ptr<SliceEngine> advance(Stage from, Stage to, const char* refusal);
  std::shared_ptr<SliceEngine> begin_finish(bool hold);

  const std::filesystem::path folder_;
  mutable std::mutex mutex_;
  std::shared_ptr<SliceEngine> engine_;
  Stage stage_ = Stage::kEmpty;
  std::string reserved_for_;  // empty = nobody has the agent for itself
  std::string built_for_;     // empty = nothing is built
  bool ending_ = false;
};

}  // namespace violin
