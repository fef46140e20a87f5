#pragma once

#include <cstdint>
#include <vector>

#include "core/pacer.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/realtime/data_plane.hh"
#include "emulator/realtime/lingering.hh"
#include "emulator/realtime/scenario_clock.hh"

namespace violin {

// A descriptor that frames, datagrams or commands come from.
class InputSource {
 public:
  // Takes some of what is there: everything, or as much as is fair to the others. `now` is the
  // instant to stamp it with. Returns how many frames that were, 0 of what are no frames.
  virtual size_t read_input(Time now) = 0;

 protected:
  ~InputSource() = default;
};

// Something that gathers what events produce, to send it in one go.
class OutputBatch {
 public:
  virtual void flush() = 0;

 protected:
  ~OutputBatch() = default;
};

// The real clock: lets events run when the wall clock has reached them, and reads inputs meanwhile.
// One round is: the events that are due, in order; then what they produced is flushed; then inputs
// are read, stamped with the instant up to which events were run, so that the models see time
// going forward only; then it sleeps until the next event or input. It wakes `guard` before an
// event and spins the rest, because a sleeping processor wakes late; the models are told the
// nominal time in any case.
class Realtime final : public Pacer {
 public:
  explicit Realtime(const ScenarioClock& clock, const DataPlane& data_plane = {});

  // Level-triggered. The source outlives its registration.
  void add_input(int descriptor, InputSource& source);
  void remove_input(int descriptor);
  // Has it flushed once, when the events of this round are done.
  void flush_later(OutputBatch& batch) { pending_.push_back(&batch); }
  void forget(OutputBatch& batch) { std::erase(pending_, &batch); }
  // What waits for the end of the round does not wait for it.
  void flush();

  Time advance_to(Time due) override;
  // From now on advance_to() returns at once, so that the loop around it can end.
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }
  // Time may advance again after stop().
  void resume() { stopped_ = false; }

  const DataPlane& data_plane() const { return data_plane_; }
  Time clock_now() const { return clock_.now(); }
  // How often it went to sleep, and how often it looked for inputs.
  uint64_t sleeps() const { return sleeps_; }
  uint64_t polls() const { return polls_; }

 private:
  Duration patience(Time until);
  void read_inputs(Time stamp, Time now);
  // Waits for inputs at most until the clock shows `until`; reads none.
  void wait_until(Time until);

  static constexpr int kReadyMax = 64;

  const ScenarioClock& clock_;
  DataPlane data_plane_;
  FileDescriptor epoll_;
  std::vector<InputSource*> sources_;  // by descriptor
  std::vector<OutputBatch*> pending_;  // to be flushed, each once
  std::vector<int> ready_;             // descriptors with input, of the last wait
  Lingering lingering_;
  Time horizon_ = Time::beginning();  // events up to here may run
  bool stopped_ = false;
  uint64_t sleeps_ = 0;
  uint64_t polls_ = 0;
};

}  // namespace violin
