#include <gtest/gtest.h>

#include "tests/support/join_network.hh"

// Ends of joined links.

namespace violin::testing {
namespace {

using namespace literals;

TEST(JoinLeaving, LeavingClosesThePortAlsoWhenNoticesAreLost) {
  for (uint64_t lost = 0; lost < 32; ++lost) {
    JoinNetwork network;
    network.add_client();
    network.start(0);
    network.run_for(1_s);
    const uint64_t before = network.sent.size();
    network.fate = [&](const JoinNetwork::Passing& passing) {
      const uint64_t number = passing.number - before;
      return number < 5 && (lost >> number & 1) != 0 ? Fates() : Fates{20_ms, 60_ms};
    };
    network.leave(0);
    network.run_for(40_s);
    ASSERT_EQ(network.at_client<PortClosed>().size(), 1u) << "lost " << lost;
    EXPECT_EQ(network.at_client<PortClosed>()[0].ending, PortEnding::kLeft);
    ASSERT_EQ(network.at_server<PortClosed>().size(), 1u);
    EXPECT_EQ(network.at_server<PortClosed>()[0].ending, PortEnding::kLeft);
    EXPECT_EQ(network.server.ports_open(), 0u);
    EXPECT_TRUE(network.clients[0]->is_idle());
    EXPECT_EQ(network.clients[0]->deadline(), Time::never());
  }
}

TEST(JoinLeaving, LeavingIsAnsweredAgainForAWhileAndThenForgotten) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.run_for(1_s);
  network.leave(0);
  const Datagram leave = network.sent.back().second;
  network.run_for(1_s);
  const Datagram answer = network.sent.back().second;
  const auto again = [&] {
    return network.server.receive(leave, network.address_of(0), network.now);
  };
  ASSERT_EQ(again().send.size(), 1u);
  EXPECT_EQ(again().send[0].bytes, answer);
  EXPECT_TRUE(again().events.empty());
  network.run_for(JoinPort::kLeftMax);
  EXPECT_TRUE(again().send.empty());
}

TEST(JoinLeaving, LeavingUnderKeysThatWereNeverConfirmedClosesThePort) {
  JoinNetwork network;
  network.add_client();
  network.fate = [](const JoinNetwork::Passing& passing) {
    return is(passing, JoinMessageType::kConfirm) ? Fates() : Fates{20_ms};
  };
  network.start(0);
  network.run_for(1_s);
  EXPECT_EQ(network.server.ports_open(), 1u);
  network.leave(0);
  network.run_for(1_s);
  ASSERT_EQ(network.at_client<PortClosed>().size(), 1u);
  EXPECT_EQ(network.at_client<PortClosed>()[0].ending, PortEnding::kLeft);
  EXPECT_EQ(network.server.ports_open(), 0u);
}

TEST(JoinLeaving, LeavingWithoutAnAnswerEnds) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.run_for(1_s);
  network.fate = [](const JoinNetwork::Passing&) { return Fates(); };
  network.leave(0);
  network.leave(0);  // means nothing more
  network.run_for(60_s);
  ASSERT_EQ(network.at_client<PortClosed>().size(), 1u);
  EXPECT_EQ(network.at_client<PortClosed>()[0].ending, PortEnding::kUnanswered);
  EXPECT_EQ(network.server.ports_open(), 1u);
  network.run_for(JoinPort::kKeysMax);
  ASSERT_EQ(network.at_server<PortClosed>().size(), 1u) << "its keys became too old";
  EXPECT_EQ(network.at_server<PortClosed>()[0].ending, PortEnding::kSilent);
}

TEST(JoinLeaving, ALeaveOfAFormerSessionIsNotBelieved) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.run_for(1_s);
  const JoinSession former = network.at_client<NewKeys>()[0].session;
  network.run_for(150_s);
  ASSERT_EQ(network.at_client<NewKeys>().size(), 2u);
  const JoinOutput output = network.server.receive(former.notice(JoinMessageType::kLeave, 0),
                                                   network.address_of(0), network.now);
  EXPECT_TRUE(output.send.empty());
  EXPECT_EQ(network.server.ports_open(), 1u);
}

TEST(JoinLeaving, LeavingBeforeAnyAnswerEndsAtOnceAndTheLinkCanBeJoinedAgain) {
  JoinNetwork network;
  network.add_client();
  network.start(0);
  network.leave(0);
  EXPECT_EQ(network.at_client<PortClosed>().size(), 1u);
  network.run_for(1_s);
  EXPECT_TRUE(network.at_client<NewKeys>().empty()) << "the answer came too late";
  network.start(0);
  network.run_for(1_s);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 1u);
  network.leave(0);
  network.run_for(1_s);
  network.start(0);
  network.run_for(1_s);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 2u);
}

}  // namespace
}  // namespace violin::testing
