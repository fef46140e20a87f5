#pragma once

#include <utility>
#include <vector>

#include "models/queue/queue_discipline.hh"

namespace violin::testing {

// Keeps what a queue discipline drops, and when it marks.
class QueueLog final : public QueueEvents {
 public:
  struct Drop {
    Frame frame;
    DropReason reason;
    Time when;
  };

  void queue_dropped(Frame frame, DropReason reason, Time now) override {
    drops_.push_back({std::move(frame), reason, now});
  }
  void queue_marked(Time now) override { marks_.push_back(now); }

  const std::vector<Drop>& drops() const { return drops_; }
  const std::vector<Time>& marks() const { return marks_; }
  size_t count(DropReason reason) const {
    size_t count = 0;
    for (const Drop& drop : drops_) count += drop.reason == reason ? 1 : 0;
    return count;
  }

 private:
  std::vector<Drop> drops_;
  std::vector<Time> marks_;
};

}  // namespace violin::testing
