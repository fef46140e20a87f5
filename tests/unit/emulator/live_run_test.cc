#include "emulator/deployment/live_run.hh"

#include <gtest/gtest.h>

#include <sstream>

#include "emulator/deployment/run_registry.hh"

namespace violin {
namespace {

LiveRun example() {
  LiveRun run;
  run.id = "pair-4711";
  run.scenario = "pair";
  run.file = "/home/me/pair.yaml";
  run.folder = "/home/me/runs/pair/001";
  run.pid = 4711;
  run.began = 1'700'000'000;
  run.phase = LiveRun::Phase::kRunning;
  run.seconds_left = 2.5;
  run.agents = 3;
  run.nodes = {{"v/h1", true, "/proc/4712/root/run/violin/a.sock"}, {"v/s1", false, ""}};
  return run;
}

TEST(LiveRun, ComesBackFromItsTextAsItWas) {
  const auto read = LiveRun::parse(example().text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, "pair-4711");
  EXPECT_EQ(read->scenario, "pair");
  EXPECT_EQ(read->file, "/home/me/pair.yaml");
  EXPECT_EQ(read->folder, "/home/me/runs/pair/001");
  EXPECT_EQ(read->pid, 4711);
  EXPECT_EQ(read->began, 1'700'000'000);
  EXPECT_EQ(read->phase, LiveRun::Phase::kRunning);
  EXPECT_EQ(read->seconds_left, 2.5);
  EXPECT_EQ(read->agents, 3u);
  ASSERT_EQ(read->nodes.size(), 2u);
  EXPECT_EQ(read->nodes[0].name, "v/h1");
  EXPECT_TRUE(read->nodes[0].real);
  EXPECT_EQ(read->nodes[0].socket, "/proc/4712/root/run/violin/a.sock");
  EXPECT_FALSE(read->nodes[1].real);
}

TEST(LiveRun, KeepsEveryPhaseAndAnUnknownRest) {
  using Phase = LiveRun::Phase;
  for (const Phase phase : {Phase::kBuilding, Phase::kRunning, Phase::kFinishing, Phase::kHeld}) {
    LiveRun run = example();
    run.phase = phase;
    run.seconds_left.reset();
    const auto read = LiveRun::parse(run.text());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->phase, phase);
    EXPECT_FALSE(read->seconds_left);
  }
}

TEST(LiveRun, TellsWhatIsNoneWhoeverSentIt) {
  const std::string whole = example().text();
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(LiveRun::parse(whole.substr(0, size))) << size;
  }
  for (const char* text : {"", "null", "[]", "{}", "17", "\xff", R"({"id": 5})"}) {
    EXPECT_FALSE(LiveRun::parse(text)) << text;
  }
  LiveRun odd = example();
  odd.id = "a b\x1b[2J";
  EXPECT_FALSE(LiveRun::parse(odd.text())) << "an id goes to a terminal";
}

TEST(LiveRun, HasASocketNamedAfterItsUserAndItself) {
  const auto socket = parse_run_socket_name(run_socket_name(1000, "pair-4711"));
  ASSERT_TRUE(socket);
  EXPECT_EQ(socket->user, 1000u);
  EXPECT_EQ(socket->id, "pair-4711");
  for (const char* other :
       {"", "violin/run/", "violin/run/1000", "violin/run/1000/", "violin/run//pair-1",
        "violin/run/-1/pair-1", "violin/run/9999999999/pair-1", "violin/run/1/a/b",
        "violin/runs/1/a", "violin/run/1/a b", "xviolin/run/1/a"}) {
    EXPECT_FALSE(parse_run_socket_name(other)) << other;
  }
}

TEST(RunRegistry, FindsEverySocketOfARunOnceInTheKernelsTable) {
  std::istringstream table(
      "Num       RefCount Protocol Flags    Type St Inode Path\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 111 @violin/run/0/pair-1\n"
      "0000000000000000: 00000003 00000000 00000000 0001 03 112 @violin/run/0/pair-1\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 113 /run/violin/run/0/file-2\n"
      "0000000000000000: 00000003 00000000 00000000 0001 03 114\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 115 @violin/run/7/star-3\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 116 @/tmp/.X11-unix/X0\n");
  const std::vector<RunSocket> sockets = read_run_sockets(table);
  ASSERT_EQ(sockets.size(), 2u);
  EXPECT_EQ(sockets[0].id, "pair-1");
  EXPECT_EQ(sockets[0].user, 0u);
  EXPECT_EQ(sockets[1].id, "star-3");
  EXPECT_EQ(sockets[1].user, 7u);
}

}  // namespace
}  // namespace violin
