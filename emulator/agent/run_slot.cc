#include "emulator/agent/run_slot.hh"

#include <system_error>
#include <utility>

#include "emulator/results/result_writer.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

void empty(const fs::path& folder) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

RunSlot::RunSlot(fs::path folder) : folder_(std::move(folder)) {
  fs::create_directories(folder_);
  // Programs of overlay hosts see it.
  fs::permissions(folder_, fs::perms::owner_all);
}

RunSlot::~RunSlot() {
  end();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void RunSlot::require_free(const std::string& run) const {
  if (ending_) throw RunRefused("it is ending");
  if (!reserved_for_.empty() && reserved_for_ != run) {
    throw RunRefused("the run " + reserved_for_ + " has it");
  }
  if (!built_for_.empty()) throw RunRefused("the run " + built_for_ + " has it");
}

void RunSlot::reserve(const std::string& run) {
  const std::lock_guard lock(mutex_);
  require_free(run);
  if (!reserved_for_.empty()) throw RunRefused("the run " + reserved_for_ + " has it");
  reserved_for_ = run;
}

void RunSlot::build(const std::string& run,
                    const std::function<std::shared_ptr<SliceEngine>()>& make) {
  const std::lock_guard lock(mutex_);
  require_free(run);
  engine_ = make();
  built_for_ = run;
  stage_ = Stage::kBuilt;
}

std::shared_ptr<SliceEngine> RunSlot::engine() const {
  const std::lock_guard lock(mutex_);
  return engine_;
}

std::shared_ptr<SliceEngine> RunSlot::advance(Stage from, Stage to, const char* refusal) {
  const std::lock_guard lock(mutex_);
  if (!engine_ || stage_ != from) throw RunRefused(refusal);
  stage_ = to;
  return engine_;
}

void RunSlot::connect(std::chrono::milliseconds patience) {
  constexpr const char* kRefusal = "there is nothing to connect";
  const auto run = advance(Stage::kBuilt, Stage::kConnecting, kRefusal);
  run->connect(patience);
  advance(Stage::kConnecting, Stage::kConnected, kRefusal);
}

void RunSlot::start(const SliceEngine::Zero& zero) {
  advance(Stage::kConnected, Stage::kStarted, "there is nothing to start")->start(zero);
}

std::shared_ptr<SliceEngine> RunSlot::begin_finish(bool hold) {
  const std::lock_guard lock(mutex_);
  if (!engine_ || stage_ == Stage::kFinished) throw RunRefused("there is nothing to end");
  stage_ = Stage::kFinished;
  return hold ? engine_ : std::exchange(engine_, nullptr);
}

void RunSlot::finish(const Finish& how, const std::function<void(const fs::path&)>& take) {
  std::shared_ptr<SliceEngine> run = begin_finish(how.hold);
  // However it ends: what was this run's goes, and another one may follow.
  const std::shared_ptr<void> afterwards(nullptr, [&](void*) {
    run.reset();
    const std::lock_guard lock(mutex_);
    empty(folder_);
    if (engine_) return;
    built_for_.clear();
    stage_ = Stage::kEmpty;
  });
  if (how.discard || !run->started()) return;
  write_result(run->finish(), folder_);
  if (how.hold) run->hold();
  run.reset();
  take(folder_);
}

bool RunSlot::is_ending() const {
  const std::lock_guard lock(mutex_);
  return ending_;
}

void RunSlot::end() {
  std::shared_ptr<SliceEngine> last;
  const std::lock_guard lock(mutex_);
  ending_ = true;
  last = std::exchange(engine_, nullptr);
  if (last) last->stop();
}

}  // namespace violin
