#include "emulator/tunnel/join_session.hh"

#include <array>
#include <cstring>
#include <span>
#include <string_view>

#include "core/byte_order.hh"
#include "core/check.hh"

namespace violin {
namespace {

// BLAKE2b, keyed with what both ends derive from, of the handshake's hash, a label and a number.
SecretKey derive(const NoiseKeys& keys, std::string_view label, uint8_t number) {
  SecretKey result;
  crypto_generichash_state state;
  crypto_generichash_init(&state, keys.derivation.octets(), SecretKey::kSize, SecretKey::kSize);
  crypto_generichash_update(&state, octets(keys.handshake_hash.data()), keys.handshake_hash.size());
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(label.data()),
                            label.size());
  crypto_generichash_update(&state, &number, 1);
  crypto_generichash_final(&state, result.octets(), SecretKey::kSize);
  sodium_memzero(&state, sizeof state);
  return result;
}

// 0 is kept for "no session": the next number is tried.
uint64_t session_number(const NoiseKeys& keys, std::string_view label) {
  for (uint8_t number = 0;; ++number) {
    const uint64_t session = load_be64(derive(keys, label, number).bytes().data());
    if (session != 0) return session;
  }
}

JoinMac mac_of(std::span<const std::byte> covered, const SecretKey& key) {
  JoinMac mac;
  crypto_generichash(octets(mac.data()), mac.size(), octets(covered.data()), covered.size(),
                     key.octets(), SecretKey::kSize);
  return mac;
}

}  // namespace

JoinSession::JoinSession(const NoiseKeys& keys, JoinEnd end)
    : send_key(end == JoinEnd::kInitiator ? keys.from_initiator : keys.from_responder),
      receive_key(end == JoinEnd::kInitiator ? keys.from_responder : keys.from_initiator),
      notice_key(derive(keys, "violin notice", 0)) {
  const uint64_t from_initiator = session_number(keys, "violin session from initiator");
  const uint64_t from_responder = session_number(keys, "violin session from responder");
  send_session = end == JoinEnd::kInitiator ? from_initiator : from_responder;
  receive_session = end == JoinEnd::kInitiator ? from_responder : from_initiator;
}

std::vector<std::byte> JoinSession::notice(JoinMessageType type, uint32_t index) const {
  std::vector<std::byte> message = join_message_start(type, index, {});
  const JoinMac mac = mac_of(message, notice_key);
  message.insert(message.end(), mac.begin(), mac.end());
  return message;
}

bool JoinSession::check_notice(const JoinMessage& message) const {
  const JoinMac mac = mac_of(message.covered, notice_key);
  return message.is_notice() && sodium_memcmp(mac.data(), message.mac1.data(), mac.size()) == 0;
}

}  // namespace violin
