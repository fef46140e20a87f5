#include "emulator/tunnel/join_guard.hh"

#include <utility>

#include "core/byte_order.hh"

namespace violin {

JoinGuard::JoinGuard(const PublicKey& own, const JoinGuardOptions& options, SecretSource secrets)
    : keys_(own),
      secrets_(std::move(secrets)),
      requests_(options.requests),
      senders_(kSenders,
               {RateLimit(options.cookies_per_sender), RateLimit(options.requests_per_sender)}) {
  secrets_(hash_key_);
}

void JoinGuard::renew_secrets(Time now) {
  if (renewed_ != Time::beginning() && now < renewed_ + kCookieLifetime) return;
  // After a long silence the former secret is too old to be kept.
  const bool recent = renewed_ != Time::beginning() && now < renewed_ + kCookieLifetime * 2;
  former_secret_ = recent ? secret_ : SecretKey::generate(secrets_);
  secret_ = SecretKey::generate(secrets_);
  renewed_ = now;
}

bool JoinGuard::check_cookie(const JoinMessage& request, const UdpEndpoint& from) {
  return JoinMacKeys::check_mac2(request, cookie_for(secret_, from)) ||
         JoinMacKeys::check_mac2(request, cookie_for(former_secret_, from));
}

JoinGuard::Sender& JoinGuard::sender(const UdpEndpoint& from) {
  // The port is left out: one host could use all of them.
  std::array<std::byte, 17> text;
  text[0] = std::byte{from.address.is_v6()};
  store_be64(text.data() + 1, from.address.high());
  store_be64(text.data() + 9, from.address.low());
  uint64_t hash = 0;
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash), octets(text.data()), text.size(),
                   octets(hash_key_.data()));
  return senders_[hash % kSenders];
}

JoinGuard::Verdict JoinGuard::judge(const JoinMessage& request, const UdpEndpoint& from, Time now) {
  if (!keys_.check_mac1(request)) return Verdict::kNoMac1;
  renew_secrets(now);
  const bool has_cookie = request.has_mac2();
  if (has_cookie && !check_cookie(request, from)) return Verdict::kWrongMac2;
  if (requests_.take(now)) return Verdict::kHandle;
  if (has_cookie) {
    return sender(from).requests.take(now) ? Verdict::kHandle : Verdict::kTooMany;
  }
  return sender(from).cookies.take(now) ? Verdict::kGiveCookie : Verdict::kTooMany;
}

std::vector<std::byte> JoinGuard::cookie_answer(const JoinMessage& request, const UdpEndpoint& from,
                                                Time now) {
  renew_secrets(now);
  std::array<std::byte, JoinMessage::kCookieNonceSize> nonce;
  secrets_(nonce);
  return keys_.seal_cookie(request, cookie_for(secret_, from), nonce);
}

}  // namespace violin
