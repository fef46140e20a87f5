#include "emulator/tunnel/secret_key.hh"

#include <algorithm>
#include <system_error>

#include "core/check.hh"

namespace violin {

void require_sodium() {
  static const int result = sodium_init();  // 1 when it was called before
  if (result < 0) {
    throw std::system_error(std::make_error_code(std::errc::io_error), "preparing libsodium");
  }
}

SecretSource system_secrets() {
  require_sodium();
  return [](std::span<std::byte> bytes) { randombytes_buf(bytes.data(), bytes.size()); };
}

SecretKey::SecretKey(std::span<const std::byte, kSize> bytes) {
  std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

SecretKey SecretKey::generate(const SecretSource& source) {
  SecretKey key;
  source(key.bytes_);
  return key;
}

KeyPair KeyPair::from_secret(const SecretKey& secret) {
  require_sodium();
  KeyPair pair{.secret = secret};
  // Fails for no secret: the base point is of high order.
  CHECK(crypto_scalarmult_base(octets(pair.open.data()), secret.octets()) == 0);
  return pair;
}

KeyPair KeyPair::generate(const SecretSource& source) {
  return from_secret(SecretKey::generate(source));
}

bool diffie_hellman(const SecretKey& own, const PublicKey& other, SecretKey& shared) {
  return crypto_scalarmult(shared.octets(), own.octets(), octets(other.data())) == 0;
}

}  // namespace violin
