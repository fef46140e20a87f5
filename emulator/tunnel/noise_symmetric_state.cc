#include "emulator/tunnel/noise_symmetric_state.hh"

#include <cstring>

#include "core/check.hh"

namespace violin {
namespace {

using Nonce = std::array<unsigned char, crypto_aead_chacha20poly1305_ietf_NPUBBYTES>;

static_assert(crypto_aead_chacha20poly1305_ietf_ABYTES == NoiseSymmetricState::kTagSize);

// Section 12.3: 32 zero bits, then the counter in little-endian order.
Nonce nonce_of(uint64_t counter) {
  Nonce nonce{};
  std::memcpy(nonce.data() + 4, &counter, sizeof counter);
  return nonce;
}

// HMAC-SHA256 of `data` followed by the byte `last`.
SecretKey hmac(const SecretKey& key, std::span<const std::byte> data, unsigned char last) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.octets(), SecretKey::kSize);
  crypto_auth_hmacsha256_update(&state, octets(data.data()), data.size());
  crypto_auth_hmacsha256_update(&state, &last, 1);
  SecretKey result;
  crypto_auth_hmacsha256_final(&state, result.octets());
  sodium_memzero(&state, sizeof state);
  return result;
}

}  // namespace

NoiseSymmetricState::NoiseSymmetricState(std::string_view protocol_name) {
  require_sodium();
  CHECK_COMPARE(protocol_name.size(), >, hash_.size());
  crypto_hash_sha256(octets(hash_.data()),
                     reinterpret_cast<const unsigned char*>(protocol_name.data()),
                     protocol_name.size());
  chaining_key_ = SecretKey(hash_);
}

void NoiseSymmetricState::mix_hash(std::span<const std::byte> data) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, octets(hash_.data()), hash_.size());
  crypto_hash_sha256_update(&state, octets(data.data()), data.size());
  crypto_hash_sha256_final(&state, octets(hash_.data()));
}

// Section 4.3.
NoiseSymmetricState::Derived NoiseSymmetricState::derive(std::span<const std::byte> input) const {
  SecretKey extracted;
  crypto_auth_hmacsha256(extracted.octets(), octets(input.data()), input.size(),
                         chaining_key_.octets());
  Derived derived;
  derived.first = hmac(extracted, {}, 1);
  derived.second = hmac(extracted, derived.first.bytes(), 2);
  derived.third = hmac(extracted, derived.second.bytes(), 3);
  return derived;
}

void NoiseSymmetricState::set_key(const SecretKey& key) {
  key_ = key;
  nonce_ = 0;
}

void NoiseSymmetricState::mix_key(std::span<const std::byte> input) {
  const Derived derived = derive(input);
  chaining_key_ = derived.first;
  set_key(derived.second);
}

void NoiseSymmetricState::mix_key_and_hash(std::span<const std::byte> input) {
  const Derived derived = derive(input);
  chaining_key_ = derived.first;
  mix_hash(derived.second.bytes());
  set_key(derived.third);
}

void NoiseSymmetricState::encrypt_and_hash(std::span<const std::byte> plain,
                                           std::vector<std::byte>& out) {
  const size_t start = out.size();
  out.resize(start + plain.size() + kTagSize);
  const Nonce nonce = nonce_of(nonce_++);
  crypto_aead_chacha20poly1305_ietf_encrypt(
      octets(out.data() + start), nullptr, octets(plain.data()), plain.size(), octets(hash_.data()),
      hash_.size(), nullptr, nonce.data(), key_.octets());
  mix_hash(std::span(out).subspan(start));
}

bool NoiseSymmetricState::decrypt_and_hash(std::span<const std::byte> sealed, std::byte* out) {
  const Nonce nonce = nonce_of(nonce_);
  if (crypto_aead_chacha20poly1305_ietf_decrypt(
          octets(out), nullptr, nullptr, octets(sealed.data()), sealed.size(), octets(hash_.data()),
          hash_.size(), nonce.data(), key_.octets()) != 0) {
    return false;
  }
  ++nonce_;
  mix_hash(sealed);
  return true;
}

NoiseKeys NoiseSymmetricState::split() const {
  const Derived derived = derive({});
  return {derived.first, derived.second, derived.third, hash_};
}

}  // namespace violin
