#include "emulator/uml/uml_process.hh"

#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "emulator/os/child_process.hh"
#include "tests/uml/channel_text.hh"
#include "tests/uml/leftovers.hh"
#include "tests/uml/uml_fixture.hh"

// Programs in a guest with a kernel of its own, while it runs.

namespace violin::testing {
namespace {

class UmlStay : public Uml {
 protected:
  void SetUp() override {
    Uml::SetUp();
    if (IsSkipped()) return;
    options_.order.stay = true;
    guest_.emplace(options_);
  }

  std::unique_ptr<UmlProcess> start(const std::vector<std::string>& argv, bool as_root = false) {
    return std::make_unique<UmlProcess>(guest_->channel(),
                                        ProgramOrder{.argv = argv, .as_root = as_root});
  }
  std::string output_of(const std::vector<std::string>& argv, bool as_root = false) {
    const auto process = start(argv, as_root);
    const std::string text = read_all(process->streams().output);
    EXPECT_EQ(process->wait(), 0) << read_all(process->streams().error);
    return text;
  }

  std::optional<UmlGuest> guest_;
};

TEST_F(UmlStay, RunsWhatItIsAskedTo) {
  EXPECT_TRUE(output_of({"uname", "-n", "-r"}).starts_with("h1 6.12."));
  EXPECT_EQ(output_of({"id", "-u"}), "65534\n");
  EXPECT_EQ(output_of({"id", "-u"}, true), "0\n");
  EXPECT_EQ(start({"sh", "-c", "exit 7"})->wait(), 7);
  EXPECT_THROW(start({"no-such-program"}), ProgramMissing);
  const auto killed = start({"sleep", "1000"});
  killed->signal(SIGTERM);
  EXPECT_EQ(killed->wait(), 128 + SIGTERM);
  EXPECT_FALSE(guest_->finished());
}

TEST_F(UmlStay, CarriesMuchBothWaysUnchanged) {
  const auto process = start({"cat"});
  std::string text;
  for (int i = 0; text.size() < (1u << 20); ++i) text += std::to_string(i) + "\r\n\x03\x11\x13";
  std::thread writer([&] {
    write_all(process->streams().input, text);
    process->streams().input.close();
  });
  const std::string back = read_all(process->streams().output);
  writer.join();
  EXPECT_TRUE(back == text) << back.size() << " bytes of " << text.size();
}

// The line is full of what nobody reads; what others write comes through.
TEST_F(UmlStay, NoProgramHoldsUpAnother) {
  const auto unheard = start({"yes"}), deaf = start({"sleep", "1000"});
  std::thread writer([&] { write_all(deaf->streams().input, std::string(1 << 20, 'x')); });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(output_of({"echo", "here"}), "here\n");
  deaf->signal(SIGKILL);
  writer.join();
}

TEST_F(UmlStay, GivesAProgramATerminal) {
  const std::string script = "stty size; read word; echo got $word; exec sleep 1000";
  UmlProcess shell(guest_->channel(),
                   {.argv = {"sh", "-c", script}, .terminal = TerminalSize{100, 30}});
  EXPECT_EQ(read_line(shell.streams().output), "30 100\r\n");
  write_all(shell.streams().input, "word\r");
  EXPECT_EQ(read_line(shell.streams().output), "word\r\n") << "which is its echo";
  EXPECT_EQ(read_line(shell.streams().output), "got word\r\n");
  write_all(shell.streams().input, "\x03");
  EXPECT_EQ(shell.wait(), 128 + SIGINT);
}

TEST_F(UmlStay, EndsItsProgramsWhenItPanics) {
  const auto sleep = start({"sleep", "1000"});
  const auto panic = start({"sh", "-c", "read word; echo c > /proc/sysrq-trigger"}, true);
  panic->streams().input.close();
  EXPECT_EQ(guest_->wait(), UmlEnding::kPanicked);
  EXPECT_EQ(sleep->wait(), 128 + SIGKILL);
  EXPECT_EQ(panic->wait(), 128 + SIGKILL);
}

TEST_F(UmlStay, ReadsAHostileGuestAsAStranger) {
  EXPECT_EQ(start({"sh", "-c", "echo x > /dev/ttyS0"})->wait(), 2) << "nobody may not";
  const auto sleep = start({"sleep", "1000"});
  const auto hostile = start({"sh", "-c", "read word; cat /dev/zero > /dev/ttyS0"}, true);
  hostile->streams().input.close();
  EXPECT_EQ(sleep->wait(), 128 + SIGKILL) << "nothing can be told from what comes";
  EXPECT_EQ(hostile->wait(), 128 + SIGKILL);
  EXPECT_THROW(start({"true"}), std::system_error);
  EXPECT_FALSE(guest_->finished());
}

TEST_F(UmlStay, StaysWhenItsJobsAreDoneAndLeavesNothing) {
  guest_.reset();
  add_job({"true"});
  const Leftovers before;
  guest_.emplace(options_);
  ASSERT_TRUE(eventually(
      [&] { return guest_->journal().jobs[0].state == GuestJournal::JobState::kEnded; }));
  const auto process = start({"sleep", "1000"});
  EXPECT_FALSE(guest_->journal().done);
  guest_.reset();
  EXPECT_EQ(Leftovers::since(before), "");
}

TEST_F(Uml, HasNoChannelUnlessItStays) {
  add_job({"sh", "-c", "echo x > /dev/ttyS0"}, true);
  const UmlGuest guest = run();
  EXPECT_EQ(guest.channel(), nullptr);
}

}  // namespace
}  // namespace violin::testing
