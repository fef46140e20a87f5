#include "emulator/deployment/agent_client.hh"

#include <gtest/gtest.h>

#include <mutex>

#include "emulator/deployment/clock_offset.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/realtime/scenario_clock.hh"
#include "emulator/results/build_info.hh"
#include "tests/support/agent_at_socket.hh"
#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

using namespace literals;

// An agent that says of itself what a test wants it to.
class Pretender final : public agent::v1::Agent::Service {
 public:
  grpc::Status Describe(grpc::ServerContext*, const agent::v1::DescribeRequest*,
                        agent::v1::Description* reply) override {
    const std::lock_guard lock(mutex_);
    *reply = description_;
    reply->set_monotonic_ns(ScenarioClock::monotonic_ns() + ahead_.ns());
    return grpc::Status::OK;
  }

  void set(const agent::v1::Description& description, Duration ahead = {}) {
    const std::lock_guard lock(mutex_);
    description_ = description;
    ahead_ = ahead;
  }

 private:
  std::mutex mutex_;
  agent::v1::Description description_;
  Duration ahead_;
};

class AgentClientTest : public ::testing::Test {
 protected:
  AgentClientTest() {
    ours_.set_version(program_version());
    ours_.set_commit(program_commit());
    ours_.set_boot_id(read_file("/proc/sys/kernel/random/boot_id"));
    pretender_.set(ours_);
  }
  std::string version_complaint() {
    try {
      client_.check_version();
    } catch (const AgentError& error) {
      return error.what();
    }
    return "none";
  }

  agent::v1::Description ours_;
  Pretender pretender_;
  AgentAtSocket agent_{pretender_};
  AgentClient client_{"b", agent_.socket(), std::chrono::seconds(20)};
};

TEST_F(AgentClientTest, AcceptsAnAgentOfItsOwnVersion) { EXPECT_EQ(version_complaint(), "none"); }

TEST_F(AgentClientTest, NamesBothVersionsWhenTheyDiffer) {
  ours_.set_version("0.0.9");
  pretender_.set(ours_);
  EXPECT_CONTAINS(version_complaint(), "the agent of b is of version 0.0.9 (");
  EXPECT_CONTAINS(version_complaint(), "this program of version " + program_version() + " (");
}

TEST_F(AgentClientTest, NamesBothCommitsWhenTheyDiffer) {
  ours_.set_commit("abcdef");
  pretender_.set(ours_);
  EXPECT_CONTAINS(version_complaint(),
                  "the agent of b is of version " + program_version() + " (abcdef)");
}

TEST_F(AgentClientTest, TakesAnAgentOfTheSameBootToReadTheSameClock) {
  EXPECT_EQ(measure_clock(client_).ahead, Duration());
  EXPECT_EQ(measure_clock(client_).error, Duration());
}

TEST_F(AgentClientTest, MeasuresTheClockOfAnotherMachine) {
  ours_.set_boot_id("another");
  pretender_.set(ours_, 1000_s);
  const ClockOffset offset = measure_clock(client_);
  EXPECT_GT(offset.error, Duration());
  EXPECT_LE(offset.ahead - offset.error, 1000_s);
  EXPECT_GE(offset.ahead + offset.error, 1000_s);
}

TEST_F(AgentClientTest, SeesThroughATimeNamespaceOfTheSameBoot) {
  pretender_.set(ours_, 1000_s);
  const ClockOffset offset = measure_clock(client_);
  EXPECT_LE(offset.ahead - offset.error, 1000_s);
  EXPECT_GE(offset.ahead + offset.error, 1000_s);
}

TEST_F(AgentClientTest, SaysWhichAgentIsLost) {
  agent_.end();
  try {
    client_.describe();
    FAIL();
  } catch (const AgentLost& error) {
    EXPECT_CONTAINS(error.what(), "the agent of b could not say who it is");
  }
}

}  // namespace
}  // namespace violin
