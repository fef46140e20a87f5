#pragma once

#include <gtest/gtest.h>

#include "tests/support/join_network.hh"

namespace violin::testing {

inline void expect_same_keys(const NewKeys& initiator, const NewKeys& responder) {
  EXPECT_EQ(initiator.session.send_key, responder.session.receive_key);
  EXPECT_EQ(initiator.session.receive_key, responder.session.send_key);
  EXPECT_EQ(initiator.session.send_session, responder.session.receive_session);
  EXPECT_EQ(initiator.session.receive_session, responder.session.send_session);
}

// Client 0 and the server hold the same keys, and both know it.
inline void expect_joined(const JoinNetwork& network) {
  ASSERT_FALSE(network.at_client<NewKeys>().empty());
  ASSERT_FALSE(network.at_server<NewKeys>().empty());
  expect_same_keys(network.at_client<NewKeys>().back(), network.at_server<NewKeys>().back());
  ASSERT_FALSE(network.at_client<KeysConfirmed>().empty());
  ASSERT_FALSE(network.at_server<KeysConfirmed>().empty());
  EXPECT_EQ(network.at_client<KeysConfirmed>().back().receive_session,
            network.at_client<NewKeys>().back().session.receive_session);
  EXPECT_EQ(network.at_server<KeysConfirmed>().back().receive_session,
            network.at_server<NewKeys>().back().session.receive_session);
}

}  // namespace violin::testing
