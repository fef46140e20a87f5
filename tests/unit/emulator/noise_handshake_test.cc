#include "emulator/tunnel/noise_handshake.hh"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <fstream>
#include <new>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/hex.hh"

namespace violin::testing {
namespace {

nlohmann::json published_vector() {
  std::ifstream in(VIOLIN_SOURCE_DIR "/tests/support/data/noise_ikpsk2_vector.json");
  return nlohmann::json::parse(in).at("vector");
}

SecretKey key_of(const std::string& hex) {
  const std::vector<std::byte> bytes = from_hex(hex);
  return SecretKey(std::span<const std::byte, SecretKey::kSize>(bytes.data(), bytes.size()));
}

// The transport messages of a vector show which key is for which direction.
std::string transport(const SecretKey& key, uint64_t counter, const std::string& payload_hex) {
  const std::vector<std::byte> payload = from_hex(payload_hex);
  std::array<unsigned char, 12> nonce{};
  std::memcpy(nonce.data() + 4, &counter, sizeof counter);
  std::vector<std::byte> out(payload.size() + 16);
  crypto_aead_chacha20poly1305_ietf_encrypt(octets(out.data()), nullptr, octets(payload.data()),
                                            payload.size(), nullptr, 0, nullptr, nonce.data(),
                                            key.octets());
  return to_hex(out);
}

// The hash of a handshake that has seen these parts, one after the other.
std::string hash_chain(const std::vector<std::string>& hex_parts) {
  const std::string name = "Noise_IKpsk2_25519_ChaChaPoly_SHA256";
  std::vector<std::byte> text(name.size());
  std::memcpy(text.data(), name.data(), name.size());
  std::vector<std::byte> hash(32);
  const auto digest = [&] {
    crypto_hash_sha256(octets(hash.data()), octets(text.data()), text.size());
  };
  digest();
  for (const std::string& part : hex_parts) {
    const std::vector<std::byte> bytes = from_hex(part);
    text = hash;
    text.insert(text.end(), bytes.begin(), bytes.end());
    digest();
  }
  return to_hex(hash);
}

struct Ends {
  KeyPair initiator_pair, responder_pair;
  NoiseInitiator initiator;
  NoiseResponder responder;

