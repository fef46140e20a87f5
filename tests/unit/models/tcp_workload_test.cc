#include <gtest/gtest.h>

#include <cmath>

#include "models/workload/tcp_sink.hh"
#include "models/workload/tcp_source.hh"
#include "tests/support/tcp_pipe.hh"

// The two halves of a tcp workload over a pipe: TcpSource at a, TcpSink at b.

namespace violin {
namespace {

using namespace literals;

struct Workload {
  explicit Workload(TcpPipeOptions options = {}, uint64_t seed = 1) : pipe(options, seed) {
    sink_spec.name = source_spec.name = "vm";
    sink_spec.port = 5'001;
    source_spec.local = pipe.a.address;
    source_spec.remote = {pipe.b.address, 5'001};
  }
  void start() {
    sink = std::make_unique<TcpSink>(pipe.scheduler, pipe.b, pipe.b.layer, sink_spec);
    sink->start();
    source = std::make_unique<TcpSource>(pipe.scheduler, pipe.a, pipe.a.layer, source_spec,
                                         substream(pipe.seed, "vm", "arrivals"));
    source->start();
  }
  TcpPipe pipe;
  TcpSinkSpec sink_spec;
  TcpSourceSpec source_spec;
  std::unique_ptr<TcpSink> sink;
  std::unique_ptr<TcpSource> source;
};

TEST(TcpWorkload, MeasuresTheCompletionTimeOfOneFlowFromItsSynToItsLastAcknowledgment) {
  Workload work;
  work.source_spec.load = TcpLoad::kSize;
  work.source_spec.size = Bytes(10 * 1'448);
  work.source_spec.at = Time::zero() + 1_s;
  work.start();
  work.pipe.run_until(Time::zero() + 5_s);
  ASSERT_EQ(work.source->flows().size(), 1u);
  const TcpSourceFlow flow = work.source->flows()[0];
  EXPECT_EQ(flow.started, Time::zero() + 1_s);
  EXPECT_EQ(flow.established, Time::zero() + 1'020_ms);
  EXPECT_EQ(flow.finished, Time::zero() + 1'040_ms);
  EXPECT_EQ(flow.bytes, 14'480);
  EXPECT_EQ(flow.outcome, TcpOutcome::kClosed);
  EXPECT_EQ(flow.minimum_rtt, 20_ms);
  const TcpSinkFlow arrived = work.sink->flows().at(0);
  EXPECT_EQ(arrived.number, 0u);
  EXPECT_EQ(arrived.bytes, 14'480);
  EXPECT_EQ(arrived.wrong_bytes, 0);
  EXPECT_EQ(arrived.first_byte, Time::zero() + 1'030_ms);
  EXPECT_FALSE(work.source->active());
}

TEST(TcpWorkload, StopsABulkFlowAtTheEndOfItsDuration) {
  TcpPipeOptions options;
  options.rate = BitRate::megabits_per_second(10);
  Workload work(options);
  work.source_spec.duration = 5_s;
  work.sink_spec.window = {Time::zero() + 1_s, Time::zero() + 4_s};
  work.start();
  work.pipe.run_until(Time::zero() + 5_s);
  EXPECT_TRUE(work.source->active());
  const int64_t at_end = work.sink->bytes();
  work.pipe.run_until(Time::zero() + 60_s);
  EXPECT_FALSE(work.source->active());
  // What was queued in the pipe still comes: less than the send buffer, which was taken back.
  EXPECT_LT(work.sink->bytes() - at_end, 4'200'000);
  EXPECT_EQ(work.sink->bytes(), work.source->flows()[0].bytes);
  EXPECT_EQ(work.source->flows_finished(), 1u);
  EXPECT_GT(work.source->flows()[0].finished, Time::zero() + 5_s);
  EXPECT_EQ(work.sink->wrong_bytes(), 0);
  // 3 s at 10 Mbit/s, less headers: 1448 of 1500 + 14 bytes of each frame.
  const double wanted = 3 * 10e6 / 8 * 1'448 / 1'514;
  EXPECT_NEAR(static_cast<double>(work.sink->bytes_in_window()), wanted, wanted * 0.002);
  int64_t binned = 0;
  for (int64_t bytes : work.sink->series().bins()) binned += bytes;
  EXPECT_EQ(binned, work.sink->bytes());
}

TEST(TcpWorkload, BeginsFlowsAtThePoissonRateAndVerifiesEachByItsNumber) {
  TcpPipeOptions options;
  options.delay = 1_ms;
  Workload work(options, 3);
  work.source_spec.load = TcpLoad::kPoisson;
  work.source_spec.size = Bytes(20'000);
  work.source_spec.mean_distance = 5_ms;
  work.source_spec.duration = 10_s;
  work.source_spec.options.time_wait = 1_s;
  Random random(5);
  work.pipe.script = [&](const TcpStep&) {
    return TcpFate{.copies = random.below(50) == 0 ? 0 : 1};
  };
  work.start();
  work.pipe.run_until(Time::zero() + 120_s);
  const auto started = static_cast<double>(work.source->flows_started());
  EXPECT_NEAR(started, 2'000, 4 * std::sqrt(2'000.0));  // four standard deviations
  EXPECT_EQ(work.source->flows_finished(), work.source->flows_started());
  EXPECT_EQ(work.sink->bytes(), static_cast<int64_t>(work.source->flows_started()) * 20'000);
  EXPECT_EQ(work.sink->wrong_bytes(), 0);
  EXPECT_GT(work.source->retransmissions(), 100u);
  const auto sent = work.source->flows();
  const auto arrived = work.sink->flows();
  ASSERT_EQ(sent.size(), arrived.size());
  for (size_t i = 0; i < sent.size(); ++i) {
    ASSERT_EQ(sent[i].number, i);
    ASSERT_EQ(arrived[i].number, i);
    ASSERT_EQ(arrived[i].bytes, 20'000);
    ASSERT_LE(arrived[i].last_byte, sent[i].finished);
  }
}

TEST(TcpWorkload, ReadsNothingInThePauseOfItsSinkAndEverythingAfterwards) {
  for (const Time begin : {Time::zero(), Time::zero() + 2'500_ms}) {
    SCOPED_TRACE(begin.ns());
    TcpPipeOptions options;
    options.rate = BitRate::megabits_per_second(10);
    Workload work(options);
    work.sink_spec.options.receive_buffer = Bytes(100'000);
    work.sink_spec.pause = {Time::zero() + 2_s, 3_s};
    work.source_spec.at = begin;
    work.source_spec.duration = 10_s;
    work.start();
    work.pipe.run_until(Time::zero() + 2_s);
    const int64_t before = work.sink->bytes();
    work.pipe.run_until(Time::zero() + 4'999_ms);
    EXPECT_EQ(work.sink->bytes(), before);
    EXPECT_EQ(work.source->flows().at(0).timeouts, 0u) << "a peer that answers is not lost";
    work.pipe.run_until(Time::zero() + 120_s);
    EXPECT_EQ(work.sink->bytes(), work.source->flows().at(0).bytes);
    EXPECT_EQ(work.sink->wrong_bytes(), 0);
    const double seconds = (begin + 10_s - (Time::zero() + 5_s)).to_seconds() +
                           std::max(0.0, (Time::zero() + 2_s - begin).to_seconds());
    const double wanted = seconds * 10e6 / 8 * 1'448 / 1'514;
    EXPECT_NEAR(static_cast<double>(work.sink->bytes()), wanted, wanted * 0.05);
  }
}

TEST(TcpWorkload, CountsBytesThatAreNotThoseOfTheSource) {
  Workload work;
  work.source_spec.load = TcpLoad::kSize;
  work.source_spec.size = Bytes(10'000);
  work.sink_spec.name = "another";  // whose flows have other streams
  work.start();
  work.pipe.run_until(Time::zero() + 5_s);
  EXPECT_EQ(work.sink->bytes(), 10'000);
  // One byte in 256 is equal by chance.
  EXPECT_GT(work.sink->wrong_bytes(), 9'800);
  EXPECT_LE(work.sink->wrong_bytes(), 9'992);
}

TEST(TcpWorkload, SamplesTheWindowOnlyWhenAsked) {
  for (const bool asked : {false, true}) {
    TcpPipeOptions options;
    options.rate = BitRate::megabits_per_second(100);
    Workload work(options);
    work.source_spec.duration = 1_s;
    work.source_spec.samples = asked;
    work.start();
    work.pipe.run_until(Time::zero() + 950_ms);
    EXPECT_EQ(work.source->samples().size(), asked ? 9u : 0u);
    if (asked) {
      EXPECT_GT(work.source->samples()[1].congestion_window.count(), 14'480);
      EXPECT_GT(work.source->samples()[1].smoothed_rtt, 20_ms);
    }
  }
}

TEST(TcpWorkload, RecordsAFlowThatCouldNotConnect) {
  Workload work;
  work.source_spec.load = TcpLoad::kSize;
  work.source_spec.size = Bytes(1'000);
  work.source_spec.remote.port = 9;
  work.start();
  work.pipe.run_until(Time::zero() + 5_s);
  ASSERT_EQ(work.source->flows().size(), 1u);
  EXPECT_EQ(work.source->flows()[0].outcome, TcpOutcome::kRefused);
  EXPECT_EQ(work.source->flows()[0].finished, Time::never());
  EXPECT_EQ(work.source->flows_finished(), 0u);
}

TEST(TcpWorkload, DoesTheSameForTheSameSeedAndSomethingElseForAnother) {
  const auto transcript_of = [](uint64_t seed) {
    TcpPipeOptions options;
    options.rate = BitRate::megabits_per_second(20);
    Workload work(options, seed);
    work.source_spec.load = TcpLoad::kPoisson;
    work.source_spec.size = Bytes(50'000);
    work.source_spec.mean_distance = 30_ms;
    work.source_spec.duration = 1_s;
    Random random(seed);
    work.pipe.script = [&](const TcpStep&) {
      return TcpFate{.copies = random.below(30) == 0 ? 0 : 1};
    };
    work.start();
    work.pipe.run_until(Time::zero() + 20_s);
    return work.pipe.transcript();
  };
  EXPECT_EQ(transcript_of(1), transcript_of(1));
  EXPECT_NE(transcript_of(1), transcript_of(2));
}

// Utilisation over rates and delays: the sender fills a pipe whose buffer is unlimited.
TEST(TcpWorkload, FillsAPathOfAnyRateAndDelay) {
  for (const int64_t megabits : {10, 100, 1'000}) {
    for (const Duration delay : {1_ms, 10_ms, 100_ms}) {
      if (megabits == 1'000 && delay != 10_ms) continue;  // for the sake of time
      TcpPipeOptions options;
      options.rate = BitRate::megabits_per_second(megabits);
      options.delay = delay;
      Workload work(options);
      const Bytes buffer(4 * (megabits * 1'000'000 / 8 * 2 * delay.ns() / 1'000'000'000 + 100'000));
      work.source_spec.options.send_buffer = work.sink_spec.options.receive_buffer = buffer;
      work.source_spec.duration = 100_s;
      const Time from = Time::zero() + 2_s + delay * 40;
      work.sink_spec.window = {from, from + 1_s};
      work.start();
      work.pipe.run_until(from + 1_s);
      const double wanted = static_cast<double>(megabits) * 1e6 / 8 * 1'448 / 1'514;
      EXPECT_NEAR(static_cast<double>(work.sink->bytes_in_window()), wanted, wanted * 0.01)
          << megabits << " Mbit/s, " << delay.to_milliseconds() << " ms";
      EXPECT_EQ(work.source->retransmissions(), 0u);
    }
  }
}

}  // namespace
}  // namespace violin
