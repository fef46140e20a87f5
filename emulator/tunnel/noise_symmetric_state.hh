#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "emulator/tunnel/secret_key.hh"

namespace violin {

using NoiseHash = std::array<std::byte, 32>;

// What a finished handshake leaves behind.
struct NoiseKeys {
  SecretKey from_initiator;
  SecretKey from_responder;
  // A third output of the split's HKDF, for whatever else both ends derive, so that the keys of the
  // ciphers are used for nothing but the ciphers.
  SecretKey derivation;
  NoiseHash handshake_hash{};
};

// The chaining key, hash and cipher of a handshake under way: the SymmetricState and CipherState of
// the Noise specification, revision 34, sections 5.1 and 5.2, with ChaCha20-Poly1305 and SHA-256.
class NoiseSymmetricState {
 public:
  static constexpr size_t kTagSize = 16;

  // `protocol_name` is longer than 32 bytes, so that the hash starts as its hash.
  explicit NoiseSymmetricState(std::string_view protocol_name);

  void mix_hash(std::span<const std::byte> data);
  void mix_key(std::span<const std::byte> input);
  void mix_key_and_hash(std::span<const std::byte> input);
  // Appends the ciphertext of `plain` and its tag.
  void encrypt_and_hash(std::span<const std::byte> plain, std::vector<std::byte>& out);
  // Writes `sealed.size() - kTagSize` bytes. False, and nothing is changed, when `sealed` is too
  // short or not authentic.
  [[nodiscard]] bool decrypt_and_hash(std::span<const std::byte> sealed, std::byte* out);
  NoiseKeys split() const;

 private:
  struct Derived {
    SecretKey first, second, third;
  };
  Derived derive(std::span<const std::byte> input) const;
  void set_key(const SecretKey& key);

  SecretKey chaining_key_;
  NoiseHash hash_{};
  SecretKey key_;
  uint64_t nonce_ = 0;
};

}  // namespace violin
