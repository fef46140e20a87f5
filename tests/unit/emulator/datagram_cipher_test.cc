#include "emulator/tunnel/datagram_cipher.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/random.hh"
#include "tests/support/hex.hh"

namespace violin::testing {
namespace {

using Buffer = std::vector<std::byte>;

SecretKey key_of(const std::string& hex) {
  const Buffer bytes = from_hex(hex);
  return SecretKey(std::span<const std::byte, SecretKey::kSize>(bytes.data(), bytes.size()));
}

struct KnownAnswer {
  Encryption encryption;
  std::string key, nonce, associated, plain, sealed, tag;
};

// RFC 8439 section 2.8.2.
const KnownAnswer kChaCha = {Encryption::kChaCha20Poly1305,
                             "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
                             "070000004041424344454647",
                             "50515253c0c1c2c3c4c5c6c7",
                             "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
                             "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
                             "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
                             "637265656e20776f756c642062652069742e",
                             "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
                             "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
                             "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
                             "3ff4def08e4b7a9de576d26586cec64b6116",
                             "1ae10b594f09e26a7e902ecbd0600691"};

// McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", appendix B, test case 16.
const KnownAnswer kAes = {Encryption::kAes256Gcm,
                          "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
                          "cafebabefacedbaddecaf888",
                          "feedfacedeadbeeffeedfacedeadbeefabaddad2",
                          "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                          "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
                          "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                          "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
                          "76fc6ece0f4e1768cddf8853bb2d551b"};

class CipherTest : public ::testing::TestWithParam<KnownAnswer> {
 protected:
  AeadCipher cipher(AeadCipher::Use use) const {
    return AeadCipher(GetParam().encryption, key_of(GetParam().key), use);
  }
  DatagramSealer sealer() const {
    return DatagramSealer(GetParam().encryption, key_of(GetParam().key));
  }
  DatagramOpener opener() const {
    return DatagramOpener(GetParam().encryption, key_of(GetParam().key));
  }
};

std::span<const std::byte, AeadCipher::kNonceSize> nonce_in(const Buffer& bytes) {
  return std::span<const std::byte, AeadCipher::kNonceSize>(bytes.data(), AeadCipher::kNonceSize);
}

TEST_P(CipherTest, GivesAndTakesThePublishedAnswer) {
  const KnownAnswer& known = GetParam();
  const Buffer nonce = from_hex(known.nonce), associated = from_hex(known.associated);
  const Buffer plain = from_hex(known.plain);
  Buffer out(plain.size()), tag(AeadCipher::kTagSize);
  AeadCipher sealing = cipher(AeadCipher::Use::kSeal);
  // The second time shows that nothing of the first is left.
  for (int i = 0; i < 2; ++i) {
    const ByteSpan piece = plain;
    sealing.seal(nonce_in(nonce), associated, {&piece, 1}, out.data(), tag.data());
    EXPECT_EQ(to_hex(out), known.sealed);
    EXPECT_EQ(to_hex(tag), known.tag);
  }
  AeadCipher opening = cipher(AeadCipher::Use::kOpen);
  for (int i = 0; i < 2; ++i) {
    Buffer opened(out.size());
    EXPECT_TRUE(opening.open(nonce_in(nonce), associated, out, tag.data(), opened.data()));
    EXPECT_EQ(to_hex(opened), known.plain);
  }
}

Buffer random_bytes(Random& random, size_t size) {
  Buffer bytes(size);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random.next());
  return bytes;
}

// Room for a datagram, its header written.
Buffer datagram_with_room(uint64_t counter, size_t frame_size) {
  TunnelHeader header;
  header.kind = TunnelHeader::kEncrypted;
  header.total = static_cast<uint16_t>(frame_size);
  header.session = 0x1122'3344'5566'7788;
  header.counter = counter;
  Buffer datagram(header.overhead() + frame_size);
  header.write(datagram.data());
  return datagram;
}

Buffer sealed_datagram(DatagramSealer& sealer, uint64_t counter, const Buffer& frame) {
  Buffer datagram = datagram_with_room(counter, frame.size());
  const ByteSpan piece = frame;
  sealer.seal(datagram.data(), {&piece, 1});
  return datagram;
}

TEST_P(CipherTest, TheCounterBehindFourZeroBytesIsTheNonce) {
  Random random(1);
  const Buffer frame = random_bytes(random, 100);
  DatagramSealer sealing = sealer();
  const Buffer datagram = sealed_datagram(sealing, 0x0102'0304'0506'0708, frame);
  AeadCipher opening = cipher(AeadCipher::Use::kOpen);
  const Buffer nonce = from_hex("000000000102030405060708");
  Buffer opened(frame.size());
  EXPECT_TRUE(opening.open(nonce_in(nonce), std::span(datagram).first(32),
                           std::span(datagram).subspan(48), datagram.data() + 32, opened.data()));
  EXPECT_EQ(opened, frame);
}

TEST_P(CipherTest, FramesOfEverySizeInAnyPiecesComeOutAsTheyWentIn) {
  Random random(2);
  DatagramSealer sealing = sealer();
  DatagramOpener opening = opener();
  uint64_t counter = 0;
  for (size_t size = 1; size <= 1500; size += 1 + random.below(23)) {
    const Buffer frame = random_bytes(random, size);
    std::vector<ByteSpan> pieces;
    for (size_t at = 0; at < size;) {
      const size_t length = std::min<size_t>(size - at, random.below(200));
      pieces.push_back(std::span(frame).subspan(at, length));
      at += length;
    }
    Buffer scattered = datagram_with_room(++counter, size);
    sealing.seal(scattered.data(), pieces);
    EXPECT_EQ(scattered, sealed_datagram(sealing, counter, frame)) << size << " bytes";
    ASSERT_TRUE(opening.open(scattered)) << size << " bytes";
    EXPECT_TRUE(std::equal(frame.begin(), frame.end(), scattered.begin() + 48)) << size;
  }
}

TEST_P(CipherTest, AFrameThatStandsAtItsPlaceIsSealedThere) {
  Random random(3);
  const Buffer frame = random_bytes(random, 1400);
  DatagramSealer sealing = sealer();
  Buffer datagram = datagram_with_room(5, frame.size());
  std::copy(frame.begin(), frame.end(), datagram.begin() + 48);
  const ByteSpan piece = std::span(datagram).subspan(48);
  sealing.seal(datagram.data(), {&piece, 1});
  EXPECT_EQ(datagram, sealed_datagram(sealing, 5, frame));
}

TEST_P(CipherTest, NoFlippedBitIsAccepted) {
  Random random(4);
  DatagramSealer sealing = sealer();
  DatagramOpener opening = opener();
  const Buffer datagram = sealed_datagram(sealing, 77, random_bytes(random, 61));
  for (size_t i = 0; i < datagram.size() * 8; ++i) {
    Buffer changed = datagram;
    changed[i / 8] ^= std::byte{1} << (i % 8);
    EXPECT_FALSE(opening.open(changed)) << "bit " << i;
  }
  Buffer untouched = datagram;
  EXPECT_TRUE(opening.open(untouched)) << "a refusal must leave nothing behind";
}

TEST_P(CipherTest, DatagramsCutShortOrUnderAnotherKeyAreRefused) {
  Random random(5);
  DatagramSealer sealing = sealer();
  DatagramOpener opening = opener();
  const Buffer datagram = sealed_datagram(sealing, 1, random_bytes(random, 20));
  for (size_t size = 0; size < datagram.size(); ++size) {
    Buffer cut(datagram.begin(), datagram.begin() + static_cast<long>(size));
    EXPECT_FALSE(opening.open(cut)) << size << " bytes";
  }
  DatagramOpener another(GetParam().encryption, SecretKey());
  Buffer copy = datagram;
  EXPECT_FALSE(another.open(copy));
}

// Another implementation than the one that sealed.
TEST_P(CipherTest, AnotherLibraryOpensTheDatagram) {
  Random random(6);
  const Buffer frame = random_bytes(random, 1400);
  DatagramSealer sealing = sealer();
  const Buffer datagram = sealed_datagram(sealing, 123456789, frame);
  Buffer nonce(12), opened(frame.size());
  std::copy_n(datagram.begin() + 16, 8, nonce.begin() + 4);
  require_sodium();
  const bool aes = GetParam().encryption == Encryption::kAes256Gcm;
  if (aes && crypto_aead_aes256gcm_is_available() == 0) {
    GTEST_SKIP() << "libsodium has AES-256-GCM only on processors that do it in hardware";
  }
  const auto open = aes ? crypto_aead_aes256gcm_decrypt_detached
                        : crypto_aead_chacha20poly1305_ietf_decrypt_detached;
  const SecretKey key = key_of(GetParam().key);
  EXPECT_EQ(open(octets(opened.data()), nullptr, octets(datagram.data() + 48), frame.size(),
                 octets(datagram.data() + 32), octets(datagram.data()), 32, octets(nonce.data()),
                 key.octets()),
            0);
  EXPECT_EQ(opened, frame);
}

INSTANTIATE_TEST_SUITE_P(Both, CipherTest, ::testing::Values(kAes, kChaCha), [](const auto& about) {
  return about.param.encryption == Encryption::kAes256Gcm ? "Aes256Gcm" : "ChaCha20Poly1305";
});

}  // namespace
}  // namespace violin::testing
