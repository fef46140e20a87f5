#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/support/join_expectations.hh"
#include "tests/support/join_network.hh"

// Who is not admitted, and what he is told.

namespace violin::testing {
namespace {

using namespace literals;

// What becomes of a join of a client that differs from one that is admitted.
JoinFailed failure_of(const std::function<void(JoinClient::Options&)>& differ,
                      JoinServerCounters* counters = nullptr) {
  JoinNetwork network;
  network.server.add_violin("v2", repeatable_key(8));
  network.server.admit({"v2", "other", repeatable_pair(55).open, Encryption::kNone});
  network.add_client();
  JoinClient::Options options = network.options(0);
  differ(options);
  network.restart_client(0, options);
  network.start(0);
  network.run_for(200_s);
  EXPECT_TRUE(network.at_server<NewKeys>().empty() || network.at_server<KeysConfirmed>().empty());
  EXPECT_EQ(network.server.ports_open(), 0u);
  EXPECT_TRUE(network.clients[0]->is_idle());
  if (counters != nullptr) *counters = network.server.counters();
  const auto failures = network.at_client<JoinFailed>();
  EXPECT_EQ(failures.size(), 1u);
  return failures.empty() ? JoinFailed{} : failures[0];
}

TEST(JoinRefusal, AWrongKeyMeetsSilence) {
  JoinServerCounters counters;
  JoinFailed failed;
  for (uint64_t seed = 66; seed < 76; ++seed) {
    failed = failure_of(
        [seed](JoinClient::Options& options) { options.own = repeatable_pair(seed); }, &counters);
    EXPECT_EQ(failed.failure, JoinFailure::kNoAnswer);
    EXPECT_EQ(failed.text, "no answer to 20 requests");
    EXPECT_EQ(counters.unknown_peer, 20u);
  }
  failed =
      failure_of([](JoinClient::Options& options) { options.responder = repeatable_pair(77).open; },
                 &counters);
  EXPECT_EQ(failed.failure, JoinFailure::kNoAnswer);
  EXPECT_EQ(counters.unauthentic, 20u);
  failed = failure_of([](JoinClient::Options& options) { options.responder = PublicKey{}; });
  EXPECT_EQ(failed.failure, JoinFailure::kBadResponderKey);
}

TEST(JoinRefusal, AWrongKeyOfTheViolinIsNamed) {
  const JoinFailed failed =
      failure_of([](JoinClient::Options& options) { options.violin_key = repeatable_key(68); });
  EXPECT_EQ(failed.failure, JoinFailure::kUnreadableAnswer);
}

TEST(JoinRefusal, WhatIsNotAdmittedIsRefusedWithItsReason) {
  const auto refusal = [](const std::function<void(JoinClient::Options&)>& differ) {
    const JoinFailed failed = failure_of(differ);
    EXPECT_EQ(failed.failure, JoinFailure::kRefused);
    return failed.text;
  };
  EXPECT_EQ(refusal([](JoinClient::Options& options) { options.violin = "v9"; }),
            "unknown violin: v9");
  EXPECT_EQ(refusal([](JoinClient::Options& options) { options.violin = "v2"; }),
            "unknown violin: v2")
      << "it exists, but the peer has nothing to do with it";
  EXPECT_EQ(refusal([](JoinClient::Options& options) { options.link = "nowhere"; }),
            "unknown link: nowhere");
  EXPECT_EQ(refusal([](JoinClient::Options& options) { options.encryption = Encryption::kNone; }),
            "other encryption");
}

TEST(JoinRefusal, ALinkOfAnotherPeerIsAnUnknownLink) {
  JoinNetwork network;
  network.add_client();
  network.add_client();
  JoinClient::Options options = network.options(0);
  options.link = "link1";
  network.restart_client(0, options);
  network.start(0);
  network.run_for(1_s);
  ASSERT_EQ(network.at_client<JoinFailed>().size(), 1u);
  EXPECT_EQ(network.at_client<JoinFailed>()[0].text, "unknown link: link1");
}

TEST(JoinRefusal, APortThatCannotBeOpenedIsRefusedAndMayBeAskedForAgain) {
  JoinNetwork network;
  network.add_client();
  network.no_ports = true;
  network.start(0);
  network.run_for(1_s);
  ASSERT_EQ(network.at_client<JoinFailed>().size(), 1u);
  EXPECT_EQ(network.at_client<JoinFailed>()[0].text, "no port");
  EXPECT_EQ(network.at_client<JoinFailed>()[0].retry_at, Time::never());
  network.no_ports = false;
  network.start(0);
  network.run_for(1_s);
  expect_joined(network);
}

}  // namespace
}  // namespace violin::testing
