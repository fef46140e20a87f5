#include <gtest/gtest.h>

#include "tests/support/join_network.hh"

// Links whose keys are not confirmed: what becomes of them when nobody does, or somebody does late.

namespace violin::testing {
namespace {

using namespace literals;

TEST(JoinHalfOpen, APortThatNobodyConfirmsIsClosed) {
  JoinNetwork network;
  network.add_client();
  const Datagram request = network.clients[0]->start(network.now).send[0].bytes;
  network.restart_client(0, network.options(0));  // gone before it heard anything
  const Time start = network.now;
  network.take_server(network.server.receive(request, network.address_of(0), start));
  EXPECT_EQ(network.server.ports_open(), 1u);
  EXPECT_EQ(network.server.deadline(), start + JoinPort::kHalfOpenMax);
  network.run_until(start + JoinPort::kHalfOpenMax - 1_ns);
  EXPECT_EQ(network.server.ports_open(), 1u);
  network.run_for(1_ns);
  EXPECT_EQ(network.server.ports_open(), 0u);
  ASSERT_EQ(network.at_server<PortClosed>().size(), 1u);
  EXPECT_EQ(network.at_server<PortClosed>()[0].ending, PortEnding::kUnconfirmed);
  EXPECT_TRUE(network.at_server<KeysConfirmed>().empty());
  EXPECT_EQ(network.server.deadline(), Time::never());
  const JoinOutput late = network.server.receive(request, network.address_of(0), network.now);
  ASSERT_EQ(late.send.size(), 1u);
  EXPECT_EQ(JoinMessage::read(late.send[0].bytes)->type, JoinMessageType::kRefusal);
  network.start(0);
  network.run_for(1_s);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 1u) << "it can be joined afterwards";
}

TEST(JoinHalfOpen, ANewerRequestReplacesKeysThatNobodyConfirmed) {
  JoinNetwork network;
  network.add_client();
  network.fate = [](const JoinNetwork::Passing& passing) {
    return passing.to_server ? Fates{20_ms} : Fates();
  };
  network.start(0);
  network.run_for(1_s);
  network.restart_client(0, network.options(0));
  network.fate = [](const JoinNetwork::Passing&) { return Fates{20_ms}; };
  network.start(0);
  network.run_for(1_s);
  const auto keys = network.at_server<NewKeys>();
  ASSERT_EQ(keys.size(), 2u);
  ASSERT_EQ(network.at_server<KeysAbandoned>().size(), 1u);
  EXPECT_EQ(network.at_server<KeysAbandoned>()[0].receive_session, keys[0].session.receive_session);
  ASSERT_EQ(network.at_server<KeysConfirmed>().size(), 1u);
  EXPECT_EQ(network.at_server<KeysConfirmed>()[0].receive_session, keys[1].session.receive_session);
  EXPECT_EQ(network.server.ports_open(), 1u);
}

TEST(JoinHalfOpen, RequestsAreRepeatedForLessLongThanAPortStaysHalfOpen) {
  JoinNetwork network;
  network.add_client();
  network.fate = [](const JoinNetwork::Passing&) { return Fates(); };
  const Time start = network.now;
  network.start(0);
  network.run_for(300_s);
  ASSERT_EQ(network.sent.size(), static_cast<size_t>(JoinClient::kAttempts));
  for (const auto& [to_server, bytes] : network.sent) EXPECT_EQ(bytes, network.sent[0].second);
  ASSERT_EQ(network.at_client<JoinFailed>().size(), 1u);
  network.restart_client(0, network.options(0));
  Time now = start;
  JoinOutput output = network.clients[0]->start(now);
  while (network.clients[0]->deadline() != Time::never()) {
    now = network.clients[0]->deadline();
    output = network.clients[0]->expire(now);
  }
  EXPECT_GT(now, start + 60_s);
  EXPECT_LT(now, start + JoinPort::kHalfOpenMax);
}

TEST(JoinHalfOpen, TrafficConfirmsTheKeysWhenNoNoticeComesThrough) {
  JoinNetwork network;
  network.add_client();
  network.fate = [](const JoinNetwork::Passing& passing) {
    return is(passing, JoinMessageType::kConfirm) ? Fates() : Fates{20_ms};
  };
  network.start(0);
  network.run_for(3_s);
  EXPECT_TRUE(network.at_server<KeysConfirmed>().empty());
  EXPECT_TRUE(network.at_client<KeysConfirmed>().empty());
  const uint64_t to_server = network.at_server<NewKeys>()[0].session.receive_session;
  const uint64_t to_client = network.at_client<NewKeys>()[0].session.receive_session;
  network.take_server(network.server.data_received(0, to_client, network.now));
  EXPECT_TRUE(network.at_server<KeysConfirmed>().empty()) << "that is not what it receives";
  for (int i = 0; i < 3; ++i) {
    network.take_server(network.server.data_received(0, to_server, network.now));
    network.take_client(0, network.clients[0]->data_received(to_client, network.now));
  }
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 1u);
  EXPECT_EQ(network.at_client<KeysConfirmed>().size(), 1u);
  const size_t sent = network.sent.size();
  network.run_for(60_s);
  EXPECT_EQ(network.sent.size(), sent) << "there is nothing left to confirm";
}

TEST(JoinHalfOpen, AnInitiatorThatIsNeverConfirmedAsksForNewKeys) {
  JoinNetwork network;
  network.add_client();
  bool lose = true;
  network.fate = [&](const JoinNetwork::Passing& passing) {
    return lose && is(passing, JoinMessageType::kConfirm) ? Fates() : Fates{20_ms};
  };
  network.start(0);
  network.run_for(100_s);
  lose = false;
  network.run_for(100_s);
  EXPECT_GE(network.at_client<NewKeys>().size(), 2u);
  EXPECT_EQ(network.at_client<KeysConfirmed>().back().receive_session,
            network.at_client<NewKeys>().back().session.receive_session);
  EXPECT_EQ(network.at_server<KeysConfirmed>().size(), 1u);
  EXPECT_EQ(network.at_client<KeysAbandoned>()[0].receive_session,
            network.at_client<NewKeys>()[0].session.receive_session);
}

}  // namespace
}  // namespace violin::testing
