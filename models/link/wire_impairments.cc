#include <algorithm>
#include <utility>

#include "models/link/corruption.hh"
#include "models/link/wire.hh"

// What a Wire does to a frame that has been serialised: lose, corrupt, duplicate, delay, reorder.

namespace violin {

Wire::Impairments::Impairments(const std::string& name, uint64_t seed)
    : loss_random(substream(seed, name, "loss")),
      jitter_random(substream(seed, name, "jitter")),
      duplicate_random(substream(seed, name, "duplicate")),
      corrupt_random(substream(seed, name, "corrupt")),
      reorder_random(substream(seed, name, "reorder")) {}

void Wire::impair(Frame frame, Time end) {
  Impairments& impairments = *impairments_;
  if (impairments.loss != nullptr && impairments.loss->lost(impairments.loss_random)) {
    counters_.drops.count(DropReason::kLoss);
    return;
  }
  if (!spec_.corrupt.is_never() && impairments.corrupt_random.chance(spec_.corrupt)) {
    ++counters_.corrupted;
    corrupt_one_bit(frame, impairments.corrupt_random);
  }
  if (!spec_.duplicate.is_never() && impairments.duplicate_random.chance(spec_.duplicate)) {
    ++counters_.duplicated;
    launch_with_jitter(frame.clone(), end);
  }
  launch_with_jitter(std::move(frame), end);
}

void Wire::launch_with_jitter(Frame frame, Time end) {
  if (leaves_at_once()) {
    flight_.launch(std::move(frame), end, /*overtaking=*/true);
    return;
  }
  Duration delay = delay_;
  if (!impairments_->jitter.is_none())
    delay += impairments_->jitter.draw(impairments_->jitter_random);
  last_due_ = std::max(last_due_, end + std::max(delay, Duration()));
  flight_.launch(std::move(frame), last_due_, /*overtaking=*/false);
}

bool Wire::leaves_at_once() {
  if (spec_.reorder.probability.is_never()) return false;
  Impairments& impairments = *impairments_;
  const bool candidate = impairments.since_reordered + 1 >= spec_.reorder.gap;
  impairments.since_reordered = candidate ? 0 : impairments.since_reordered + 1;
  if (!candidate) return false;
  return impairments.reorder.draw(impairments.reorder_random);
}

bool Wire::wants_impairments() const {
  return !std::holds_alternative<std::monostate>(spec_.loss) || spec_.jitter.stddev > Duration() ||
         !spec_.duplicate.is_never() || !spec_.corrupt.is_never() ||
         !spec_.reorder.probability.is_never();
}

void Wire::renew_impairments() {
  if (impairments_ == nullptr) {
    if (!wants_impairments()) return;
    impairments_ = std::make_unique<Impairments>(name(), seed_);
  }
  impairments_->loss = make_loss_model(spec_.loss);
  impairments_->jitter = JitterModel(spec_.jitter);
  impairments_->reorder = CorrelatedChance(spec_.reorder.probability, spec_.reorder.correlation);
}

}  // namespace violin