  Ends(const SecretKey& initiator_secret, const SecretKey& responder_secret,
       std::span<const std::byte> prologue)
      : initiator_pair(KeyPair::from_secret(initiator_secret)),
        responder_pair(KeyPair::from_secret(responder_secret)),
        initiator({initiator_pair, responder_pair.open, prologue}),
        responder(responder_pair, prologue) {}
};

TEST(NoiseHandshake, AgreesWithThePublishedVector) {
  const nlohmann::json vector = published_vector();
  const auto text = [&](const char* name) { return vector.at(name).get<std::string>(); };
  const auto message = [&](int i, const char* name) {
    return vector.at("messages").at(i).at(name).get<std::string>();
  };
  const SecretKey shared = key_of(vector.at("init_psks").at(0).get<std::string>());
  Ends ends(key_of(text("init_static")), key_of(text("resp_static")),
            from_hex(text("init_prologue")));
  ASSERT_EQ(to_hex(ends.responder_pair.open), text("init_remote_static"));

  const auto request =
      ends.initiator.write_request(key_of(text("init_ephemeral")), from_hex(message(0, "payload")));
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(to_hex(*request), message(0, "ciphertext"));
  const auto read = ends.responder.read_request(*request);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(to_hex(read->payload), message(0, "payload"));
  EXPECT_EQ(read->initiator, ends.initiator_pair.open);

  const auto answer = ends.responder.write_answer(key_of(text("resp_ephemeral")),
                                                  from_hex(message(1, "payload")), shared);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(to_hex(answer->message), message(1, "ciphertext"));
  const auto done = ends.initiator.read_answer(answer->message, shared);
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(to_hex(done->payload), message(1, "payload"));

  // The vector names the hash as it was before the psk and the last payload went in; the final one
  // was computed from the vector by a program of its own, on Python's hashlib and hmac.
  EXPECT_EQ(
      hash_chain({text("init_prologue"), text("init_remote_static"),
                  message(0, "ciphertext").substr(0, 64), message(0, "ciphertext").substr(64, 96),
                  message(0, "ciphertext").substr(160), message(1, "ciphertext").substr(0, 64)}),
      text("handshake_hash"));
  EXPECT_EQ(to_hex(done->keys.handshake_hash),
            "8310f86394dc0dabb40beb8210031556db4403ab1202db7034c526232147a700");
  EXPECT_EQ(done->keys.handshake_hash, answer->keys.handshake_hash);
  for (const NoiseKeys& keys : {done->keys, answer->keys}) {
    EXPECT_EQ(transport(keys.from_initiator, 0, message(2, "payload")), message(2, "ciphertext"));
    EXPECT_EQ(transport(keys.from_responder, 0, message(3, "payload")), message(3, "ciphertext"));
    EXPECT_EQ(transport(keys.from_initiator, 1, message(4, "payload")), message(4, "ciphertext"));
    EXPECT_EQ(transport(keys.from_responder, 1, message(5, "payload")), message(5, "ciphertext"));
  }
  EXPECT_EQ(done->keys.derivation, answer->keys.derivation);
  EXPECT_FALSE(done->keys.derivation == done->keys.from_initiator);
}

TEST(SecretKey, TheSystemsSecretsAreNeverTheSame) {
  const SecretSource source = system_secrets();
  const KeyPair one = KeyPair::generate(source), another = KeyPair::generate(source);
  EXPECT_FALSE(one.secret == another.secret);
  EXPECT_NE(one.open, another.open);
  SecretKey shared, shared_too;
  EXPECT_TRUE(diffie_hellman(one.secret, another.open, shared));
  EXPECT_TRUE(diffie_hellman(another.secret, one.open, shared_too));
  EXPECT_EQ(shared, shared_too);
}

TEST(SecretKey, IsWipedWhenItEnds) {
  alignas(SecretKey) std::array<std::byte, sizeof(SecretKey)> place;
  place.fill(std::byte{1});
  auto* key = new (place.data()) SecretKey(place);
  key->~SecretKey();
  for (const std::byte b : place) EXPECT_EQ(b, std::byte{0});
}

SecretKey key_number(uint8_t number) {
  std::array<std::byte, 32> bytes;
  bytes.fill(std::byte{number});
  return SecretKey(bytes);
}

TEST(NoiseHandshake, NoFlippedBitOfEitherMessageIsAccepted) {
  const std::vector<std::byte> payload(20, std::byte{7});
  Ends ends(key_number(1), key_number(2), {});
  const std::vector<std::byte> request = *ends.initiator.write_request(key_number(3), payload);
  for (size_t i = 0; i < request.size() * 8; ++i) {
    // X25519 ignores the last bit of a key, but the hash does not: see what is sealed.
    std::vector<std::byte> changed = request;
    changed[i / 8] ^= std::byte{1} << (i % 8);
    NoiseResponder responder(ends.responder_pair, {});
    EXPECT_FALSE(responder.read_request(changed).has_value()) << "bit " << i;
  }
  ASSERT_TRUE(ends.responder.read_request(request).has_value());
  const auto answer = ends.responder.write_answer(key_number(4), payload, key_number(5));
  for (size_t i = 0; i < answer->message.size() * 8; ++i) {
    std::vector<std::byte> changed = answer->message;
    changed[i / 8] ^= std::byte{1} << (i % 8);
    EXPECT_FALSE(ends.initiator.read_answer(changed, key_number(5)).has_value()) << "bit " << i;
  }
  EXPECT_TRUE(ends.initiator.read_answer(answer->message, key_number(5)).has_value())
      << "reading what was wrong must not spoil what is right";
}

TEST(NoiseHandshake, MessagesCutShortAreRefused) {
  Ends ends(key_number(1), key_number(2), {});
  const std::vector<std::byte> request = *ends.initiator.write_request(key_number(3), {});
  ASSERT_EQ(request.size(), NoiseInitiator::kRequestOverhead);
  for (size_t size = 0; size < request.size(); ++size) {
    NoiseResponder responder(ends.responder_pair, {});
    EXPECT_FALSE(responder.read_request(std::span(request).first(size)).has_value());
  }
  ASSERT_TRUE(ends.responder.read_request(request).has_value());
  const auto answer = ends.responder.write_answer(key_number(4), {}, key_number(5));
  ASSERT_EQ(answer->message.size(), NoiseInitiator::kAnswerOverhead);
  for (size_t size = 0; size < answer->message.size(); ++size) {
    EXPECT_FALSE(ends.initiator.read_answer(std::span(answer->message).first(size), key_number(5)));
  }
}

TEST(NoiseHandshake, AnotherSharedKeyPrologueOrResponderIsRefused) {
  Ends ends(key_number(1), key_number(2), {});
  const std::vector<std::byte> request = *ends.initiator.write_request(key_number(3), {});
  const std::vector<std::byte> prologue(1);
  EXPECT_FALSE(NoiseResponder(ends.responder_pair, prologue).read_request(request).has_value());
  const KeyPair another = KeyPair::from_secret(key_number(9));
  EXPECT_FALSE(NoiseResponder(another, {}).read_request(request).has_value());
  ASSERT_TRUE(ends.responder.read_request(request).has_value());
  const auto answer = ends.responder.write_answer(key_number(4), {}, key_number(5));
  EXPECT_FALSE(ends.initiator.read_answer(answer->message, key_number(6)).has_value());
}

TEST(NoiseHandshake, PointsOfLowOrderAreRefused) {
  const KeyPair own = KeyPair::from_secret(key_number(1));
  const PublicKey zero{};
  NoiseInitiator initiator({own, zero, {}});
  EXPECT_FALSE(initiator.write_request(key_number(3), {}).has_value());
  NoiseResponder responder(own, {});
  EXPECT_FALSE(responder.read_request(std::vector<std::byte>(96)).has_value());
}

}  // namespace
}  // namespace violin::testing
