#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "emulator/tunnel/join_message.hh"
#include "emulator/tunnel/secret_key.hh"
#include "emulator/tunnel/udp_endpoint.hh"

namespace violin {

// Proves that a sender receives at an address.
using JoinCookie = JoinMac;

// The cookie that whoever holds `secret` gives to this address and port.
JoinCookie cookie_for(const SecretKey& secret, const UdpEndpoint& at);

// What is made and checked with the public key of the end that receives a join (the WireGuard
// paper, Donenfeld 2017, sections 5.4.4 and 5.4.7), with keyed BLAKE2b and XChaCha20-Poly1305.
// Nothing of it is secret: it keeps out whoever does not know with whom it speaks.
class JoinMacKeys {
 public:
  explicit JoinMacKeys(const PublicKey& receiver);

  // Appends mac1 to a message's header and body.
  void append_mac1(std::vector<std::byte>& message) const;
  // Appends mac2 to what ends with mac1; zero without a cookie.
  static void append_mac2(std::vector<std::byte>& message, const std::optional<JoinCookie>& cookie);

  bool check_mac1(const JoinMessage& message) const;
  static bool check_mac2(const JoinMessage& message, const JoinCookie& cookie);

  // The datagram that gives `cookie` to the sender of `request`; nobody can read or make one who
  // has not seen the request. `nonce` is random.
  std::vector<std::byte> seal_cookie(
      const JoinMessage& request, const JoinCookie& cookie,
      std::span<const std::byte, JoinMessage::kCookieNonceSize> nonce) const;
  // The cookie in the answer to the request that had `mac1`.
  std::optional<JoinCookie> open_cookie(const JoinMessage& message, const JoinMac& mac1) const;

 private:
  SecretKey mac1_key_;
  SecretKey cookie_key_;
};

}  // namespace violin
