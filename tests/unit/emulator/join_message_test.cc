#include "emulator/tunnel/join_message.hh"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "emulator/tunnel/join_mac.hh"
#include "emulator/tunnel/join_payload.hh"
#include "tests/support/join_network.hh"

namespace violin::testing {
namespace {

const JoinRequest kRequest{"v1", "s1--r1", 0x0102'0304'0506'0708, Encryption::kChaCha20Poly1305,
                           52004};

Datagram message_of(JoinMessageType type, size_t body_size, size_t macs) {
  Datagram datagram =
      join_message_start(type, 0xa1b2'c3d4, std::vector<std::byte>(body_size, std::byte{5}));
  datagram.insert(datagram.end(), macs * JoinMessage::kMacSize, std::byte{6});
  return datagram;
}

TEST(JoinMessage, EveryTypeIsReadAsItWasWritten) {
  struct Case {
    JoinMessageType type;
    size_t body, macs;
  };
  for (const Case& c : {Case{JoinMessageType::kRequest, 96, 2},
                        {JoinMessageType::kRequest, 200, 2},
                        {JoinMessageType::kAnswer, 48, 1},
                        {JoinMessageType::kRefusal, 100, 1},
                        {JoinMessageType::kCookie, 56, 0},
                        {JoinMessageType::kConfirm, 0, 1},
                        {JoinMessageType::kConfirmAnswer, 0, 1},
                        {JoinMessageType::kLeave, 0, 1},
                        {JoinMessageType::kLeaveAnswer, 0, 1}}) {
    const Datagram datagram = message_of(c.type, c.body, c.macs);
    const auto read = JoinMessage::read(datagram);
    ASSERT_TRUE(read.has_value()) << static_cast<int>(c.type);
    EXPECT_EQ(read->type, c.type);
    EXPECT_EQ(read->index, 0xa1b2'c3d4u);
    EXPECT_EQ(read->body.size(), c.body);
    EXPECT_EQ(read->covered.size(), 8 + c.body);
    EXPECT_EQ(read->mac1[0], std::byte{c.macs > 0 ? uint8_t{6} : uint8_t{0}});
    EXPECT_EQ(read->has_mac2(), c.macs > 1);
  }
}

TEST(JoinMessage, WrongVersionsTypesAndLengthsAreRefused) {
  const Datagram good = message_of(JoinMessageType::kRequest, 120, 2);
  ASSERT_TRUE(JoinMessage::read(good).has_value());
  for (const size_t at : {0, 1, 2, 3}) {
    Datagram changed = good;
    changed[at] = std::byte{9};
    EXPECT_FALSE(JoinMessage::read(changed).has_value()) << "byte " << at;
  }
  EXPECT_FALSE(JoinMessage::read({}).has_value());
  EXPECT_FALSE(JoinMessage::read(std::span(good).first(7)).has_value());
  EXPECT_FALSE(JoinMessage::read(message_of(JoinMessageType::kRequest, 95, 2)).has_value());
  EXPECT_TRUE(JoinMessage::read(message_of(JoinMessageType::kRequest, 984, 2)).has_value());
  EXPECT_FALSE(JoinMessage::read(message_of(JoinMessageType::kRequest, 985, 2)).has_value());
  EXPECT_FALSE(JoinMessage::read(message_of(JoinMessageType::kAnswer, 47, 1)).has_value());
  EXPECT_FALSE(JoinMessage::read(message_of(JoinMessageType::kCookie, 55, 0)).has_value());
  EXPECT_FALSE(JoinMessage::read(message_of(JoinMessageType::kCookie, 57, 0)).has_value());
  EXPECT_FALSE(JoinMessage::read(message_of(JoinMessageType::kLeave, 1, 1)).has_value());
}

TEST(JoinPayload, EveryKindIsReadAsItWasWritten) {
  EXPECT_EQ(JoinRequest::read(kRequest.write()), kRequest);
  JoinRequest longest = kRequest;
  longest.violin = longest.link = std::string(JoinRequest::kNameMax, 'n');
  EXPECT_EQ(JoinRequest::read(longest.write()), longest);
  const JoinAnswer answer{7, 40000};
  EXPECT_EQ(JoinAnswer::read(answer.write()), answer);
  const JoinRefused refused{JoinRefusal::kNoPort, "all ports are taken"};
  EXPECT_EQ(JoinRefused::read(refused.write()), refused);
  const JoinRefused silent{JoinRefusal::kOlderRequest, ""};
  EXPECT_EQ(JoinRefused::read(silent.write()), silent);
  const JoinRefused wordy{JoinRefusal::kUnknownLink, std::string(300, 'x')};
  EXPECT_EQ(JoinRefused::read(wordy.write())->text, std::string(48, 'x'));
}

TEST(JoinPayload, WhatIsCutOffTooLongOrImpossibleIsRefused) {
  const Datagram good = kRequest.write();
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(JoinRequest::read(std::span(good).first(size)).has_value()) << size;
  }
  const auto changed = [&](size_t at, uint8_t value) {
    Datagram bytes = good;
    bytes[at] = std::byte{value};
    return JoinRequest::read(bytes);
  };
  EXPECT_FALSE(changed(10, 3).has_value()) << "an encryption that does not exist";
  EXPECT_FALSE(changed(12, 0).has_value()) << "a violin without a name";
  EXPECT_FALSE(changed(13, ' ').has_value()) << "a space in a name";
  EXPECT_FALSE(changed(13, 0x80).has_value()) << "a name that cannot be printed";
  Datagram longer = good;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(JoinRequest::read(longer).has_value()) << "something behind";
  JoinRequest no_port = kRequest;
  no_port.data_port = 0;
  EXPECT_FALSE(JoinRequest::read(no_port.write()).has_value());
  EXPECT_FALSE(JoinAnswer::read(JoinAnswer{7, 0}.write()).has_value());
  const auto refused = [](uint8_t reason, uint8_t size, char letter) {
    return JoinRefused::read(
        Datagram{std::byte{reason}, std::byte{0}, std::byte{size}, static_cast<std::byte>(letter)});
  };
  EXPECT_TRUE(refused(1, 1, 'x').has_value());
  EXPECT_FALSE(refused(0, 1, 'x').has_value());
  EXPECT_FALSE(refused(6, 1, 'x').has_value());
  EXPECT_FALSE(refused(1, 0, 'x').has_value());
  EXPECT_FALSE(refused(1, 2, 'x').has_value());
  EXPECT_FALSE(refused(1, 1, '\n').has_value());
  EXPECT_TRUE(is_join_name(std::string(420, 'a')));
  EXPECT_FALSE(is_join_name(std::string(421, 'a')));
}

TEST(JoinMac, CookiesBelongToAnAddressAPortAndASecret) {
  const SecretKey secret = repeatable_key(1);
  const UdpEndpoint at{IpAddress::v4(1), 2};
  EXPECT_EQ(cookie_for(secret, at), cookie_for(secret, at));
  EXPECT_NE(cookie_for(secret, at), cookie_for(repeatable_key(2), at));
  EXPECT_NE(cookie_for(secret, at), cookie_for(secret, {IpAddress::v4(1), 3}));
  EXPECT_NE(cookie_for(secret, at), cookie_for(secret, {IpAddress::v4(2), 2}));
  EXPECT_NE(cookie_for(secret, at), cookie_for(secret, {IpAddress::v6(0, 1), 2}));
}

TEST(JoinMac, OnlyTheSenderOfTheRequestCanReadItsCookie) {
  const PublicKey receiver = repeatable_pair(1).open;
  const JoinMacKeys keys(receiver);
  Datagram request = join_message_start(JoinMessageType::kRequest, 5, Datagram(96));
  keys.append_mac1(request);
  JoinMacKeys::append_mac2(request, std::nullopt);
  const JoinMessage message = *JoinMessage::read(request);
  EXPECT_TRUE(keys.check_mac1(message));
  EXPECT_FALSE(JoinMacKeys(repeatable_pair(2).open).check_mac1(message));
  const JoinCookie cookie = cookie_for(repeatable_key(1), {});
  const std::array<std::byte, JoinMessage::kCookieNonceSize> nonce{};
  Datagram sealed = keys.seal_cookie(message, cookie, nonce);
  EXPECT_EQ(keys.open_cookie(*JoinMessage::read(sealed), message.mac1), cookie);
  EXPECT_FALSE(keys.open_cookie(*JoinMessage::read(sealed), JoinMac{}).has_value());
  sealed.back() ^= std::byte{1};
  EXPECT_FALSE(keys.open_cookie(*JoinMessage::read(sealed), message.mac1).has_value());
}

TEST(RateLimit, LetsABurstThroughAndThenTheRate) {
  RateLimit limit({.per_second = 10, .burst = 5});
  const auto passing = [&](Time now) {
    int count = 0;
    while (limit.take(now)) ++count;
    return count;
  };
  EXPECT_EQ(passing(Time::zero()), 5);
  EXPECT_EQ(passing(Time::from_ns(99'999'999)), 0);
  EXPECT_EQ(passing(Time::from_ns(100'000'000)), 1);
  EXPECT_EQ(passing(Time::from_ns(400'000'000)), 3);
  EXPECT_EQ(passing(Time::from_ns(60'000'000'000)), 5) << "no more than a burst is saved up";
}

}  // namespace
}  // namespace violin::testing
