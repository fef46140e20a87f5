#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include "emulator/scenario/scenario.hh"
#include "emulator/tunnel/secret_key.hh"
#include "models/tunnel/tunnel_header.hh"

// The ciphers of tunnel datagrams, on OpenSSL's EVP. Everything is set up and keyed once; a
// datagram costs the cipher and the setting of a nonce, and allocates nothing.

namespace violin {

using ByteSpan = std::span<const std::byte>;

// AES-256-GCM (NIST SP 800-38D) or ChaCha20-Poly1305 (RFC 8439) under one key, either sealing or
// opening. A nonce must never be used twice for sealing. Not for several threads at once.
class AeadCipher {
 public:
  static constexpr size_t kNonceSize = 12;
  static constexpr size_t kTagSize = 16;
  enum class Use { kSeal, kOpen };

  // `encryption` is not kNone. Throws std::system_error when OpenSSL does not offer it.
  AeadCipher(Encryption encryption, const SecretKey& key, Use use);

  // Writes the ciphertext of the pieces, one behind the other, to `out` and its tag to `tag`. A
  // piece may be at the very place where its ciphertext goes, but not overlap it otherwise.
  void seal(std::span<const std::byte, kNonceSize> nonce, ByteSpan associated,
            std::span<const ByteSpan> pieces, std::byte* out, std::byte* tag);
  // Writes what was sealed to `out`, which may be where `sealed` is. False when anything is not as
  // it was sealed; what then stands at `out` must not be used.
  [[nodiscard]] bool open(std::span<const std::byte, kNonceSize> nonce, ByteSpan associated,
                          ByteSpan sealed, const std::byte* tag, std::byte* out);

 private:
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  };
  void begin(std::span<const std::byte, kNonceSize> nonce, ByteSpan associated);

  std::unique_ptr<EVP_CIPHER_CTX, Free> context_;  // wiped by OpenSSL when freed
};

// The sending end of one session: fills in the tag and the ciphertext behind a TunnelHeader. The
// header is authenticated, and its counter is the nonce, behind four zero bytes: no two datagrams
// of a session may have the same counter.
class DatagramSealer {
 public:
  DatagramSealer(Encryption encryption, const SecretKey& key)
      : cipher_(encryption, key, AeadCipher::Use::kSeal) {}

  // `datagram` begins with its written header and has room for the tag and all of the pieces.
  void seal(std::byte* datagram, std::span<const ByteSpan> pieces);

 private:
  AeadCipher cipher_;
};

// The receiving end of one session.
class DatagramOpener {
 public:
  DatagramOpener(Encryption encryption, const SecretKey& key)
      : cipher_(encryption, key, AeadCipher::Use::kOpen) {}

  // Deciphers in place what stands behind header and tag. False when the datagram is too short or
  // not authentic; then it must be dropped.
  [[nodiscard]] bool open(std::span<std::byte> datagram);

 private:
  AeadCipher cipher_;
};

}  // namespace violin
