#include "emulator/os/child_process.hh"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace violin {
namespace {

TEST(ChildProcess, TellsTheExitStatus) {
  ChildProcess good({"true"});
  EXPECT_EQ(good.wait(), 0);
  ChildProcess bad({"false"});
  EXPECT_EQ(bad.wait(), 1);
}

TEST(ChildProcess, FeedsItsInputAndInterpretsNoArgument) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "child $HOME;x";
  ChildProcess copy({"tee", file.string()}, {.output = "/dev/null"});
  const std::string text(300'000, 'x');
  EXPECT_TRUE(copy.feed(text));
  EXPECT_EQ(copy.wait(), 0);
  std::ifstream written(file);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(written), {}), text);
  std::filesystem::remove(file);
}

TEST(ChildProcess, SaysThatTheChildDidNotReadToTheEnd) {
  ChildProcess deaf({"true"});
  EXPECT_FALSE(deaf.feed(std::string(1'000'000, 'x')));
  EXPECT_EQ(deaf.wait(), 0);
}

TEST(ChildProcess, NamesAProgramThatIsNotInstalled) {
  EXPECT_THROW(ChildProcess({"violin-no-such-program"}), ProgramMissing);
}

TEST(ChildProcess, EndsByASignalAs128AndItsNumber) {
  ChildProcess waiting({"cat"}, {.output = "/dev/null"});
  EXPECT_FALSE(waiting.finished());
  waiting.interrupt();
  EXPECT_EQ(waiting.wait(), 128 + SIGINT);
}

TEST(ChildProcess, DoesNotOutliveItsOwner) {
  // `cat` reads until its input is closed; being destroyed, the owner must not wait for that.
  { const ChildProcess waiting({"cat"}); }
  ChildProcess first({"cat"});
  first = ChildProcess({"true"});
  EXPECT_EQ(first.wait(), 0);
}

}  // namespace
}  // namespace violin
