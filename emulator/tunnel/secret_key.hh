#pragma once

#include <sodium.h>

#include <array>
#include <cstddef>
#include <functional>
#include <span>

// Keys of X25519 (RFC 7748) and of symmetric ciphers, and the bytes they are made of.

namespace violin {

// Fills a span with bytes nobody can guess. Passed in, so that whoever needs secrets can be run
// again with the same ones; core/random.hh is not for secrets.
using SecretSource = std::function<void(std::span<std::byte>)>;

// The operating system's.
SecretSource system_secrets();

using PublicKey = std::array<std::byte, 32>;

// libsodium chooses its implementations once; called by whoever makes keys. Throws
// std::system_error when the library cannot be used.
void require_sodium();

// libsodium's view of bytes.
inline const unsigned char* octets(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}
inline unsigned char* octets(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }

// 32 secret bytes; every copy is wiped when it ends.
class SecretKey {
 public:
  static constexpr size_t kSize = 32;

  SecretKey() = default;  // all zero
  explicit SecretKey(std::span<const std::byte, kSize> bytes);
  static SecretKey generate(const SecretSource& source);
  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

  std::span<const std::byte, kSize> bytes() const { return bytes_; }
  const unsigned char* octets() const { return violin::octets(bytes_.data()); }
  unsigned char* octets() { return violin::octets(bytes_.data()); }
  // Takes as long whether or not they are equal.
  bool operator==(const SecretKey& other) const {
    return sodium_memcmp(bytes_.data(), other.bytes_.data(), kSize) == 0;
  }

 private:
  std::array<std::byte, kSize> bytes_{};
};

// Both halves of an X25519 key.
struct KeyPair {
  SecretKey secret;
  PublicKey open{};

  static KeyPair from_secret(const SecretKey& secret);
  static KeyPair generate(const SecretSource& source);
};

// X25519 of one end's secret and the other's public key. False when the other key is a point of low
// order, which would give a secret that everybody knows (RFC 7748 section 6.1).
[[nodiscard]] bool diffie_hellman(const SecretKey& own, const PublicKey& other, SecretKey& shared);

}  // namespace violin
