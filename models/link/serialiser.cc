#include "models/link/serialiser.hh"

#include <algorithm>
#include <utility>

namespace violin {
namespace {

constexpr int64_t kNanosecondsPerMillisecond = 1'000'000;

int64_t floor_divide(int64_t value, int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

// The instant of the opportunity of this number, counted over all repetitions.
Time opportunity_time(const RateTrace& trace, int64_t number) {
  const auto count = static_cast<int64_t>(trace.opportunities_ms.size());
  const int64_t repetition = floor_divide(number, count);
  const int64_t entry = trace.opportunities_ms[static_cast<size_t>(number - repetition * count)];
  const int64_t period = trace.opportunities_ms.back();
  return Time::from_ns((repetition * period + entry) * kNanosecondsPerMillisecond);
}

// The number of the first opportunity that is not before `when`. O(log entries).
int64_t first_opportunity(const RateTrace& trace, Time when) {
  const auto& entries = trace.opportunities_ms;
  const int64_t period = entries.back();
  // The last millisecond before `when`: what is wanted lies behind it.
  const int64_t before = floor_divide(when.ns() - 1, kNanosecondsPerMillisecond);
  // In this repetition the last entry, one period from its start, is not before `when`.
  const int64_t repetition = floor_divide(before, period);
  const auto within = static_cast<uint32_t>(before - repetition * period);
  const auto entry = std::upper_bound(entries.begin(), entries.end(), within);
  const int64_t number =
      repetition * static_cast<int64_t>(entries.size()) + (entry - entries.begin());
  // The round before time 0 ends at time 0, but whoever begins then finds the trace at its start.
  return when >= Time::zero() ? std::max<int64_t>(number, 0) : number;
}

}  // namespace

Serialiser::Serialiser(BitRate rate, std::shared_ptr<const RateTrace> trace)
    : rate_(trace == nullptr ? static_cast<uint64_t>(rate.bps()) : 0), trace_(std::move(trace)) {
  CHECK_COMPARE(rate.bps(), >=, 0);
  if (trace_ == nullptr) return;
  const auto& entries = trace_->opportunities_ms;
  CHECK(!entries.empty() && entries.back() > 0);
  CHECK(std::is_sorted(entries.begin(), entries.end()));
}

Serialiser::Slot Serialiser::send_by_trace(Bytes length, Time earliest) {
  if (earliest > busy_until_) {
    // Every opportunity used so far was no later than busy_until_, so this never goes back.
    next_opportunity_ = first_opportunity(*trace_, earliest);
    bytes_left_ = 0;
    busy_until_ = earliest;
  }
  const Time begin = busy_until_;
  const int64_t missing = length.count() - bytes_left_;
  if (missing <= 0) {
    bytes_left_ = -missing;
    return {begin, begin};
  }
  const int64_t opportunities = (missing + kOpportunity - 1) / kOpportunity;
  next_opportunity_ += opportunities;
  bytes_left_ = opportunities * kOpportunity - missing;
  busy_until_ = opportunity_time(*trace_, next_opportunity_ - 1);
  return {begin, busy_until_};
}

void Serialiser::set_rate(BitRate rate) {
  CHECK_COMPARE(rate.bps(), >=, 0);
  rate_ = static_cast<uint64_t>(rate.bps());
  trace_ = nullptr;
  // The fraction was one of the old rate; the frame on the wire keeps its rounded-up end.
  fraction_ = 0;
  last_length_ = Bytes();
  whole_ = rest_ = 0;
}

BitRate mean_rate(const RateTrace& trace) {
  const uint64_t bits = trace.opportunities_ms.size() * uint64_t{Serialiser::kOpportunity} * 8;
  const uint64_t rate = bits * 1'000 / trace.opportunities_ms.back();
  return BitRate::bits_per_second(std::max<int64_t>(1, static_cast<int64_t>(rate)));
}

Bytes capacity(const RateTrace& trace, Time from, Time to) {
  const int64_t opportunities = first_opportunity(trace, to) - first_opportunity(trace, from);
  return Bytes(opportunities * Serialiser::kOpportunity);
}

}  // namespace violin
