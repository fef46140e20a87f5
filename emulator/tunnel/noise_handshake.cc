#include "emulator/tunnel/noise_handshake.hh"

#include <algorithm>
#include <string_view>

namespace violin {
namespace {

constexpr std::string_view kProtocol = "Noise_IKpsk2_25519_ChaChaPoly_SHA256";
constexpr size_t kKeySize = std::tuple_size_v<PublicKey>;
constexpr size_t kTagSize = NoiseSymmetricState::kTagSize;

NoiseSymmetricState begin(std::span<const std::byte> prologue, const PublicKey& responder) {
  NoiseSymmetricState state(kProtocol);
  state.mix_hash(prologue);
  state.mix_hash(responder);
  return state;
}

// The token "e": with a shared key in the pattern, the ephemeral key is mixed into the key, too
// (section 9.2).
void mix_ephemeral(NoiseSymmetricState& state, const PublicKey& ephemeral) {
  state.mix_hash(ephemeral);
  state.mix_key(ephemeral);
}

// The tokens "ee", "es", "se" and "ss".
bool mix_shared(NoiseSymmetricState& state, const SecretKey& own, const PublicKey& other) {
  SecretKey shared;
  if (!diffie_hellman(own, other, shared)) return false;
  state.mix_key(shared.bytes());
  return true;
}

PublicKey first_key(std::span<const std::byte> message) {
  PublicKey key;
  std::copy_n(message.begin(), kKeySize, key.begin());
  return key;
}

}  // namespace

NoiseInitiator::NoiseInitiator(const Options& options)
    : state_(begin(options.prologue, options.responder)),
      own_(options.own.secret),
      own_public_(options.own.open),
      responder_(options.responder) {}

std::optional<std::vector<std::byte>> NoiseInitiator::write_request(
    const SecretKey& ephemeral, std::span<const std::byte> payload) {
  const KeyPair pair = KeyPair::from_secret(ephemeral);
  ephemeral_ = ephemeral;
  std::vector<std::byte> message(pair.open.begin(), pair.open.end());
  mix_ephemeral(state_, pair.open);
  if (!mix_shared(state_, ephemeral_, responder_)) return std::nullopt;
  state_.encrypt_and_hash(own_public_, message);
  if (!mix_shared(state_, own_, responder_)) return std::nullopt;
  state_.encrypt_and_hash(payload, message);
  return message;
}

std::optional<NoiseInitiator::Answer> NoiseInitiator::read_answer(
    std::span<const std::byte> message, const SecretKey& shared) const {
  if (message.size() < kAnswerOverhead) return std::nullopt;
  NoiseSymmetricState state = state_;
  const PublicKey ephemeral = first_key(message);
  mix_ephemeral(state, ephemeral);
  if (!mix_shared(state, ephemeral_, ephemeral)) return std::nullopt;
  if (!mix_shared(state, own_, ephemeral)) return std::nullopt;
  state.mix_key_and_hash(shared.bytes());
  Answer answer;
  answer.payload.resize(message.size() - kAnswerOverhead);
  if (!state.decrypt_and_hash(message.subspan(kKeySize), answer.payload.data())) {
    return std::nullopt;
  }
  answer.keys = state.split();
  return answer;
}

NoiseResponder::NoiseResponder(const KeyPair& own, std::span<const std::byte> prologue)
    : state_(begin(prologue, own.open)), own_(own.secret) {}

std::optional<NoiseResponder::Request> NoiseResponder::read_request(
    std::span<const std::byte> message) {
  if (message.size() < NoiseInitiator::kRequestOverhead) return std::nullopt;
  initiator_ephemeral_ = first_key(message);
  mix_ephemeral(state_, initiator_ephemeral_);
  if (!mix_shared(state_, own_, initiator_ephemeral_)) return std::nullopt;
  const auto sealed_key = message.subspan(kKeySize, kKeySize + kTagSize);
  if (!state_.decrypt_and_hash(sealed_key, initiator_.data())) return std::nullopt;
  if (!mix_shared(state_, own_, initiator_)) return std::nullopt;
  Request request{.initiator = initiator_};
  request.payload.resize(message.size() - NoiseInitiator::kRequestOverhead);
  const auto sealed_payload = message.subspan(2 * kKeySize + kTagSize);
  if (!state_.decrypt_and_hash(sealed_payload, request.payload.data())) return std::nullopt;
  return request;
}

std::optional<NoiseResponder::Answer> NoiseResponder::write_answer(
    const SecretKey& ephemeral, std::span<const std::byte> payload, const SecretKey& shared) const {
  const KeyPair pair = KeyPair::from_secret(ephemeral);
  NoiseSymmetricState state = state_;
  Answer answer;
  answer.message.assign(pair.open.begin(), pair.open.end());
  mix_ephemeral(state, pair.open);
  if (!mix_shared(state, ephemeral, initiator_ephemeral_)) return std::nullopt;
  if (!mix_shared(state, ephemeral, initiator_)) return std::nullopt;
  state.mix_key_and_hash(shared.bytes());
  state.encrypt_and_hash(payload, answer.message);
  answer.keys = state.split();
  return answer;
}

}  // namespace violin
