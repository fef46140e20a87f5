#include "emulator/realtime/mailbox.hh"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace violin {
namespace {

// A loop on a thread of its own, until it is ended.
class MailboxTest : public ::testing::Test {
 protected:
  void run() {
    thread_ = std::thread([this] {
      while (!realtime_.stopped()) realtime_.advance_to(Time::never());
      mailbox_.close("the loop is over");
    });
  }
  void end() {
    mailbox_.post([this] { realtime_.stop(); });
    if (thread_.joinable()) thread_.join();
  }
  void TearDown() override { end(); }

  std::string refusal() {
    try {
      mailbox_.call([] {});
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "done";
  }

  ScenarioClock clock_{ScenarioClock::monotonic_ns()};
  Realtime realtime_{clock_};
  Mailbox mailbox_{realtime_};
  std::thread thread_;
};

TEST_F(MailboxTest, HasWorkDoneOnTheThreadOfTheLoopInTheOrderItCame) {
  std::vector<int> done;
  std::thread::id where;
  for (int i = 0; i < 3; ++i) mailbox_.post([&done, i] { done.push_back(i); });
  EXPECT_TRUE(done.empty());
  run();
  mailbox_.call([&] { where = std::this_thread::get_id(); });
  EXPECT_EQ(done, (std::vector<int>{0, 1, 2})) << "before what came later";
  EXPECT_EQ(where, thread_.get_id());
}

TEST_F(MailboxTest, PassesOnWhatACallThrowsAndGoesOn) {
  run();
  EXPECT_THROW(mailbox_.call([] { throw std::out_of_range("no"); }), std::out_of_range);
  EXPECT_EQ(refusal(), "done");
}

TEST_F(MailboxTest, WorkThatPostsWorkHasItDoneAfterwards) {
  run();
  std::promise<int> inner;
  mailbox_.post([&] { mailbox_.post([&] { inner.set_value(7); }); });
  EXPECT_EQ(inner.get_future().get(), 7);
}

TEST_F(MailboxTest, LosesNothingOfWhatManyThreadsPost) {
  run();
  int count = 0;  // the loop's alone
  std::vector<std::thread> senders;
  for (int i = 0; i < 4; ++i) {
    senders.emplace_back([&] {
      for (int j = 0; j < 500; ++j) mailbox_.post([&count] { ++count; });
    });
  }
  for (std::thread& sender : senders) sender.join();
  mailbox_.call([] {});
  EXPECT_EQ(count, 2000);
}

TEST_F(MailboxTest, NobodyWaitsForALoopThatHasEnded) {
  run();
  end();
  EXPECT_EQ(refusal(), "the loop is over");
  bool done = false;
  mailbox_.post([&done] { done = true; });
  EXPECT_FALSE(done);
}

TEST_F(MailboxTest, WhoeverWaitsWhenTheLoopEndsIsTold) {
  // No loop has begun, so that the call is sure to wait.
  std::promise<void> posted;
  std::future<std::string> waiting = std::async(std::launch::async, [&] {
    posted.set_value();
    return refusal();
  });
  posted.get_future().get();
  mailbox_.close("it never began");
  EXPECT_EQ(waiting.get(), "it never began");
}

TEST_F(MailboxTest, OpensAgainWithoutWhatCameWhileItWasClosed) {
  mailbox_.close("not now");
  bool done = false;
  mailbox_.post([&done] { done = true; });
  mailbox_.open();
  run();
  EXPECT_EQ(refusal(), "done");
  EXPECT_FALSE(done);
}

}  // namespace
}  // namespace violin
