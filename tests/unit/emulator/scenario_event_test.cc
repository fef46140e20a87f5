#include "emulator/scenario/scenario_event.hh"

#include <gtest/gtest.h>

#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

// Two links join r1 and h3; one of them is called last. s1 joins h1 and r1.
std::string with(const std::string& event) {
  return test::with_head(
      "violins:\n  v1: {nodes: {h1: {kind: host}, h3: {kind: host}, r1: {kind: router}, s1: {kind: "
      "switch}}, links: [{endpoints: [h1, s1]}, {endpoints: [s1, r1]}, {name: last, endpoints: "
      "[r1, "
      "h3]}, {endpoints: [h3, r1], trace: [1]}]}\n\nevents:\n  - " +
      event + "\n");
}

std::vector<EventSpec> read(const std::string& event) { return test::read(with(event)).events; }
std::string error_of(const std::string& event) { return test::error_of(with(event)); }

TEST(ScenarioEvent, PatchesOnlyTheKeysThatAreNamed) {
  const EventSpec event = read("{at: 5 s, set: {link: v1/last, delay: 20 ms, loss: 0 %}}")[0];
  const auto& set = std::get<SetEvent>(event.what);
  EXPECT_EQ(set.patch.delay, Duration::milliseconds(20));
  EXPECT_TRUE(set.patch.loss && *set.patch.loss == LossSpec()) << "back to zero works";
  EXPECT_FALSE(set.patch.rate || set.patch.jitter || set.patch.corrupt);
  EXPECT_EQ(event.text, "set v1/last: delay: 20 ms, loss: 0 %");
  EXPECT_EQ(event.when, Time::zero() + Duration::seconds(5));
}

TEST(ScenarioEvent, FindsLinksByNameByEndsAndByDirection) {
  const auto target = [](const std::string& text) {
    return std::get<SetEvent>(read("{at: 5 s, set: {link: '" + text + "', delay: 1 ms}}")[0].what)
        .target;
  };
  EXPECT_EQ(target("v1/s1--r1").link, 1);
  EXPECT_EQ(target("v1/r1--s1").link, 1);
  EXPECT_TRUE(target("v1/r1--s1").a_to_b && target("v1/r1--s1").b_to_a);
  EXPECT_EQ(target("v1/last").link, 2);
  EXPECT_TRUE(target("v1/s1->r1").a_to_b);
  EXPECT_FALSE(target("v1/s1->r1").b_to_a);
  EXPECT_FALSE(target("v1/r1->s1").a_to_b);
  EXPECT_EQ(target("v1/r1:eth2->h3:eth1").link, 3);
  EXPECT_FALSE(target("v1/r1:eth2->h3:eth1").a_to_b) << "it was written from h3 to r1";
  EXPECT_EQ(target("v1/r1:eth1--h3").link, 2);
  EXPECT_EQ(target("v1/h3--r1").link, 3) << "its own name, though another link has the same ends";
}

TEST(ScenarioEvent, RefusesLinksThatAreNotThere) {
  EXPECT_CONTAINS(error_of("{at: 1 s, set: {link: v1/r1--h3, delay: 1 ms}}"), "several links join");
  EXPECT_CONTAINS(error_of("{at: 1 s, set: {link: v1/h1--h3, delay: 1 ms}}"), "no link joins");
  EXPECT_CONTAINS(error_of("{at: 1 s, set: {link: v1/lats, delay: 1 ms}}"),
                  "did you mean \"last\"?");
  EXPECT_CONTAINS(error_of("{at: 1 s, set: {link: v1/r2--h3, delay: 1 ms}}"),
                  "no such node in v1: r2");
  EXPECT_CONTAINS(error_of("{at: 1 s, set: {link: 'v1/r1:eth9--h3', delay: 1 ms}}"),
                  "eth0, eth1, eth2");
  EXPECT_CONTAINS(error_of("{at: 1 s, set: {link: last, delay: 1 ms}}"), "the plane is missing");
}

TEST(ScenarioEvent, TakesLinksAndNodesDownAndUp) {
  const auto down =
      std::get<DownEvent>(read("{at: 1 s, down: v1/r1, for: 2 s, mode: silent}")[0].what);
  EXPECT_EQ(down.node, 2);
  EXPECT_EQ(down.targets.size(), 3U);
  EXPECT_EQ(down.lasting, Duration::seconds(2));
  EXPECT_TRUE(down.silent);
  const auto up = std::get<UpEvent>(read("{at: 1 s, up: v1/last}")[0].what);
  EXPECT_EQ(up.node, -1);
  EXPECT_EQ(up.targets.at(0).link, 2);
}

TEST(ScenarioEvent, OrdersByTimeThenByTheFile) {
  const auto events = read(
      "{at: 5 s, up: v1/last}\n  - {at: 1 s, down: v1/last}\n"
      "  - {at: 5 s, down: v1/h1}");
  EXPECT_EQ(events[0].text, "down v1/last");
  EXPECT_EQ(events[1].text, "up v1/last");
  EXPECT_EQ(events[2].text, "down v1/h1");
}

TEST(ScenarioEvent, RefusesWhatIsNotWithinTheDuration) {
  EXPECT_EQ(error_of("{at: 10 s, up: v1/last}"),
            "test.yaml:9:10: the event is not within the duration of the scenario: 10 s; allowed: "
            "from 0 s to before 10 s");
  EXPECT_CONTAINS(error_of("{at: 9 s, down: v1/last, for: 2 s}"), "at most 1 s");
}

TEST(ScenarioEvent, RefusesContradictoryEvents) {
  EXPECT_CONTAINS(error_of("{at: 1 s}"), "one of set, down and up");
  EXPECT_CONTAINS(error_of("{at: 1 s, up: v1/last, down: v1/last}"), "one of set, down and up");
  EXPECT_CONTAINS(error_of("{up: v1/last}"), "needs the key \"at\"");
  EXPECT_CONTAINS(error_of("{at: 1 s, up: v1/last, for: 1 s}"), "only a down has this key: for");
  EXPECT_CONTAINS(error_of("{at: 1 s, set: {link: v1/last, queue: codel}}"),
                  "cannot be changed while");
  EXPECT_CONTAINS(error_of("{at: 1 s, set: {link: v1/last}}"), "set changes nothing");
  EXPECT_CONTAINS(error_of("{at: 1 s, set: {link: v1/h3--r1, rate: 1 Mbit/s}}"), "with a trace");
  EXPECT_CONTAINS(error_of("{at: 1 s, down: v1/last, mode: loud}"), "carrier, silent");
}

}  // namespace
}  // namespace violin
