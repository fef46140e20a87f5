#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "emulator/tunnel/noise_symmetric_state.hh"
#include "emulator/tunnel/secret_key.hh"

// The two ends of Noise_IKpsk2_25519_ChaChaPoly_SHA256 (the Noise specification, revision 34,
// sections 7.5 and 9): the initiator knows the responder's public key beforehand, the responder
// learns the initiator's from the first message, and both mix in a shared key at the end of the
// second:
//
//     <- s
//     ...
//     -> e, es, s, ss          request: 96 bytes and the payload
//     <- e, ee, se, psk        answer:  48 bytes and the payload
//
// The request can be replayed by whoever recorded it: its payload must say what makes it new, and
// nothing secret may be sent to the initiator until it has shown that it has the keys. Ephemeral
// secrets are the caller's, who must use each once.

namespace violin {

class NoiseInitiator {
 public:
  static constexpr size_t kRequestOverhead = 96;
  static constexpr size_t kAnswerOverhead = 48;

  struct Options {
    const KeyPair& own;
    const PublicKey& responder;
    std::span<const std::byte> prologue;  // must be the same at both ends
  };
  struct Answer {
    std::vector<std::byte> payload;
    NoiseKeys keys;
  };

  explicit NoiseInitiator(const Options& options);
  // Once. Nothing when the responder's key is not a good one.
  std::optional<std::vector<std::byte>> write_request(const SecretKey& ephemeral,
                                                      std::span<const std::byte> payload);
  // Nothing when the message is not the answer to the request or made with another `shared` key;
  // then the true answer can still be read.
  std::optional<Answer> read_answer(std::span<const std::byte> message,
                                    const SecretKey& shared) const;

 private:
  NoiseSymmetricState state_;
  SecretKey own_;
  PublicKey own_public_;
  PublicKey responder_;
  SecretKey ephemeral_;
};

class NoiseResponder {
 public:
  struct Request {
    PublicKey initiator{};
    std::vector<std::byte> payload;
  };
  struct Answer {
    std::vector<std::byte> message;
    NoiseKeys keys;
  };

  NoiseResponder(const KeyPair& own, std::span<const std::byte> prologue);
  // Once. Nothing when nobody who knows our public key made it with a secret of his own.
  std::optional<Request> read_request(std::span<const std::byte> message);
  // After a request was read; leaves the state as it was. Nothing when the request's ephemeral key
  // was not a good one.
  std::optional<Answer> write_answer(const SecretKey& ephemeral, std::span<const std::byte> payload,
                                     const SecretKey& shared) const;
  // Whose request was read.
  const PublicKey& initiator() const { return initiator_; }

 private:
  NoiseSymmetricState state_;
  SecretKey own_;
  PublicKey initiator_{};
  PublicKey initiator_ephemeral_{};
};

}  // namespace violin
