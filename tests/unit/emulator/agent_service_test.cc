#include "emulator/agent/agent_service.hh"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <thread>
#include <vector>

#include "emulator/deployment/agent_client.hh"
#include "emulator/deployment/agent_reservation.hh"
#include "emulator/realtime/scenario_clock.hh"
#include "emulator/results/result_reader.hh"
#include "tests/support/agent_at_socket.hh"
#include "tests/support/scenario_text.hh"

// The stages of a run on one agent, with models alone, so that it needs no rights.

namespace violin {
namespace {

// v1/h1 ── v1/h2, pinging each other for as long as anybody looks.
std::string models() {
  return test::written(test::read(test::with_head(R"(violins:
  v1:
    nodes: {h1..h2: {kind: host, backend: model}}
    links: [{name: l, endpoints: [h1, h2]}]
workloads:
  - {name: p, ping: {from: v1/h1, to: v1/h2, count: 1000, interval: 1 ms}}
capture: [v1/h1:eth0]
)")));
}

std::string refusal_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const AgentError& error) {
    return error.what();
  }
  return "done";
}

class AgentServiceTest : public ::testing::Test {
 protected:
  SliceOrder order(const std::string& run) const { return {run, models(), "", {}, {}, {}}; }
  void start() {
    client_.connect(std::chrono::seconds(20));
    client_.start({ScenarioClock::monotonic_ns(), 1'700'000'000'000'000'000});
  }
  std::filesystem::path folder(const std::string& name) const {
    std::filesystem::create_directories(folder_.path() / name);
    return folder_.path() / name;
  }
  bool is_handed_over(const std::string& name) const {
    return std::filesystem::exists(folder_.path() / name / "summary.json");
  }

  TemporaryFolder folder_;
  std::promise<void> released_;
  AgentService service_{folder_.path() / "agent", [this] { released_.set_value(); }};
  AgentAtSocket agent_{service_};
  AgentClient client_{"b", agent_.socket(), std::chrono::seconds(20)};
};

TEST_F(AgentServiceTest, RefusesASecondRunWithTheNameOfTheFirst) {
  client_.build(order("first-1"));
  EXPECT_CONTAINS(refusal_of([&] { client_.build(order("second-2")); }), "the run first-1 has it");
  EXPECT_CONTAINS(refusal_of([&] { client_.build(order("first-1")); }), "the run first-1 has it")
      << "nor is it built twice";
}

TEST_F(AgentServiceTest, RefusesEverythingOutOfTurn) {
  const auto connect = [&] { client_.connect(std::chrono::seconds(1)); };
  const auto begin = [&] { client_.start({}); };
  const auto finish = [&] { client_.finish(folder("none")); };
  EXPECT_CONTAINS(refusal_of(connect), "there is nothing to connect");
  EXPECT_CONTAINS(refusal_of(begin), "there is nothing to start");
  EXPECT_CONTAINS(refusal_of(finish), "there is nothing to end");
  client_.build(order("r"));
  EXPECT_CONTAINS(refusal_of(begin), "there is nothing to start") << "it is not connected";
  start();
  EXPECT_CONTAINS(refusal_of(connect), "there is nothing to connect");
  EXPECT_CONTAINS(refusal_of(begin), "there is nothing to start");
  client_.finish(folder("one"));
  EXPECT_CONTAINS(refusal_of(finish), "there is nothing to end");
  EXPECT_CONTAINS(refusal_of([&] { client_.build(order("")); }), "a run has a name");
}

TEST_F(AgentServiceTest, HandsOverAndIsFreeForTheNextRun) {
  for (const char* run : {"one", "two"}) {
    client_.build(order(run));
    start();
    client_.finish(folder(run));
    EXPECT_TRUE(is_handed_over(run));
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "agent")) << "nothing is left behind";
  }
}

TEST_F(AgentServiceTest, MeasuresWhatARunDidSinceItsStart) {
  client_.build(order("r"));
  start();
  client_.finish(folder("r"));
  const RunResult result = read_result(folder_.path() / "r");
  EXPECT_EQ(result.identity.clock, "real");
  EXPECT_EQ(result.workloads.size(), 1u);
  ASSERT_EQ(result.captures.size(), 1u);
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "r" / result.captures[0]));
}

TEST_F(AgentServiceTest, HandsARunThatIsHeldOverOnce) {
  client_.build(order("r"));
  start();
  client_.finish(folder("r"), AgentClient::Afterwards::kHold);
  EXPECT_TRUE(is_handed_over("r"));
  EXPECT_CONTAINS(refusal_of([&] { client_.finish(folder("again")); }), "there is nothing to end");
  EXPECT_CONTAINS(refusal_of([&] { client_.build(order("next")); }), "the run r has it");
}

TEST_F(AgentServiceTest, OnlyOneOfManyWhoFinishAtATimeGetsTheResults) {
  client_.build(order("r"));
  start();
  std::atomic<int> refused = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&, i] {
      if (refusal_of([&] { client_.finish(folder(std::to_string(i))); }) != "done") ++refused;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(refused, 3);
}

TEST_F(AgentServiceTest, AReservedAgentIsNobodyElses) {
  AgentReservation reservation(client_, "mine-1");
  EXPECT_CONTAINS(refusal_of([&] { AgentReservation(client_, "yours-2"); }),
                  "the agent of b could not be had for this run: the run mine-1 has it");
  EXPECT_CONTAINS(refusal_of([&] { client_.build(order("yours-2")); }), "the run mine-1 has it");
  client_.build(order("mine-1"));
  EXPECT_FALSE(reservation.is_lost());
}

TEST_F(AgentServiceTest, EndsTheRunWithItsReservation) {
  {
    AgentReservation reservation(client_, "mine-1");
    client_.build(order("mine-1"));
    start();
  }
  released_.get_future().get();
  EXPECT_CONTAINS(refusal_of([&] { client_.build(order("mine-1")); }), "it is ending");
}

// Whoever called meanwhile learns that it is lost, and not what that made impossible.
TEST_F(AgentServiceTest, SaysThatItEndsWhateverIsAskedOfIt) {
  client_.build(order("r"));
  start();
  service_.end_all();
  const std::vector<std::function<void()>> calls = {
      [&] { client_.build(order("next")); }, [&] { client_.connect(std::chrono::seconds(1)); },
      [&] { client_.start({}); }, [&] { client_.finish(folder("none")); },
      [&] {
        client_.execute({"v1/h1", {"true"}, false, {}}, [] { return false; });
      }};
  for (const std::function<void()>& call : calls) {
    EXPECT_THROW(call(), AgentLost);
    EXPECT_CONTAINS(refusal_of(call), "it is ending");
  }
}

TEST_F(AgentServiceTest, TellsWhoHasReservedItThatItIsGone) {
  AgentReservation reservation(client_, "mine-1");
  agent_.end();
  while (!reservation.is_lost()) std::this_thread::yield();
}

TEST_F(AgentServiceTest, RunsNoProgramInAModelOrInWhatIsNotThere) {
  client_.build(order("r"));
  for (const char* node : {"v1/h1", "v1/h9", "underlay/a"}) {
    EXPECT_CONTAINS(refusal_of([&] {
                      client_.execute({node, {"true"}, false, {}}, [] { return false; });
                    }),
                    std::string(node) + " is no real node here");
  }
}

}  // namespace
}  // namespace violin
