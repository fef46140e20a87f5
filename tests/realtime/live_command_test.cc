#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <filesystem>

#include "emulator/deployment/live_run.hh"
#include "emulator/deployment/run_socket.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/os/pseudo_terminal.hh"
#include "tests/realtime/run_fixture.hh"
#include "tests/realtime/shell.hh"

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

// With a network that is held.
class LiveCommand : public RunTest {
 protected:
  void SetUp() override {
    RunTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    write("held.yaml", two_hosts("", "100 ms"));
    held_.emplace(
        std::vector<std::string>{"run", "--clock", "real", "--hold", "--out", "held", "held.yaml"},
        here());
    ASSERT_TRUE(eventually([this] { return held_->output().find("ends it") != std::string::npos; }))
        << held_->output() << held_->error();
  }
  void TearDown() override {
    held_.reset();
    RunTest::TearDown();
  }
  std::string id() const { return "two-" + std::to_string(held_->pid()); }
  Outcome exec(std::vector<std::string> words, const std::string& input = "") const {
    words.insert(words.begin(), "exec");
    return violin(words, input);
  }

  std::optional<Violin> held_;
};

TEST_F(LiveCommand, ListsTheRun) {
  const Outcome listed = violin({"ls"});
  EXPECT_EQ(listed.status, 0) << listed.error;
  for (const std::string& word :
       {id(), std::string("held"), std::string("5 + 2 models"), (folder() / "held.yaml").string(),
        (folder() / "held").string()}) {
    EXPECT_NE(listed.output.find(word), std::string::npos) << word << " in\n" << listed.output;
  }
  EXPECT_TRUE(fs::exists(folder() / "held" / "summary.json")) << "results are there already";
}

TEST_F(LiveCommand, RunsProgramsInEveryKindOfRealNode) {
  for (const char* node : {"v/h1", "h2", "r1", "underlay/a", "b"}) {
    const Outcome ran = exec({node, "--", "uname", "-n"});
    EXPECT_EQ(ran.status, 0) << ran.error;
    const std::string name = node;
    EXPECT_EQ(ran.output, name.substr(name.find('/') + 1) + "\n");
  }
  const Outcome ping = exec({id(), "h1", "--", "ping", "-c", "2", "-i", "0.05", "h2"});
  EXPECT_EQ(ping.status, 0) << ping.output << ping.error;
}

TEST_F(LiveCommand, PassesStreamsAndStatus) {
  const Outcome ran = exec({"h1", "--", "sh", "-c", "cat; echo no >&2; exit 42"}, "some\ntext");
  EXPECT_EQ(ran.status, 42);
  EXPECT_EQ(ran.output, "some\ntext");
  EXPECT_EQ(ran.error, "no\n");
  EXPECT_EQ(exec({"h1", "--", "sh", "-c", "kill -TERM $$"}).status, 128 + SIGTERM);
  const std::string much(3'000'000, 'x');
  EXPECT_EQ(exec({"h1", "--", "cat"}, much).output, much);
}

// The agent writes to a pipe that nobody reads: of the underlay it is one that no shell started.
TEST_F(LiveCommand, SurvivesAProgramThatDoesNotReadItsInput) {
  for (const char* node : {"underlay/a", "h1"}) {
    EXPECT_EQ(exec({node, "--", "true"}, std::string(3'000'000, 'x')).status, 0) << node;
    EXPECT_EQ(exec({node, "--", "echo", "there"}).output, "there\n") << node;
  }
}

TEST_F(LiveCommand, IsNobodyUnlessRootIsAskedFor) {
  EXPECT_EQ(exec({"h1", "--", "id", "-un"}).output, "nobody\n");
  EXPECT_EQ(exec({"--root", "h1", "--", "id", "-un"}).output, "root\n");
}

TEST_F(LiveCommand, PassesAnInterruptOn) {
  Violin slow({"exec", "h1", "--", "sh", "-c",
               "trap 'echo heard; exit 5' INT; echo ready; while :; do sleep 0.05; done"},
              here());
  ASSERT_TRUE(eventually([&] { return slow.output() == "ready\n"; })) << slow.error();
  slow.signal(SIGINT);
  const Outcome ended = slow.wait();
  EXPECT_EQ(ended.status, 5);
  EXPECT_EQ(ended.output, "ready\nheard\n");
}

TEST_F(LiveCommand, KillsWhatDoesNotListenAtTheThirdInterrupt) {
  Violin deaf({"exec", "h1", "--", "sh", "-c", "trap '' INT; echo ready; exec sleep 1000"}, here());
  ASSERT_TRUE(eventually([&] { return deaf.output() == "ready\n"; })) << deaf.error();
  ASSERT_TRUE(eventually([&] {
    deaf.signal(SIGINT);
    return deaf.has_ended();
  }));
  EXPECT_EQ(deaf.wait().status, 128 + SIGINT);
}

TEST_F(LiveCommand, RefusesAModelAndWhatIsNotThere) {
  const Outcome model = exec({"m1", "--", "true"});
  EXPECT_EQ(model.status, 2);
  EXPECT_NE(model.error.find("v/m1 is a model"), std::string::npos) << model.error;
  EXPECT_EQ(exec({"h9", "--", "true"}).status, 2);
  EXPECT_EQ(exec({"other", "h1", "--", "true"}).status, 2);
  EXPECT_EQ(exec({"h1"}).status, 2);
  const Outcome missing = exec({"h1", "--", "no-such-program"});
  EXPECT_EQ(missing.status, 3);
  EXPECT_NE(missing.error.find("no-such-program is not installed"), std::string::npos)
      << missing.error;
}

