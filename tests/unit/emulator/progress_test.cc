#include "emulator/network/progress.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace violin {
namespace {

using namespace literals;
using std::chrono::milliseconds;

constexpr Progress::State kHalfWay{Time::zero() + 30_s, 60_s, 1'500'000};

// Standard error is a terminal, or a pipe, until this ends; then all that was written is in text().
class StandardError {
 public:
  enum class Kind { kTerminal, kPipe };

  explicit StandardError(Kind kind) {
    std::fflush(stderr);
    saved_ = dup(STDERR_FILENO);
    int ends[2] = {-1, -1};
    if (kind == Kind::kPipe) {
      EXPECT_EQ(pipe(ends), 0);
    } else {
      ends[0] = posix_openpt(O_RDWR | O_NOCTTY);
      EXPECT_TRUE(grantpt(ends[0]) == 0 && unlockpt(ends[0]) == 0);
      ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY);
    }
    from_ = ends[0];
    EXPECT_GE(ends[1], 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    // What is not there yet is not waited for.
    fcntl(from_, F_SETFL, O_NONBLOCK);
  }
  ~StandardError() {
    std::fflush(stderr);
    dup2(saved_, STDERR_FILENO);
    close(saved_);
    close(from_);
  }
  std::string text() const {
    std::fflush(stderr);
    char bytes[4096];
    const ssize_t count = read(from_, bytes, sizeof bytes);
    return {bytes, count > 0 ? static_cast<size_t>(count) : 0};
  }

 private:
  int saved_ = -1;
  int from_ = -1;
};

// Tells the time that the test gives it.
struct SetClock {
  Progress::Clock::time_point now;
  Progress::ReadClock reader() {
    return [this] { return now; };
  }
};

TEST(Progress, SaysVirtualAndWallTimeSpeedUpAndFrames) {
  EXPECT_EQ(progress_text(kHalfWay, 2.0),
            " 50 %  30.0 s of 60 s virtual, 2.0 s wall, 15.0 x, 1.5 M frame hops");
}

TEST(Progress, HasNoNumbersThatAreNoneBeforeTheStart) {
  EXPECT_EQ(progress_text({Time::zero() - 5_s, 60_s, 0}, 0),
            "  0 %  0.0 s of 60 s virtual, 0.0 s wall, 0.0 x, 0.0 M frame hops");
}

TEST(Progress, IsDueAfterHalfASecondAndThenFiveTimesASecond) {
  const StandardError terminal(StandardError::Kind::kTerminal);
  SetClock clock;
  Progress progress(false, clock.reader());
  clock.now += milliseconds(499);
  EXPECT_FALSE(progress.due());
  clock.now += milliseconds(1);
  EXPECT_TRUE(progress.due());
  progress.update(kHalfWay);
  clock.now += milliseconds(199);
  EXPECT_FALSE(progress.due());
  clock.now += milliseconds(1);
  EXPECT_TRUE(progress.due());
}

TEST(Progress, WritesOneLineOverTheOtherAndClearsIt) {
  const StandardError terminal(StandardError::Kind::kTerminal);
  SetClock clock;
  {
    Progress progress(false, clock.reader());
    clock.now += milliseconds(2000);
    progress.update(kHalfWay);
    EXPECT_EQ(terminal.text(), "\r\033[K" + progress_text(kHalfWay, 2.0));
  }
  EXPECT_EQ(terminal.text(), "\r\033[K");
}

TEST(Progress, IsSilentWhenAskedToBeAndWhereThereIsNoTerminal) {
  for (const bool quiet : {true, false}) {
    const StandardError where(quiet ? StandardError::Kind::kTerminal : StandardError::Kind::kPipe);
    SetClock clock;
    {
      Progress progress(quiet, clock.reader());
      clock.now += milliseconds(60'000);
      EXPECT_FALSE(progress.due());
      progress.update(kHalfWay);
    }
    EXPECT_EQ(where.text(), "");
  }
}

}  // namespace
}  // namespace violin
