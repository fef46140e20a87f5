#include "models/queue/pie.hh"

#include <algorithm>
#include <utility>

#include "core/check.hh"

namespace violin {
namespace {

constexpr int kBits = 48;
constexpr int64_t kOne = int64_t{1} << kBits;
constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

constexpr Bytes kTwoMeanPackets(2 * 1024);
constexpr int64_t kLowProbability = kOne / 5;  // section 4.1
constexpr int64_t kMarkThreshold = kOne / 10;  // section 5.1

// Section 4.2: while the probability is below `below`, an adjustment is divided by 2^shift.
struct Tuning {
  int64_t below;
  int shift;
};
constexpr Tuning kTuning[] = {{kOne / 1'000'000, 11}, {kOne / 100'000, 9}, {kOne / 10'000, 7},
                              {kOne / 1'000, 5},      {kOne / 100, 3},     {kOne / 10, 1}};

}  // namespace

Pie::Pie(const QueueSpec& spec, BitRate rate, Random random)
    : FifoDiscipline(spec, rate),
      random_(random),
      target_(spec.pie_target),
      period_(spec.pie_update),
      burst_max_(spec.pie_burst),
      burst_left_(spec.pie_burst) {
  CHECK_COMPARE(period_.ns(), >, 0);
}

Probability Pie::drop_probability() const {
  constexpr int kFiner = kBits - 32;
  return Probability::from_parts(
      static_cast<uint64_t>(probability_ + (int64_t{1} << (kFiner - 1))) >> kFiner);
}

Duration Pie::delay() const {
  if (rate().unlimited()) return {};
  const auto bit_nanoseconds = static_cast<__int128>(fifo_.bytes().bits()) * kNanosecondsPerSecond;
  return Duration::nanoseconds(static_cast<int64_t>(
      std::min<__int128>(bit_nanoseconds / rate().bps(), Duration::max().ns())));
}

// alpha (delay - target) + beta (delay - the delay before), tuned; rounded towards zero.
int64_t Pie::adjustment(Duration delay) const {
  // Times 8: alpha is 1/8 Hz and beta 10/8 Hz. An hour of delay says no more than a minute does.
  constexpr Duration kMost = Duration::seconds(60);
  const Duration error = std::min(delay - target_, kMost);
  const Duration growth = std::clamp(delay - delay_before_, -kMost, kMost);
  const __int128 eighths = static_cast<__int128>(error.ns() + 10 * growth.ns()) * kOne;
  auto change = static_cast<int64_t>(eighths / (8 * kNanosecondsPerSecond));
  for (const Tuning& tuning : kTuning) {
    if (probability_ < tuning.below) return change / (int64_t{1} << tuning.shift);
  }
  return change;
}

// One update of section 4.2; false when it changed nothing, so that no further one would.
bool Pie::update() {
  const int64_t probability = probability_;
  const Duration before = delay_before_;
  const Duration burst = burst_left_;
  const Duration now = delay();
  probability_ += adjustment(now);
  if (now == Duration() && before == Duration()) probability_ -= probability_ / 50;
  probability_ = std::clamp<int64_t>(probability_, 0, kOne);
  delay_before_ = now;
  burst_left_ = std::max(burst_left_ - period_, Duration());
  return probability != probability_ || before != delay_before_ || burst != burst_left_;
}

void Pie::catch_up(Time now) {
  const int64_t into = now.ns() % period_.ns();
  const int64_t due = now.ns() / period_.ns() - (into < 0 ? 1 : 0);
  if (!begun_) updates_ = due;
  begun_ = true;
  while (updates_ < due) {
    ++updates_;
    if (!update()) updates_ = due;
  }
}

bool Pie::wants_to_drop() {
  if (delay_before_ < target_ / 2 && probability_ < kLowProbability) return false;
  if (fifo_.bytes() <= kTwoMeanPackets) return false;
  return static_cast<int64_t>(random_.next() >> (64 - kBits)) < probability_;
}

void Pie::enqueue(Frame frame, Time now, QueueEvents& events) {
  catch_up(now);
  if (!admit(frame, now, events)) return;
  if (burst_left_ == Duration() && wants_to_drop()) {
    if (drop_or_mark(frame, probability_ < kMarkThreshold, now, events)) return;
  }
  // Section 4.4: congestion is over, so the next burst is let through again.
  const bool is_calm = delay() < target_ / 2 && delay_before_ < target_ / 2;
  if (probability_ == 0 && is_calm) burst_left_ = burst_max_;
  fifo_.push(std::move(frame), now);
}

Frame Pie::dequeue(Time now, QueueEvents&) {
  catch_up(now);
  return fifo_.pop(now);
}

void Pie::flush(DropReason reason, Time now, QueueEvents& events) {
  catch_up(now);
  FifoDiscipline::flush(reason, now, events);
}

}  // namespace violin