TEST_F(LiveCommand, EndsTheRunThatIsCleaned) {
  const Outcome cleaned = violin({"clean", "two"});
  EXPECT_EQ(cleaned.status, 0) << cleaned.error;
  EXPECT_EQ(cleaned.output, id() + " has ended\n");
  EXPECT_EQ(held_->wait().status, 0);
  EXPECT_EQ(violin({"ls"}).output, "Nothing runs under the real clock.\n");
}

TEST_F(LiveCommand, EndsWithAnInterrupt) {
  held_->signal(SIGINT);
  EXPECT_EQ(held_->wait().status, 0);
}

// ---- other users --------------------------------------------------------------------------------

// In a process of an ordinary user.
template <class Work>
bool holds_for_nobody(const Work& work) {
  const pid_t child = fork();
  if (child == 0) _exit(setgid(65534) == 0 && setuid(65534) == 0 && work() ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  return status == 0;
}

std::string described(const std::string& socket) {
  const FileDescriptor connection = connect_to_run_socket(socket, 0);
  if (!connection.is_open()) return "";
  send_request(connection.get(), kDescribeRequest);
  return receive_all(connection.get(), 100'000);
}

TEST_F(LiveCommand, TellsOtherUsersNothing) {
  const std::string socket = run_socket_name(0, id());
  EXPECT_TRUE(LiveRun::parse(described(socket)));
  EXPECT_TRUE(holds_for_nobody([&] { return described(socket).empty(); }));
  const auto ended_by_nobody = [&] {
    const FileDescriptor connection = connect_to_run_socket(socket, 0);
    send_request(connection.get(), kEndRequest);
    return !receive_all(connection.get(), 100).empty();
  };
  EXPECT_FALSE(holds_for_nobody(ended_by_nobody));
  EXPECT_EQ(exec({"h1", "--", "true"}).status, 0) << "it still runs";
}

TEST_F(LiveCommand, IsNotTakenInByAnotherUserWhoPretendsToBeARunOfOurs) {
  const std::string socket = run_socket_name(0, "fake-1");
  const DescriptorPair ready = make_pipe();
  const pid_t faker = fork();
  if (faker == 0) {
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(1);
    const FileDescriptor listening = listen_at_run_socket(socket);
    if (::write(ready.second.get(), "r", 1) != 1) _exit(1);
    for (;;) pause();
  }
  char letter = 0;
  ASSERT_EQ(::read(ready.first.get(), &letter, 1), 1);
  EXPECT_FALSE(connect_to_run_socket(socket, 0).is_open());
  EXPECT_TRUE(connect_to_run_socket(socket, 65534).is_open()) << "whose it is";
  EXPECT_EQ(violin({"ls"}).output.find("fake"), std::string::npos);
  kill(faker, SIGKILL);
}

// ---- a shell ------------------------------------------------------------------------------------

TEST_F(LiveCommand, OpensAShellThatIsControlledByTheTerminal) {
  Shell shell(folder(), "h1");
  shell.terminal().resize(99, 33);
  shell.type("PS1='for''ward> '; echo rea''dy; stty size; uname -n\n");
  EXPECT_NE(shell.read_until("h1\r\n").find("33 99"), std::string::npos);
  EXPECT_TRUE(shell.is_raw());
  // Interrupted before the program runs, the shell would hand it the lines that follow.
  shell.type("sh -c \"echo at''work; exec cat\"; echo inter''rupted\n");
  EXPECT_NE(shell.read_until("atwork").find("atwork"), std::string::npos);
  shell.type("\x03");
  // Until it asks for more, what is typed is thrown away with what was interrupted.
  EXPECT_NE(shell.read_until("forward> ").find("^C"), std::string::npos);
  shell.terminal().resize(70, 20);
  shell.violin().signal(SIGWINCH);
  shell.type("until [ \"$(stty size)\" = '20 70' ]; do sleep 0.05; done; echo resi''zed\n");
  EXPECT_NE(shell.read_until("resized").find("resized"), std::string::npos);
  shell.type("exit 9\n");
  shell.read_until("logout");
  EXPECT_EQ(shell.violin().wait().status, 9);
  EXPECT_FALSE(shell.is_raw());
}

TEST_F(LiveCommand, RestoresTheTerminalHoweverTheShellEnds) {
  for (const int signal : {SIGTERM, SIGHUP, SIGKILL}) {
    Shell shell(folder(), "h1");
    ASSERT_TRUE(eventually([&] { return shell.is_raw(); }));
    shell.violin().signal(signal);
    EXPECT_EQ(shell.violin().wait().status, 128 + signal);
    EXPECT_TRUE(eventually([&] { return !shell.is_raw(); })) << signal;
  }
}

TEST_F(LiveCommand, AsksForATerminalWhereThereIsNone) {
  const Outcome refused = violin({"shell", "h1"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.error.find("needs a terminal"), std::string::npos) << refused.error;
}

}  // namespace
}  // namespace violin::testing
