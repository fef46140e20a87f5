#include "models/link/serialiser.hh"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "core/random.hh"

namespace violin {
namespace {

using namespace literals;
using Wide = unsigned __int128;

Time at_ms(int64_t value) { return Time::from_ns(value * 1'000'000); }

int64_t ceil_ns(Wide bits, int64_t rate) {
  const auto by = static_cast<uint64_t>(rate);
  return static_cast<int64_t>((bits * 1'000'000'000 + by - 1) / by);
}

// Any magnitude is as likely as any other.
int64_t any_rate(Random& random) {
  const uint64_t bits = 1 + random.below(46);  // up to 70 Tbit/s
  return static_cast<int64_t>(1 + random.below(uint64_t{1} << bits));
}

TEST(Serialiser, TakesExactlyTheRoundedUpTimeForAnyBackToBackFrames) {
  Random random(1);
  for (int train = 0; train < 400; ++train) {
    const int64_t rate = any_rate(random);
    Serialiser serialiser(BitRate::bits_per_second(rate));
    const Time start = Time::from_ns(static_cast<int64_t>(random.below(1'000'000'000'000)));
    const bool equal_lengths = random.below(2) == 0;
    int64_t length = static_cast<int64_t>(1 + random.below(65'536));
    Wide bits = 0;
    Time end = start;
    for (int i = 0; i < 200; ++i) {
      if (!equal_lengths) length = static_cast<int64_t>(1 + random.below(65'536));
      const Serialiser::Slot slot = serialiser.send(Bytes(length), end);
      ASSERT_EQ(slot.begin, end);
      bits += static_cast<uint64_t>(length) * 8;
      end = slot.end;
      ASSERT_EQ((end - start).ns(), ceil_ns(bits, rate)) << rate << " bit/s, frame " << i;
    }
  }
}

TEST(Serialiser, IsTheSameWhetherFramesAreAskedForEarlyOrAtTheEndOfTheOneBefore) {
  Random random(2);
  for (int train = 0; train < 100; ++train) {
    const BitRate rate = BitRate::bits_per_second(any_rate(random));
    Serialiser early(rate);
    Serialiser punctual(rate);
    Time end = Time::zero();
    for (int i = 0; i < 50; ++i) {
      const Bytes length(static_cast<int64_t>(random.below(3'000)));
      const Time asked =
          Time::from_ns(static_cast<int64_t>(random.below(static_cast<uint64_t>(end.ns()) + 1)));
      end = punctual.send(length, end).end;
      ASSERT_EQ(early.send(length, asked).end, end);
    }
  }
}

TEST(Serialiser, ForgetsTheFractionAfterAPause) {
  Serialiser serialiser(BitRate::bits_per_second(3'000'000'000));  // 8 bits: 2 2/3 ns
  EXPECT_EQ(serialiser.send(Bytes(1), Time::zero()).end, Time::from_ns(3));
  EXPECT_EQ(serialiser.send(Bytes(1), Time::from_ns(3)).end, Time::from_ns(6));
  EXPECT_EQ(serialiser.send(Bytes(1), Time::from_ns(6)).end, Time::from_ns(8));
  EXPECT_EQ(serialiser.send(Bytes(1), Time::from_ns(8)).end, Time::from_ns(11));
  EXPECT_EQ(serialiser.send(Bytes(1), Time::from_ns(12)).end, Time::from_ns(15));
  EXPECT_EQ(serialiser.send(Bytes(1), Time::from_ns(20)).end, Time::from_ns(23));
}

TEST(Serialiser, CarriesFramesFasterThanTheNanosecondAtTerabitRates) {
  Serialiser serialiser(BitRate::bits_per_second(100'000'000'000'000));  // 64 bytes: 5.12 ps
  for (int i = 0; i < 1'000'000; ++i) serialiser.send(Bytes(64), Time::zero());
  EXPECT_EQ(serialiser.busy_until() - Time::zero(), Duration::nanoseconds(5'120));
}

TEST(Serialiser, TakesItsGreatestFrameAtOneBitPerSecond) {
  Serialiser serialiser(BitRate::bits_per_second(1));
  const Bytes gibibyte(int64_t{1} << 30);
  EXPECT_EQ(serialiser.send(gibibyte, Time::zero()).end, Time::zero() + 1_s * gibibyte.bits());
}

TEST(Serialiser, TakesNoTimeWithoutARate) {
  Serialiser serialiser{BitRate()};
  EXPECT_TRUE(serialiser.is_unlimited());
  const Serialiser::Slot slot = serialiser.send(Bytes(65'536), at_ms(7));
  EXPECT_EQ(slot.begin, at_ms(7));
  EXPECT_EQ(slot.end, at_ms(7));
}

TEST(Serialiser, KeepsWhatWasSentWhenTheRateChanges) {
  Serialiser serialiser(BitRate::megabits_per_second(8));
  serialiser.send(Bytes(1000), Time::zero());  // until 1 ms
  serialiser.set_rate(BitRate::megabits_per_second(80));
  EXPECT_EQ(serialiser.busy_until(), at_ms(1));
  EXPECT_EQ(serialiser.send(Bytes(1000), Time::zero()).end, Time::from_ns(1'100'000));
  serialiser.set_rate(BitRate());
  EXPECT_EQ(serialiser.send(Bytes(1000), Time::zero()).end, Time::from_ns(1'100'000));
}

std::shared_ptr<const RateTrace> trace_of(std::vector<uint32_t> entries) {
  return std::make_shared<const RateTrace>(RateTrace{std::move(entries)});
}

// The trace walked opportunity by opportunity, as mm-link does.
class TraceWalker {
 public:
  explicit TraceWalker(std::vector<uint32_t> entries) : entries_(std::move(entries)) {}

  Time send(int64_t length, Time earliest) {
    if (earliest > used_at_) {
      left_ = 0;
      while (time() < earliest) ++next_;
    }
    while (length > left_) {
      length -= left_;
      left_ = Serialiser::kOpportunity;
      used_at_ = time();
      ++next_;
    }
    left_ -= length;
    return used_at_;
  }

 private:
  Time time() const {
    const uint64_t lap = next_ / entries_.size();
    return at_ms(static_cast<int64_t>(lap * entries_.back() + entries_[next_ % entries_.size()]));
  }

  std::vector<uint32_t> entries_;
  uint64_t next_ = 0;
  int64_t left_ = 0;
  Time used_at_ = Time::from_ns(-1);
};

std::vector<uint32_t> any_trace(Random& random) {
  std::vector<uint32_t> entries;
  uint32_t at = 0;
  const uint64_t count = 1 + random.below(30);
  for (uint64_t i = 0; i < count; ++i) {
    if (random.below(3) != 0) at += static_cast<uint32_t>(random.below(6));
    entries.push_back(at);
  }
  if (entries.back() == 0) entries.back() = 1;
  return entries;
}

TEST(SerialiserTrace, EqualsWalkingTheTraceOpportunityByOpportunity) {
  Random random(3);
  for (int run = 0; run < 500; ++run) {
    const std::vector<uint32_t> entries = any_trace(random);
    Serialiser serialiser(BitRate(), trace_of(entries));
    TraceWalker walker(entries);
    Time earliest = Time::zero();
    for (int i = 0; i < 200; ++i) {
      const auto length = static_cast<int64_t>(1 + random.below(4'000));
      const Serialiser::Slot slot = serialiser.send(Bytes(length), earliest);
      ASSERT_EQ(slot.end, walker.send(length, earliest)) << "run " << run << ", frame " << i;
      ASSERT_GE(slot.end, slot.begin);
      ASSERT_GE(slot.begin, earliest);
      earliest = slot.end;
      const uint64_t pause = random.below(4);
      if (pause == 1) earliest = earliest + 1_ns * static_cast<int64_t>(random.below(3'000'000));
      if (pause == 2) earliest = earliest + 1_ms * static_cast<int64_t>(random.below(200));
    }
  }
}

TEST(SerialiserTrace, GivesTheRestOfAnOpportunityToTheNextFrameOnlyIfItIsThere) {
  Serialiser serialiser(BitRate(), trace_of({5, 10}));
  EXPECT_EQ(serialiser.send(Bytes(1000), Time::zero()).end, at_ms(5));
  EXPECT_EQ(serialiser.send(Bytes(514), at_ms(5)).end, at_ms(5));
  EXPECT_EQ(serialiser.send(Bytes(1000), at_ms(5)).end, at_ms(10));
  // 514 bytes are left at 10 ms, but this one comes later.
  EXPECT_EQ(serialiser.send(Bytes(514), Time::from_ns(10'000'001)).end, at_ms(15));
}

TEST(SerialiserTrace, EndsALongFrameWithTheOpportunityThatCompletesIt) {
  Serialiser serialiser(BitRate(), trace_of({1, 2, 3, 4}));
  EXPECT_EQ(serialiser.send(Bytes(3 * 1514), Time::zero()).end, at_ms(3));
  EXPECT_EQ(serialiser.send(Bytes(1514 + 1), Time::zero()).end, at_ms(5));
  EXPECT_EQ(serialiser.send(Bytes(1513), Time::zero()).end, at_ms(5));
}

TEST(SerialiserTrace, RepeatsWithItsLastEntryAsPeriodAndServesAnEntryAtZeroInEachRound) {
  Serialiser serialiser(BitRate(), trace_of({0, 4}));
  std::vector<int64_t> ends;
  for (int i = 0; i < 5; ++i) {
    ends.push_back(serialiser.send(Bytes(1514), Time::zero()).end.ns() / 1'000'000);
  }
  EXPECT_EQ(ends, (std::vector<int64_t>{0, 4, 4, 8, 8}));
}

TEST(SerialiserTrace, FindsItsPlaceAfterAnIdleYearAndBeforeTimeZero) {
  Serialiser serialiser(BitRate(), trace_of({3, 10}));
  EXPECT_EQ(serialiser.send(Bytes(60), at_ms(-9)).end, at_ms(-7));
  const int64_t year_ms = int64_t{365} * 24 * 3'600'000;
  EXPECT_EQ(serialiser.send(Bytes(60), at_ms(year_ms + 4)).end, at_ms(year_ms + 10));
}

TEST(SerialiserTrace, SustainsItsMeanRate) {
  Random random(4);
  const std::vector<uint32_t> entries = any_trace(random);
  Serialiser serialiser(BitRate(), trace_of(entries));
  const int64_t frames = 1'000 * static_cast<int64_t>(entries.size());
  Time end;
  for (int64_t i = 0; i < frames; ++i) end = serialiser.send(Bytes(1514), Time::zero()).end;
  EXPECT_EQ(end, at_ms(int64_t{1'000} * entries.back()));
  const BitRate mean = mean_rate(RateTrace{entries});
  EXPECT_EQ(mean.bps(), static_cast<int64_t>(entries.size()) * 1514 * 8 * 1'000 / entries.back());
}

TEST(SerialiserTrace, CapacityCountsTheOpportunitiesOfASpanAndNotTheirMean) {
  const RateTrace trace{{1, 1, 1, 10}};  // repeats every 10 ms
  EXPECT_EQ(capacity(trace, at_ms(0), at_ms(2)), Bytes(3 * 1514));
  EXPECT_EQ(capacity(trace, at_ms(2), at_ms(10)), Bytes(0));
  EXPECT_EQ(capacity(trace, at_ms(2), at_ms(11)), Bytes(1514));
  EXPECT_EQ(capacity(trace, at_ms(0), at_ms(1'001)), Bytes(100 * 4 * 1514));
}

TEST(SerialiserTrace, MeanRateOfOneOpportunityPerMillisecondIsTwelveMegabits) {
  EXPECT_EQ(mean_rate(RateTrace{{1}}), BitRate::bits_per_second(12'112'000));
}

}  // namespace
}  // namespace violin
