#include "emulator/tunnel/join_mac.hh"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/byte_order.hh"

namespace violin {
namespace {

static_assert(JoinMessage::kCookieNonceSize == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(JoinMessage::kMacSize == crypto_aead_xchacha20poly1305_ietf_ABYTES);

// A key for the purpose that `label` names.
SecretKey labelled_key(std::string_view label, const PublicKey& receiver) {
  SecretKey key;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, SecretKey::kSize);
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(label.data()),
                            label.size());
  crypto_generichash_update(&state, octets(receiver.data()), receiver.size());
  crypto_generichash_final(&state, key.octets(), SecretKey::kSize);
  return key;
}

JoinMac mac_of(std::span<const std::byte> data, std::span<const std::byte> key) {
  JoinMac mac;
  crypto_generichash(octets(mac.data()), mac.size(), octets(data.data()), data.size(),
                     octets(key.data()), key.size());
  return mac;
}

bool equal(const JoinMac& left, const JoinMac& right) {
  return sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace

JoinCookie cookie_for(const SecretKey& secret, const UdpEndpoint& at) {
  std::array<std::byte, 19> text;
  text[0] = std::byte{at.address.is_v6()};
  store_be64(text.data() + 1, at.address.high());
  store_be64(text.data() + 9, at.address.low());
  store_be16(text.data() + 17, at.port);
  return mac_of(text, secret.bytes());
}

JoinMacKeys::JoinMacKeys(const PublicKey& receiver) {
  require_sodium();
  mac1_key_ = labelled_key("violin mac1", receiver);
  cookie_key_ = labelled_key("violin cookie", receiver);
}

void JoinMacKeys::append_mac1(std::vector<std::byte>& message) const {
  const JoinMac mac = mac_of(message, mac1_key_.bytes());
  message.insert(message.end(), mac.begin(), mac.end());
}

void JoinMacKeys::append_mac2(std::vector<std::byte>& message,
                              const std::optional<JoinCookie>& cookie) {
  const JoinMac mac = cookie ? mac_of(message, *cookie) : JoinMac{};
  message.insert(message.end(), mac.begin(), mac.end());
}

bool JoinMacKeys::check_mac1(const JoinMessage& message) const {
  return equal(mac_of(message.covered, mac1_key_.bytes()), message.mac1);
}

bool JoinMacKeys::check_mac2(const JoinMessage& message, const JoinCookie& cookie) {
  std::vector<std::byte> covered(message.covered.begin(), message.covered.end());
  covered.insert(covered.end(), message.mac1.begin(), message.mac1.end());
  return equal(mac_of(covered, cookie), message.mac2);
}

std::vector<std::byte> JoinMacKeys::seal_cookie(
    const JoinMessage& request, const JoinCookie& cookie,
    std::span<const std::byte, JoinMessage::kCookieNonceSize> nonce) const {
  std::vector<std::byte> message =
      join_message_start(JoinMessageType::kCookie, request.index, nonce);
  const size_t at = message.size();
  message.resize(at + cookie.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt(octets(message.data() + at), nullptr,
                                             octets(cookie.data()), cookie.size(),
                                             octets(request.mac1.data()), request.mac1.size(),
                                             nullptr, octets(nonce.data()), cookie_key_.octets());
  return message;
}

std::optional<JoinCookie> JoinMacKeys::open_cookie(const JoinMessage& message,
                                                   const JoinMac& mac1) const {
  JoinCookie cookie;
  const auto sealed = message.body.subspan(JoinMessage::kCookieNonceSize);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          octets(cookie.data()), nullptr, nullptr, octets(sealed.data()), sealed.size(),
          octets(mac1.data()), mac1.size(), octets(message.body.data()),
          cookie_key_.octets()) != 0) {
    return std::nullopt;
  }
  return cookie;
}

}  // namespace violin
