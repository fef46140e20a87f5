#include "models/queue/red.hh"

#include <algorithm>
#include <utility>

#include "core/check.hh"

namespace violin {
namespace {

using Wide = unsigned __int128;

constexpr uint32_t kFullFrameBits = 1514 * 8;

// value x (1 - 2^-shift)^times, rounded down at each of O(log times) steps.
uint64_t decayed(uint64_t value, uint32_t shift, uint64_t times) {
  constexpr int kBits = 63;
  uint64_t power = (uint64_t{1} << kBits) - (uint64_t{1} << (kBits - shift));
  for (; times != 0 && value != 0; times >>= 1) {
    if ((times & 1) != 0) value = static_cast<uint64_t>(Wide{value} * power >> kBits);
    power = static_cast<uint64_t>(Wide{power} * power >> kBits);
  }
  return value;
}

// How many full frames `rate` carries in `span`.
uint64_t full_frames_in(Duration span, BitRate rate) {
  const Wide bit_nanoseconds =
      static_cast<Wide>(span.ns()) * static_cast<uint64_t>(rate.bps()) / kFullFrameBits;
  return static_cast<uint64_t>(std::min<Wide>(bit_nanoseconds / 1'000'000'000, uint64_t{1} << 62));
}

}  // namespace

RedThresholds red_thresholds(const RedThresholds& asked, Bytes limit) {
  const int64_t quarter = limit.count() / 4;
  return {asked.min == Bytes() ? Bytes(quarter) : asked.min,
          asked.max == Bytes() ? Bytes(quarter * 3) : asked.max};
}

Red::Red(const QueueSpec& spec, BitRate rate, Random random)
    : FifoDiscipline(spec, rate),
      random_(random),
      shift_(spec.red_weight_shift),
      gentle_(spec.red_gentle),
      probability_max_(spec.red_probability),
      asked_{spec.red_min, spec.red_max} {
  CHECK_COMPARE(shift_, <=, kWeightShiftMax);
  set_thresholds();
}

void Red::set_thresholds() {
  const RedThresholds thresholds = red_thresholds(asked_, bound().in_bytes());
  min_ = thresholds.min.count();
  max_ = thresholds.max.count();
  // Thresholds that coincide would make a jump; they are a byte apart at least.
  max_ = std::max(max_, min_ + 1);
}

Bytes Red::average() const { return Bytes(static_cast<int64_t>(average_ >> shift_)); }

void Red::update_average(Time now) {
  if (fifo_.empty()) {
    // One more for this arrival itself, which finds nothing.
    const bool forgets = rate().unlimited() || idle_since_ == Time::beginning();
    const uint64_t samples = forgets ? 0 : 1 + full_frames_in(now - idle_since_, rate());
    average_ = forgets ? 0 : decayed(average_, shift_, samples);
    // Only what is idle from now on is still to be accounted for.
    idle_since_ = now;
    return;
  }
  average_ = average_ - (average_ >> shift_) + static_cast<uint64_t>(fifo_.bytes().count());
}

// The probability at the present average before spacing, in units of 2^-32.
uint64_t Red::base_probability() const {
  const auto average = static_cast<int64_t>(average_ >> shift_);
  const uint64_t most = probability_max_.parts();
  const auto share = [average](int64_t from, int64_t to, uint64_t of) {
    return static_cast<uint64_t>(Wide{of} * static_cast<uint64_t>(average - from) /
                                 static_cast<uint64_t>(to - from));
  };
  if (average < min_) return 0;
  if (average < max_) return share(min_, max_, most);
  if (!gentle_ || average - max_ >= max_) return Probability::kOne;
  return most + share(max_, 2 * max_, Probability::kOne - most);
}

bool Red::chooses(uint64_t probability) {
  const Wide spent = Wide{passed_} * probability;
  ++passed_;
  if (spent + probability >= Probability::kOne) return true;
  // drawn / 2^32 < probability / (1 - passed x probability)
  const uint64_t rest = Probability::kOne - static_cast<uint64_t>(spent);
  return uint64_t{random_.next32()} * rest < probability << 32;
}

void Red::enqueue(Frame frame, Time now, QueueEvents& events) {
  update_average(now);
  if (!admit(frame, now, events)) {
    passed_ = 0;
    return;
  }
  const uint64_t probability = base_probability();
  if (probability == 0) {
    passed_ = 0;
  } else if (chooses(probability)) {
    passed_ = 0;
    if (drop_or_mark(frame, true, now, events)) return;
  }
  fifo_.push(std::move(frame), now);
}

Frame Red::dequeue(Time now, QueueEvents&) {
  Frame frame = fifo_.pop(now);
  if (frame && fifo_.empty()) idle_since_ = now;
  return frame;
}

void Red::flush(DropReason reason, Time now, QueueEvents& events) {
  if (!fifo_.empty()) idle_since_ = now;
  FifoDiscipline::flush(reason, now, events);
}

void Red::set_rate(BitRate rate) {
  FifoDiscipline::set_rate(rate);
  set_thresholds();
}

}  // namespace violin
