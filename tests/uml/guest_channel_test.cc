#include "emulator/uml/guest_channel.hh"

#include <gtest/gtest.h>
#include <poll.h>

#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "emulator/os/child_process.hh"
#include "emulator/uml/uml_process.hh"
#include "tests/uml/channel_text.hh"
#include "tests/uml/job_fixture.hh"
#include "tests/uml/leftovers.hh"

// Programs asked for over a channel, both ends of which are the real ones; only the kernel between
// them is not.

namespace violin::testing {
namespace {

class Channel : public ::testing::Test {
 protected:
  std::unique_ptr<UmlProcess> start(const std::vector<std::string>& argv) {
    return std::make_unique<UmlProcess>(guest_.channel(),
                                        ProgramOrder{.argv = argv, .as_root = true});
  }

  JobRunner guest_{GuestOrder{.stay = true}};
};

TEST_F(Channel, GivesAProgramItsInputAndUsWhatBecomesOfIt) {
  const auto process = start({"sh", "-c", "read a; echo \"got $a\"; cat >&2; exit 7"});
  write_all(process->streams().input, "one\ntwo\n");
  EXPECT_FALSE(process->finished());
  process->streams().input.close();
  EXPECT_EQ(read_all(process->streams().output), "got one\n");
  EXPECT_EQ(read_all(process->streams().error), "two\n");
  EXPECT_EQ(process->wait(), 7);
  EXPECT_EQ(process->finished(), 7);
}

TEST_F(Channel, SaysWhichProgramsCannotBeRun) {
  EXPECT_THROW(start({"no-such-program"}), ProgramMissing);
  try {
    start({"/etc/passwd"});
    FAIL() << "it runs";
  } catch (const std::system_error& error) {
    EXPECT_STREQ(error.what(),
                 "cannot start /etc/passwd in a guest: cannot execute the program: "
                 "Permission denied");
  }
  EXPECT_THROW(start({"true", std::string(70'000, 'x')}), std::system_error);
  EXPECT_EQ(start({"true"})->wait(), 0) << "and goes on";
}

TEST_F(Channel, CarriesMuchBothWaysUnchanged) {
  const auto process = start({"cat"});
  std::string text;
  for (int i = 0; text.size() < (4u << 20); ++i) text += std::to_string(i) + " ";
  std::thread writer([&] {
    write_all(process->streams().input, text);
    process->streams().input.close();
  });
  const std::string back = read_all(process->streams().output);
  writer.join();
  EXPECT_TRUE(back == text) << back.size() << " bytes of " << text.size();
  EXPECT_EQ(process->wait(), 0);
}

// One that reads nothing, and one whose output nobody reads.
TEST_F(Channel, NoProgramHoldsUpAnother) {
  const auto deaf = start({"sleep", "1000"}), unheard = start({"yes"});
  std::thread writer([&] { write_all(deaf->streams().input, std::string(4 << 20, 'x')); });
  for (int i = 0; i < 20; ++i) {
    const auto process = start({"echo", "here"});
    EXPECT_EQ(read_all(process->streams().output), "here\n");
  }
  // Its first bytes wait for whoever reads on.
  EXPECT_EQ(read_some(unheard->streams().output, 4), "y\ny\n");
  deaf->signal(SIGKILL);
  EXPECT_EQ(deaf->wait(), 128 + SIGKILL);
  writer.join();
}

TEST_F(Channel, PassesSignalsToAllOfAProgram) {
  const auto process =
      start({"sh", "-c", "trap 'echo caught; exit 9' TERM; echo ready; sleep 1000 & wait"});
  EXPECT_EQ(read_some(process->streams().output, 6), "ready\n");
  process->signal(SIGTERM);
  EXPECT_EQ(read_all(process->streams().output), "caught\n") << "and its sleep has ended, too";
  EXPECT_EQ(process->wait(), 9);
}

TEST_F(Channel, GivesAProgramATerminal) {
  const std::string script =
      "trap 'stty size' WINCH; stty size; tty >/dev/null && echo at a terminal; "
      "while sleep 0.01; do :; done";
  UmlProcess process(
      guest_.channel(),
      {.argv = {"sh", "-c", script}, .as_root = true, .terminal = TerminalSize{100, 30}});
  EXPECT_EQ(read_line(process.streams().output), "30 100\r\n");
  EXPECT_EQ(read_line(process.streams().output), "at a terminal\r\n");
  EXPECT_FALSE(process.streams().error.is_open());
  process.resize({120, 40});
  EXPECT_EQ(read_line(process.streams().output), "40 120\r\n");
  write_all(process.streams().input, "\x03");
  EXPECT_EQ(process.wait(), 128 + SIGINT) << "Ctrl-C";
}

TEST_F(Channel, HangsUpATerminalWhoseInputEnds) {
  UmlProcess process(guest_.channel(),
                     {.argv = {"sleep", "1000"}, .as_root = true, .terminal = TerminalSize()});
  process.streams().input.close();
  EXPECT_EQ(process.wait(), 128 + SIGHUP);
}

// Something that has left the program's group holds its output open.
TEST_F(Channel, DoesNotWaitForWhatAProgramLeavesBehind) {
  const auto process =
      start({"sh", "-c", "setsid sh -c 'echo left; exec sleep 20' & read word; exit 3"});
  EXPECT_EQ(read_line(process->streams().output), "left\n");
  process->streams().input.close();
  EXPECT_EQ(process->wait(), 3);
  EXPECT_EQ(read_all(process->streams().output), "");
}

TEST_F(Channel, KillsAProgramWhoseOwnerIsDestroyed) {
  auto process = start({"sh", "-c", "echo $$; exec sleep 1000"});
  const pid_t pid = std::stoi(read_line(process->streams().output));
  EXPECT_EQ(kill(pid, 0), 0);
  process.reset();
  EXPECT_TRUE(eventually([pid] { return kill(pid, 0) != 0; }));
}

TEST_F(Channel, GoesOnWhenNobodyReadsAProgram) {
  const auto process = start({"sh", "-c", "head -c 1000000 /dev/zero; exit 4"});
  process->streams().output.close();
  EXPECT_EQ(process->wait(), 4);
}

TEST_F(Channel, EndsItsProgramsWithTheGuest) {
  const auto process = start({"sleep", "1000"});
  guest_.kill();
  pollfd exit = {.fd = process->exit_descriptor(), .events = POLLIN};
  EXPECT_EQ(poll(&exit, 1, 10'000), 1);
  EXPECT_EQ(process->wait(), 128 + SIGKILL);
  EXPECT_EQ(read_all(process->streams().output), "");
  try {
    start({"true"});
    FAIL() << "it runs";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ECONNRESET);
  }
}

TEST_F(Channel, RunsABoundedNumberAtATime) {
  std::vector<std::unique_ptr<UmlProcess>> processes;
  for (size_t i = 0; i < kChannelProgramsMax; ++i) processes.push_back(start({"sleep", "1000"}));
  EXPECT_THROW(start({"true"}), std::system_error);
  processes.pop_back();
  EXPECT_EQ(start({"true"})->wait(), 0);
}

TEST(GuestChannel, DoesNotWaitForASilentGuest) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const FileDescriptor silent(ends[0]);
  const auto channel = std::make_shared<GuestChannel>(FileDescriptor(ends[1]));
  try {
    UmlProcess(channel, {.argv = {"true"}}, std::chrono::milliseconds(10));
    FAIL() << "it runs";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ETIMEDOUT);
  }
}

}  // namespace
}  // namespace violin::testing
