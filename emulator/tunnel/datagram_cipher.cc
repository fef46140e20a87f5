#include "emulator/tunnel/datagram_cipher.hh"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <system_error>

#include "core/check.hh"

namespace violin {
namespace {

static_assert(TunnelHeader::kTagSize == AeadCipher::kTagSize);

constexpr size_t kCounterOffset = 16;  // in the header

const char* openssl_name(Encryption encryption) {
  CHECK(encryption != Encryption::kNone);
  return encryption == Encryption::kAes256Gcm ? "AES-256-GCM" : "ChaCha20-Poly1305";
}

using Nonce = std::array<std::byte, AeadCipher::kNonceSize>;

Nonce nonce_of(const std::byte* header) {
  Nonce nonce{};
  std::memcpy(nonce.data() + 4, header + kCounterOffset, 8);
  return nonce;
}

}  // namespace

AeadCipher::AeadCipher(Encryption encryption, const SecretKey& key, Use use)
    : context_(EVP_CIPHER_CTX_new()) {
  if (!context_) throw std::bad_alloc();
  const char* name = openssl_name(encryption);
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  const bool ready =
      cipher != nullptr && EVP_CipherInit_ex2(context_.get(), cipher, key.octets(), nullptr,
                                              use == Use::kSeal ? 1 : 0, nullptr) == 1;
  EVP_CIPHER_free(cipher);  // the context has a reference of its own
  if (!ready) {
    throw std::system_error(std::make_error_code(std::errc::function_not_supported),
                            std::string("preparing the cipher ") + name + " of OpenSSL");
  }
}

void AeadCipher::begin(std::span<const std::byte, kNonceSize> nonce, ByteSpan associated) {
  int length = 0;
  // A key once set stays; -1 leaves the direction as it is.
  CHECK(EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, violin::octets(nonce.data()), -1,
                           nullptr) == 1);
  CHECK(EVP_CipherUpdate(context_.get(), nullptr, &length, violin::octets(associated.data()),
                         static_cast<int>(associated.size())) == 1);
}

void AeadCipher::seal(std::span<const std::byte, kNonceSize> nonce, ByteSpan associated,
                      std::span<const ByteSpan> pieces, std::byte* out, std::byte* tag) {
  begin(nonce, associated);
  int length = 0;
  for (const ByteSpan piece : pieces) {
    CHECK(EVP_CipherUpdate(context_.get(), violin::octets(out), &length,
                           violin::octets(piece.data()), static_cast<int>(piece.size())) == 1);
    out += length;
  }
  CHECK(EVP_CipherFinal_ex(context_.get(), violin::octets(out), &length) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag) == 1);
}

bool AeadCipher::open(std::span<const std::byte, kNonceSize> nonce, ByteSpan associated,
                      ByteSpan sealed, const std::byte* tag, std::byte* out) {
  begin(nonce, associated);
  // OpenSSL takes what it only reads as a pointer to what may change.
  CHECK(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize,
                            const_cast<std::byte*>(tag)) == 1);
  int length = 0;
  CHECK(EVP_CipherUpdate(context_.get(), violin::octets(out), &length,
                         violin::octets(sealed.data()), static_cast<int>(sealed.size())) == 1);
  return EVP_CipherFinal_ex(context_.get(), violin::octets(out + length), &length) == 1;
}

void DatagramSealer::seal(std::byte* datagram, std::span<const ByteSpan> pieces) {
  std::byte* tag = datagram + TunnelHeader::kSize;
  cipher_.seal(nonce_of(datagram), {datagram, TunnelHeader::kSize}, pieces,
               tag + TunnelHeader::kTagSize, tag);
}

bool DatagramOpener::open(std::span<std::byte> datagram) {
  constexpr size_t kFrameOffset = TunnelHeader::kSize + TunnelHeader::kTagSize;
  if (datagram.size() < kFrameOffset) return false;
  const std::span<std::byte> sealed = datagram.subspan(kFrameOffset);
  return cipher_.open(nonce_of(datagram.data()), datagram.first(TunnelHeader::kSize), sealed,
                      datagram.data() + TunnelHeader::kSize, sealed.data());
}

}  // namespace violin
