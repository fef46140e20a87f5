#include "emulator/command/run_choice.hh"

#include <gtest/gtest.h>

#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

LiveRun run(const std::string& id, const std::string& scenario) {
  LiveRun run;
  run.id = id;
  run.scenario = scenario;
  run.nodes = {{"underlay/a", true, "u"}, {"v/h1", true, "a"}, {"v/h2", true, "b"},
               {"w/h2", true, "c"},       {"v/s1", false, ""}, {"v/xh1", true, "d"}};
  return run;
}

template <class Choice>
std::string error_of(const Choice& choose_it) {
  try {
    choose_it();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(RunChoice, TakesTheIdTheOnlyOneOfAScenarioOrTheOnlyOne) {
  const std::vector<LiveRun> runs = {run("pair-1", "pair"), run("pair-2", "pair"),
                                     run("star-3", "star")};
  EXPECT_EQ(choose_run(runs, "pair-2").id, "pair-2");
  EXPECT_EQ(choose_run(runs, "star").id, "star-3");
  EXPECT_EQ(choose_run({runs[2]}, "").id, "star-3");
  EXPECT_EQ(error_of([&] { choose_run(runs, ""); }),
            "RUN: several runs are live, say which: pair-1, pair-2, star-3");
  EXPECT_EQ(error_of([&] { choose_run(runs, "pair"); }),
            "RUN: several runs of pair, say which: pair-1, pair-2");
  EXPECT_EQ(error_of([&] { choose_run(runs, "line"); }),
            "RUN: no such run: line; live: pair-1, pair-2, star-3");
  EXPECT_EQ(error_of([&] { choose_run({}, "line"); }),
            "RUN: nothing of yours runs under the real clock");
}

TEST(RunChoice, TakesANodeByItsFullNameOrByTheEndOfItWhereOnlyOneHasIt) {
  const LiveRun pair = run("pair-1", "pair");
  EXPECT_EQ(choose_node(pair, "v/h2").socket, "b");
  EXPECT_EQ(choose_node(pair, "h1").socket, "a") << "xh1 is another name";
  EXPECT_EQ(choose_node(pair, "a").socket, "u");
  EXPECT_EQ(error_of([&] { choose_node(pair, "h2"); }),
            "NODE: several nodes are possible, say which: v/h2, w/h2");
  EXPECT_EQ(error_of([&] { choose_node(pair, "h9"); }),
            "NODE: no node h9 in pair-1; programs can run in underlay/a, v/h1, v/h2, w/h2, v/xh1");
}

TEST(RunChoice, RefusesAModelWithTheReason) {
  EXPECT_EQ(error_of([&] { choose_node(run("pair-1", "pair"), "s1"); }),
            "NODE: v/s1 is a model, not a system that runs programs; programs can run in "
            "underlay/a, v/h1, v/h2, w/h2, v/xh1");
}

TEST(RunChoice, LetsTheNodeBeLeftOutWhereThereIsOneRealOne) {
  LiveRun alone = run("pair-1", "pair");
  EXPECT_NE(error_of([&] { choose_node(alone, ""); }), "no error");
  alone.nodes = {{"v/s1", false, ""}, {"v/h1", true, "a"}};
  EXPECT_EQ(choose_node(alone, "").name, "v/h1");
}

TEST(RunChoice, TellsARunFromANodeWhenOneOfThemIsLeftOut) {
  LiveRun lone = run("lone-1", "lone");
  lone.nodes = {{"v/h1", true, "a"}};
  const std::vector<LiveRun> both = {run("pair-2", "pair"), lone};
  EXPECT_EQ(choose(both, {"lone"}).node.name, "v/h1");
  EXPECT_EQ(choose(both, {"pair", "h1"}).run.id, "pair-2");
  EXPECT_EQ(choose({both[0]}, {"h1"}).node.name, "v/h1");
  EXPECT_EQ(choose({lone}, {}).node.name, "v/h1");
  EXPECT_EQ(error_of([&] { choose(both, {"h1"}); }),
            "RUN: several runs are live, say which: pair-2, lone-1");
  // The scenario is called as one of its nodes.
  lone.scenario = "h1";
  EXPECT_EQ(choose({lone}, {"h1"}).node.name, "v/h1");
}

}  // namespace
}  // namespace violin
