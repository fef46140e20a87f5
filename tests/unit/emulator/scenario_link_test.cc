#include "emulator/scenario/scenario_link.hh"

#include <gtest/gtest.h>

#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

using test::wire_error;
using test::wire_of;

TEST(ScenarioLink, ReadsEveryKey) {
  const WireSpec wire = wire_of(
      "rate: 100 Mbit/s, overhead: 24 B, delay: 10 ms, jitter: {stddev: 2 ms, distribution: "
      "pareto, "
      "correlation: 25 %}, loss: 1 %, duplicate: 0.1 %, corrupt: 0.2 %, reorder: {percent: 25 %, "
      "correlation: 50 %, gap: 5}, queue: {kind: red, limit: 64 KiB, ecn: true}, mtu: 9000");
  EXPECT_EQ(wire.rate, BitRate::megabits_per_second(100));
  EXPECT_EQ(wire.overhead, Bytes(24));
  EXPECT_EQ(wire.delay, Duration::milliseconds(10));
  EXPECT_EQ(wire.jitter.stddev, Duration::milliseconds(2));
  EXPECT_EQ(wire.jitter.distribution, JitterSpec::Distribution::kPareto);
  EXPECT_EQ(wire.jitter.correlation, Probability::ratio(1, 4));
  EXPECT_EQ(wire.loss, LossSpec(BernoulliLoss{Probability::ratio(1, 100), {}}));
  EXPECT_EQ(wire.duplicate, Probability::ratio(1, 1000));
  EXPECT_EQ(wire.corrupt, Probability::ratio(2, 1000));
  EXPECT_EQ(wire.reorder.probability, Probability::ratio(1, 4));
  EXPECT_EQ(wire.reorder.gap, 5U);
  EXPECT_EQ(wire.queue.kind, QueueSpec::Kind::kRed);
  EXPECT_EQ(wire.queue.limit, QueueLimit(ByteLimit{Bytes(65'536)}));
  EXPECT_TRUE(wire.queue.ecn);
  EXPECT_EQ(wire.mtu, 9000);
}

TEST(ScenarioLink, ReadsTheThreeLossModels) {
  EXPECT_EQ(wire_of("loss: {random: 1 %, correlation: 25 %}").loss,
            LossSpec(BernoulliLoss{Probability::ratio(1, 100), Probability::ratio(1, 4)}));
  EXPECT_EQ(
      wire_of("loss: {gemodel: {p: 1 %, r: 10 %, loss_bad: 50 %}}").loss,
      LossSpec(GilbertElliottLoss{
          Probability::ratio(1, 100), Probability::ratio(1, 10), Probability::ratio(1, 2), {}}));
  EXPECT_EQ(wire_of("loss: {state: {p13: 25 %}}").loss,
            LossSpec(FourStateLoss{
                Probability::ratio(1, 4), Probability::ratio(3, 4), {}, Probability::always(), {}}))
      << "netem's defaults";
  EXPECT_EQ(wire_of("loss: 0 %").loss, LossSpec());
}

TEST(ScenarioLink, RefusesImpossibleLoss) {
  EXPECT_CONTAINS(wire_error("loss: 101 %"), "test.yaml:8:50: loss: out of range: 101 %");
  EXPECT_CONTAINS(wire_error("loss: 1"), "loss: a unit is missing: 1");
  EXPECT_CONTAINS(wire_error("loss: {gemodel: {p: 1 %}}"), "needs the key \"r\"");
  EXPECT_CONTAINS(wire_error("loss: {state: {p13: 60 %, p14: 50 %}}"), "impossible probabilities");
  EXPECT_CONTAINS(wire_error("loss: {random: 1 %, gemodel: {p: 1 %, r: 1 %}}"), "takes one of");
}

TEST(ScenarioLink, RefusesLossStatesWhoseWaysOutSumToMoreThanOne) {
  constexpr const char* kAllowed = "allowed: p13 + p14 and p31 + p32 of at most 100 %";
  EXPECT_CONTAINS(wire_error("loss: {state: {p13: 10 %, p31: 60 %, p32: 50 %}}"), kAllowed);
  EXPECT_CONTAINS(wire_error("loss: {state: {p13: 10 %, p32: 50 %}}"), kAllowed)
      << "p31 is 90 % where it is left out";
  EXPECT_EQ(wire_error("loss: {state: {p13: 60 %, p14: 40 %, p31: 50 %, p32: 50 %}}"), "no error");
}

TEST(ScenarioLink, ReadsQueuesLimitedInPacketsBytesAndTime) {
  EXPECT_EQ(wire_of("rate: 1 Mbit/s").queue, QueueSpec());
  EXPECT_EQ(wire_of("queue: {limit: 250 packets}").queue.limit, QueueLimit(PacketLimit{250}));
  EXPECT_EQ(wire_of("queue: {limit: 64kB}").queue.limit, QueueLimit(ByteLimit{Bytes(64'000)}));
  EXPECT_EQ(wire_of("rate: 1 Mbit/s, queue: {limit: 100 ms}").queue.limit,
            QueueLimit(TimeLimit{Duration::milliseconds(100)}));
  EXPECT_EQ(wire_of("queue: codel").queue.kind, QueueSpec::Kind::kCodel);
}

TEST(ScenarioLink, ReadsTheParametersOfEachQueueKind) {
  EXPECT_EQ(wire_of("queue: {kind: red, min: 10 kB, max: 30 kB, weight_shift: 7}").queue.red_max,
            Bytes(30'000));
  EXPECT_EQ(wire_of("queue: {kind: codel, target: 1 ms}").queue.codel_target,
            Duration::milliseconds(1));
  EXPECT_EQ(wire_of("queue: {kind: fq_codel, flows: 64, quantum: 300 B}").queue.fq_flows, 64U);
  EXPECT_EQ(wire_of("queue: {kind: pie, burst: 0 s}").queue.pie_burst, Duration());
}

TEST(ScenarioLink, RefusesImpossibleQueues) {
  EXPECT_CONTAINS(wire_error("queue: {kind: fqcodel}"),
                  "kind: fqcodel; allowed: droptail, red, codel, fq_codel, pie; did you mean "
                  "\"fq_codel\"?");
  EXPECT_CONTAINS(wire_error("queue: {kind: codel, burst: 1 ms}"),
                  "unknown key in a queue of kind codel: burst");
  EXPECT_CONTAINS(wire_error("queue: {limit: 100}"), "packets, bytes or time");
  EXPECT_CONTAINS(wire_error("queue: {limit: 0 packets}"), "1 packet to");
  EXPECT_CONTAINS(wire_error("queue: {limit: 0 ms}"), "more than nothing");
  EXPECT_CONTAINS(wire_error("queue: {limit: 100 ms}"), "needs a rate");
  EXPECT_CONTAINS(wire_error("queue: {kind: droptail, ecn: true}"), "cannot mark");
  EXPECT_CONTAINS(wire_error("queue: {kind: red, min: 3 kB, max: 2 kB}"), "min below max");
}

TEST(ScenarioLink, RefusesParametersOfQueuesThatTheModelsCannotTake) {
  EXPECT_CONTAINS(wire_error("queue: {kind: pie, update: 0 s}"), "update: 0 s; allowed");
  EXPECT_CONTAINS(wire_error("queue: {kind: pie, target: 0 s}"), "target: 0 s; allowed");
  EXPECT_CONTAINS(wire_error("queue: {kind: codel, target: 0 s}"), "target: 0 s; allowed");
  EXPECT_CONTAINS(wire_error("queue: {kind: codel, interval: 0 s}"), "interval: 0 s; allowed");
  EXPECT_CONTAINS(wire_error("queue: {kind: fq_codel, flows: 0}"), "flows: 0; allowed");
  EXPECT_CONTAINS(wire_error("queue: {kind: fq_codel, quantum: 0 B}"), "quantum: 0 B; allowed");
  EXPECT_EQ(wire_error("queue: {kind: red, weight_shift: 31}"),
            "test.yaml:8:77: weight_shift: 31; allowed: a whole number from 1 to 30");
  EXPECT_EQ(wire_of("queue: {kind: red, weight_shift: 30}").queue.red_weight_shift, 30U);
}

TEST(ScenarioLink, RefusesARedMinThatIsNotBelowMaxAlsoWhereOneIsAShareOfTheLimit) {
  const auto red = [](const std::string& keys) {
    return wire_error("rate: 1 Mbit/s, queue: {kind: red, " + keys + "}");
  };
  EXPECT_CONTAINS(red("min: 3 kB, max: 3 kB"), "min below max: 3 kB and 3 kB");
  EXPECT_CONTAINS(red("limit: 10 kB, min: 8 kB"), "test.yaml:8:13: red needs min below max: 8 kB");
  EXPECT_CONTAINS(red("limit: 10 kB, max: 1 kB"), "min below max: 2500 B and 1 kB");
  EXPECT_CONTAINS(red("limit: 100 ms, min: 12 kB"), "min below max: 12 kB and 9375 B");
  EXPECT_EQ(red("limit: 100 ms, min: 9 kB"), "no error");
  EXPECT_CONTAINS(red("min: 0 B"), "min: 0 B; allowed: 1 B or more");
  EXPECT_CONTAINS(red("max: 0 B"), "max: 0 B; allowed: 1 B or more");
}

TEST(ScenarioLink, RefusesNegativeSpreads) {
  EXPECT_CONTAINS(wire_error("jitter: -1 ms"), "jitter: -1 ms; allowed: a duration that is not");
  EXPECT_CONTAINS(wire_error("jitter: {stddev: -1 ms}"), "stddev: -1 ms; allowed: a duration");
  EXPECT_CONTAINS(wire_error("queue: {kind: pie, burst: -1 ms}"), "burst: -1 ms; allowed");
}

TEST(ScenarioLink, SaysWhichSizeAMisspeltUnitMayMean) {
  EXPECT_CONTAINS(wire_error("overhead: 1 KB"), "did you mean \"1 kB\"?");
  EXPECT_CONTAINS(wire_error("overhead: 1kib"), "did you mean \"1KiB\"?");
  EXPECT_CONTAINS(wire_error("queue: {limit: 64 KB}"), "did you mean \"64 kB\"?");
  EXPECT_FALSE(test::contains(wire_error("overhead: 1 parsec"), "did you mean"));
  EXPECT_FALSE(test::contains(wire_error("overhead: -1 B"), "did you mean"));
}

TEST(ScenarioLink, RefusesRatesThatSayNothing) {
  EXPECT_CONTAINS(wire_error("rate: 100 Mbps"), "bps may mean bits (iperf) or bytes (tc)");
  EXPECT_CONTAINS(wire_error("rate: 100"), "rate: a unit is missing: 100; allowed: a number and");
  EXPECT_CONTAINS(wire_error("rate: 0 bit/s"), "above zero");
  EXPECT_CONTAINS(wire_error("delay: -1 ms"), "not negative");
  EXPECT_CONTAINS(wire_error("mtu: 67"), "68 to 65535");
  EXPECT_CONTAINS(wire_error("jitter: {stddev: 1 ms, distribution: gauss}"), "uniform, normal");
}

TEST(ScenarioLink, RefusesUnknownKeysWithTheNearestOne) {
  EXPECT_EQ(wire_error("dealy: 1 ms").substr(0, 60),
            "test.yaml:8:44: unknown key in a link: dealy; allowed: name,");
  EXPECT_CONTAINS(wire_error("dealy: 1 ms"), "did you mean \"delay\"?");
}

TEST(ScenarioLink, TakesATraceInsteadOfARate) {
  const WireSpec wire = wire_of("trace: [1, 1, 5]");
  ASSERT_NE(wire.trace, nullptr);
  EXPECT_EQ(wire.trace->opportunities_ms, (std::vector<uint32_t>{1, 1, 5}));
  EXPECT_CONTAINS(wire_error("trace: [1], rate: 1 Mbit/s"), "not both");
  EXPECT_CONTAINS(wire_error("trace: [5, 4]"), "from 5 to");
  EXPECT_CONTAINS(wire_error("trace: []"), "a trace is 1 to");
  EXPECT_CONTAINS(wire_error("trace: nowhere.up"), "no such file");
  const Scenario over_default =
      test::read(test::two_hosts("defaults: {link: {rate: 1 Mbit/s}}\n", ", trace: [1]"));
  EXPECT_TRUE(over_default.links[0].a_to_b.rate.unlimited());
}

TEST(ScenarioLink, TakesOneDirectionByNamesOrByPosition) {
  for (const char* key : {"\"h1->h2\"", "\"a->b\""}) {
    const Scenario scenario =
        test::read(test::two_hosts("", std::string(", delay: 5 ms, ") + key + ": {delay: 9 ms}"));
    EXPECT_EQ(scenario.links[0].a_to_b.delay, Duration::milliseconds(9)) << key;
    EXPECT_EQ(scenario.links[0].b_to_a.delay, Duration::milliseconds(5)) << key;
  }
  EXPECT_CONTAINS(wire_error("\"h1->h3\": {delay: 9 ms}"), "did you mean \"h1->h2\"?");
  EXPECT_CONTAINS(wire_error("\"a->b\": {name: x}"), "unknown key in direction a->b: name");
}

}  // namespace
}  // namespace violin
