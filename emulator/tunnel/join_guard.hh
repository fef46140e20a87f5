#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/time.hh"
#include "emulator/tunnel/join_mac.hh"
#include "emulator/tunnel/join_message.hh"
#include "emulator/tunnel/rate_limit.hh"
#include "emulator/tunnel/secret_key.hh"
#include "emulator/tunnel/udp_endpoint.hh"

namespace violin {

struct JoinGuardOptions {
  // Requests handled without question; what comes faster must show a cookie.
  RateLimit::Options requests{.per_second = 500, .burst = 1500};
  // For each sender, roughly (see kSenders): cookies given out, and requests with a cookie.
  RateLimit::Options cookies_per_sender{.per_second = 5, .burst = 10};
  RateLimit::Options requests_per_sender{.per_second = 50, .burst = 200};
};

// Decides which join requests are worth the public-key arithmetic, as the WireGuard paper does
// (Donenfeld 2017, section 5.3): none without a good mac1, and under load only those that show, by
// mac2, that their sender receives at the address it sends from. Holds a fixed amount of memory,
// however many senders there are.
class JoinGuard {
 public:
  // Senders share buckets, chosen by a hash of their address that nobody else can compute.
  static constexpr size_t kSenders = 1024;
  // A cookie is good for at least this long after it was given, and at most twice as long.
  static constexpr Duration kCookieLifetime = Duration::seconds(120);

  enum class Verdict {
    kHandle,
    kGiveCookie,
    kNoMac1,     // or a wrong one: silence
    kWrongMac2,  // neither zero nor made with a cookie of ours: silence
    kTooMany,    // silence
  };

  JoinGuard(const PublicKey& own, const JoinGuardOptions& options, SecretSource secrets);
  Verdict judge(const JoinMessage& request, const UdpEndpoint& from, Time now);
  // The datagram to answer kGiveCookie with.
  std::vector<std::byte> cookie_answer(const JoinMessage& request, const UdpEndpoint& from,
                                       Time now);
  const JoinMacKeys& mac_keys() const { return keys_; }

 private:
  struct Sender {
    RateLimit cookies;
    RateLimit requests;
  };
  void renew_secrets(Time now);
  bool check_cookie(const JoinMessage& request, const UdpEndpoint& from);
  Sender& sender(const UdpEndpoint& from);

  JoinMacKeys keys_;
  SecretSource secrets_;
  RateLimit requests_;
  std::vector<Sender> senders_;
  std::array<std::byte, 16> hash_key_{};
  SecretKey secret_, former_secret_;  // that cookies are made with
  Time renewed_ = Time::beginning();
};

}  // namespace violin
